/** Takes evidence of a container: all at once, since what is fleeting must be had before the container is touched. */
import type { Engine } from '../docker/engine.ts';
import { type Answer, EngineError } from '../docker/request.ts';
import { logText } from '../docker/streams.ts';
import type { Decided, OpenResponse } from '../journal/records.ts';
import type { Policy } from '../policy/schema.ts';
import type { Collection, EvidenceStore } from './store.ts';

/** Newest lines of a log that are asked for; fewer where these are too long, since the engine gives the oldest first. */
const LOG_LINES = [5000, 500, 50];
const EXPORT = 'export.tar';
/** An export may take so long; milliseconds. */
const EXPORT_PATIENCE = 120_000;
/** What is asked for again has more time; milliseconds. */
const SECOND_PATIENCE = 20_000;

export interface Evidence {
  directory: string;
  /** Whether all is there but for what the engine can't give of this container. */
  complete: boolean;
}

/** @param around the event's neighbours in the file, a line each */
export async function takeEvidence(
  parts: { engine: Engine; store: EvidenceStore; policy: Policy; now: Date },
  response: OpenResponse & { decided: Decided },
  around: Buffer,
): Promise<Evidence> {
  const { engine, store, policy, now } = parts;
  const { decided, event, id } = response;
  const { container } = decided;
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const collection = await store.begin(`${time}-${container.id.slice(0, 12)}-${id.slice(0, 8)}`, {
    response: id,
    policy_response: decided.response,
    container,
    rule: event.rule,
    event_time: new Date(event.time).toISOString(),
  });
  await Promise.all([
    ...asked(engine, container.id, policy, policy.evidence.patience).map((each) => each(collection)),
    collection.put('event.json', Buffer.from(`${event.line}\n`)),
    collection.put('neighbours.jsonl', around),
  ]);
  await collection.seal();
  return { directory: collection.directory, complete: collection.missing.length === 0 };
}

/** Asks again for what was missing, with more patience, and for the container's files where the policy wants them. */
export async function completeEvidence(
  { engine, store, policy }: { engine: Engine; store: EvidenceStore; policy: Policy },
  directory: string,
  container: string,
): Promise<Evidence> {
  const collection = await store.reopen(directory);
  const missing = new Set(collection.missing);
  if (missing.size > 0)
    await Promise.all(
      asked(engine, container, policy, SECOND_PATIENCE, missing).map((each) => each(collection)),
    );
  const { export: wanted, max_export_bytes: most } = policy.evidence;
  if (wanted && !collection.has(EXPORT))
    await collection.stream(EXPORT, most, (take) => engine.exported(container, EXPORT_PATIENCE, most, take));
  await collection.seal();
  const lacking = collection.missing.filter((file) => file !== EXPORT);
  return { directory, complete: lacking.length === 0 };
}

/** What the engine is asked for, and where it goes. */
function asked(
  engine: Engine,
  id: string,
  { evidence }: Policy,
  patience: number,
  only?: ReadonlySet<string>,
): ((collection: Collection) => Promise<void>)[] {
  const files: [string, () => Promise<Answer>][] = [
    ['top.json', () => engine.processes(id, patience)],
    ['inspect.json', () => engine.inspected(id, patience)],
    ['diff.json', () => engine.changes(id, patience)],
    [
      'logs.txt',
      async () => {
        let answer: Answer | undefined;
        for (const lines of LOG_LINES)
          if (answer === undefined || answer.cut)
            answer = await engine.logs(id, patience, evidence.max_log_bytes, lines);
        return { body: logText(answer!.body), cut: answer!.cut };
      },
    ],
  ];
  return files
    .filter(([file]) => only === undefined || only.has(file))
    .map(([file, ask]) => async (collection) => {
      try {
        const { body, cut } = await ask();
        await collection.put(file, body, cut);
      } catch (error) {
        const reason = (error as Error).message;
        if (cannotBe(file, error))
          await collection.put(file, Buffer.from(`${JSON.stringify({ none: reason })}\n`));
        else collection.lack(file, reason);
      }
    });
}

/** What there is not of such a container: no processes of one that has ended, no log of a driver that keeps none. */
function cannotBe(file: string, error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  if (file === 'top.json') return error.status === 409;
  return file === 'logs.txt' && (error.status === 501 || /does not support reading/i.test(error.message));
}
