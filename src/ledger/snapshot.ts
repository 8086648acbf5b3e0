/**
 * The snapshot on disk: positions and counts as one value, so that they can never disagree. One file, replaced
 * atomically: written beside it, fsynced, renamed, and the directory fsynced. A crash at any moment leaves the old or
 * the new one.
 *
 * The first line says what it is and who wrote it; the second is the value. Before each rename the file there must
 * still be the one that this process wrote or loaded: where it isn't, another process owns the state.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ExporterError, systemCode } from '../errors.ts';
import type { PathPositions } from '../source/source.ts';
import { ledgerState } from './state.ts';

const FORMAT = 'falco-event-exporter snapshot';
const VERSION = 1;
export const SNAPSHOT_FILE = 'snapshot.json';

const proof = z.object({ length: z.number().int().nonnegative(), sha256: z.string() });
const head = proof.extend({ line: proof });
const position = z.object({
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  head,
  tail: proof,
  offset: z.number().int().nonnegative(),
  pending: z.number().int().nonnegative().optional(),
});
const path = z.object({
  input: z.string(),
  path: z.string(),
  targets: z.array(z.string()),
  since: z.number(),
  files: z.array(position),
  finished: z.array(head),
});
const value = z.object({
  positions: z.array(path),
  ledger: ledgerState,
});
const header = z.object({
  format: z.literal(FORMAT),
  version: z.number(),
  /** Names one writing of one process. */
  writing: z.string(),
  sha256: z.string(),
});

/** What a snapshot holds. */
export interface Snapshot {
  positions: PathPositions[];
  ledger: z.infer<typeof ledgerState>;
}

export class SnapshotStore {
  readonly #directory: string;
  readonly #process = randomUUID();
  #sequence = 0;
  /** The `writing` of the file that this process wrote or loaded; undefined: there was none. */
  #ours: string | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get path(): string {
    return join(this.#directory, SNAPSHOT_FILE);
  }

  /**
   * The snapshot that an earlier process left; undefined if there is none. One that is torn, foreign or of a newer
   * version is renamed, never deleted, and given to `setAside`.
   * @throws STATE_UNUSABLE where there may be one that can't be read or set aside: to begin anew would count twice
   */
  async load(setAside: (fault: ExporterError) => void): Promise<Snapshot | undefined> {
    await this.#sweep();
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw unusable(this.path, error);
    }
    try {
      const { writing, snapshot } = parse(bytes);
      this.#ours = writing;
      return snapshot;
    } catch (error) {
      const aside = `${this.path}.set-aside-${randomUUID().slice(0, 8)}`;
      await rename(this.path, aside).catch((failed: unknown) => {
        throw unusable(this.path, failed);
      });
      setAside(
        new ExporterError('STATE_TORN', `the snapshot is not one of ours: ${reason(error)}`, {
          place: { file: this.path },
          advice: `It was kept as ${aside}. Counting begins anew, as at a very first start.`,
          cause: error,
        }),
      );
      return undefined;
    }
  }

  /**
   * Replaces the snapshot. When this returns it is on the disk. What `load` would refuse is never written.
   * @throws STATE_NOT_OURS where another process has written it since, STATE_UNUSABLE for all else
   */
  async write(snapshot: Snapshot): Promise<void> {
    const body = `${JSON.stringify(snapshot)}\n`;
    const writing = `${this.#process}:${++this.#sequence}`;
    const sha256 = checksum(writing, body);
    const head = JSON.stringify({ format: FORMAT, version: VERSION, writing, sha256 });
    const temporary = `${this.path}.${this.#process}.tmp`;
    try {
      value.parse(snapshot);
      await mkdir(this.#directory, { recursive: true });
      await writeDurably(temporary, `${head}\n${body}`);
      await this.#ensureOurs();
      await rename(temporary, this.path);
      this.#ours = writing;
      await syncDirectory(this.#directory);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error instanceof ExporterError ? error : unusable(this.path, error);
    }
  }

  /** What a process that was killed while writing left behind. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#directory).catch((): string[] => []);
    for (const name of names)
      if (name.startsWith(`${SNAPSHOT_FILE}.`) && name.endsWith('.tmp'))
        await rm(join(this.#directory, name), { force: true }).catch(() => undefined);
  }

  async #ensureOurs(): Promise<void> {
    const found = await readWriting(this.path);
    // Deleted by hand is no other owner: it is written anew.
    if (found === undefined || found === this.#ours) return;
    throw new ExporterError('STATE_NOT_OURS', 'another process writes this snapshot', {
      place: { file: this.path },
      advice: 'Give each exporter a --state.dir of its own: two that share one would lose and repeat counts.',
    });
  }
}

function parse(bytes: Buffer): { writing: string; snapshot: Snapshot } {
  const newline = bytes.indexOf('\n');
  const { version, writing, sha256 } = header.parse(JSON.parse(bytes.toString('utf8', 0, newline)));
  if (version !== VERSION) throw new Error(`it has version ${version}, this exporter reads ${VERSION}`);
  const body = bytes.subarray(newline + 1);
  if (checksum(writing, body) !== sha256) throw new Error('its checksum does not match');
  return { writing, snapshot: value.parse(JSON.parse(body.toString())) as Snapshot };
}

/** Of all that the file says; hex. */
function checksum(writing: string, body: string | Buffer): string {
  return createHash('sha256').update(`${writing}\n`).update(body).digest('hex');
}

/** The `writing` of a snapshot on disk; "" for a file that says none, undefined for no file. */
async function readWriting(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0).finally(() => file.close());
    const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0]!;
    return header.parse(JSON.parse(line)).writing;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : '';
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

function reason(error: unknown): string {
  return error instanceof z.ZodError
    ? z.prettifyError(error).split('\n', 1)[0]!
    : String((error as Error).message);
}

function unusable(file: string, error: unknown): ExporterError {
  return new ExporterError('STATE_UNUSABLE', `the state can't be kept: ${reason(error)}`, {
    place: { file },
    advice: 'Counting and serving go on; until this is mended, a crash forgets what was counted since.',
    cause: error,
  });
}
