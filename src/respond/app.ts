/**
 * The responder wired together. Read `ResponderApp.start` from top to bottom, as the data flows: the saved state, the
 * engine and the evidence, what is done, the inputs, the answers.
 */
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Address } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { ExporterError, systemReason } from '../errors.ts';
import { createScanner } from '../event/scan/create.ts';
import { serviceResolver } from '../ledger/options.ts';
import { type Logger, logFault } from '../log/log.ts';
import { Seldom } from '../log/seldom.ts';
import { Inputs } from '../source/inputs/inputs.ts';
import { stateDirectory } from '../state/directory.ts';
import { Keeper } from '../state/keeper.ts';
import { StateLock } from '../state/lock.ts';
import { SnapshotStore } from '../state/snapshot.ts';
import { within } from '../within.ts';
import { Intake } from './act/intake.ts';
import { Responder } from './act/responder.ts';
import { Engine } from './docker/engine.ts';
import { Neighbours } from './evidence/neighbours.ts';
import { EvidenceStore } from './evidence/store.ts';
import { Journal } from './journal/journal.ts';
import { systemBoot } from './journal/steady.ts';
import { createMetrics } from './metrics.ts';
import type { Policy } from './policy/schema.ts';
import { Reloads } from './reload.ts';
import { ResponderServer } from './web/server.ts';

export interface ResponderAppOptions {
  config: Config;
  policy: Policy;
  /** Undefined: nobody may see or approve anything. */
  token: string | undefined;
  clock: Clock;
  log: Logger;
  build: { version: string; revision: string };
  environment: NodeJS.ProcessEnv;
  stdin: Readable;
  /** Ids of the container that this runs in, or their beginnings. */
  own: readonly string[];
  /** What makes going on impossible: the process must end, and be started anew. */
  lost(error: unknown): void;
}

/** Milliseconds: how often positions are written, and the engine is asked whether it is there. */
const [KEEP, PING] = [10_000, 10_000];
const STOP_PATIENCE = 1500;

interface Parts {
  inputs: Inputs;
  keeper: Keeper;
  lock: StateLock | undefined;
  journal: Journal;
  policies: Reloads;
  responder: Responder;
  server: ResponderServer;
  timers: readonly NodeJS.Timeout[];
}

export class ResponderApp {
  /** Where it listens; of port 0 the free one that was found. */
  readonly address: Address;
  readonly #parts: Parts;

  private constructor(parts: Parts, address: Address) {
    this.#parts = parts;
    this.address = address;
  }

  /** @throws ExporterError: a state or evidence directory that can't be used, an address that can't be listened on */
  static async start(options: ResponderAppOptions): Promise<ResponderApp> {
    const { config, log, lost } = options;
    const policies = new Reloads(options.policy, options.token, log);

    // What earlier processes decided, and how far they read.
    const directory = await ownDirectory(options);
    const lock = await StateLock.take(directory, (reason) =>
      log.debug({ reason }, 'the state directory takes no lock: a second responder there is noticed later'),
    );
    const warn = (fault: ExporterError) => logFault(log, fault);
    const journal = Journal.open(directory, options.clock, systemBoot(), warn);
    const { state, clock } = journal;
    const snapshots = new SnapshotStore(directory);
    const saved = await snapshots.load(warn);

    // The engine, and what is kept of containers.
    const engine = new Engine(policies);
    const store = await openEvidence(
      resolve(options.policy.evidence.dir ?? join(directory, 'evidence')),
      () => policies.current.evidence.max_bytes,
    );
    const neighbours = new Neighbours();

    // What is done.
    const responder = new Responder({
      ...{ policies, journal, engine, store, log, own: options.own, lost },
      hasPeople: () => policies.token !== undefined,
      around: (id) => neighbours.around(id),
    });

    // Lines come in. Nothing is read before `inputs.start()` below.
    const services = serviceResolver(config);
    const intake = new Intake({
      ...{ policies, journal, neighbours },
      scanner: createScanner(services.wanted, config.input.max_line_bytes),
      service: (fields, source) => services.resolve(fields, [], source),
      opened: (id) => responder.wake(id),
    });
    const failures = new Seldom();
    const inputs = new Inputs({
      config,
      clock: options.clock,
      stdin: options.stdin,
      saved: saved?.positions,
      buffer: intake.buffer,
      sink: (framed) => {
        try {
          intake.take(framed);
        } catch (error) {
          // The position must not move past what is not in the journal: the next process reads it again.
          queueMicrotask(() => lost(error));
          throw error;
        }
      },
      reports: {
        incident: (input, incident, details) => {
          log.info({ input, incident, ...details }, 'the input changed');
          setImmediate(() => void keeper.keep());
        },
        notice: (message, details) => log.warn(details, message),
      },
      secure: async () => {
        await keeper.keep();
      },
      caughtUp: () => undefined,
      ready: () => {
        log.info('ready');
        setImmediate(() => void keeper.keep());
      },
      looked: () => undefined,
      failed: (error) => {
        const times = failures.happened(clock.monotonic());
        if (times > 0) log.error({ error: String(error), failures: times }, 'reading failed; trying again');
      },
    });
    const keeper = new Keeper({
      store: snapshots,
      clock: options.clock,
      take: () => ({ positions: inputs.positions(), ledger: { families: {}, lastEvent: [] } }),
      version: () => intake.version,
      failed: (error) => (error.code === 'STATE_NOT_OURS' ? lost(error) : warn(error)),
    });

    // The answers.
    const registry = createMetrics({
      ...{ build: options.build, policies, intake, engine, store, journal },
      inputs: () => inputs.statuses(),
    });
    const server = new ResponderServer({
      view: () => ({
        ...{ state, policy: policies.current },
        shown: (time) => clock.shown(time),
      }),
      token: () => policies.token,
      metrics: () => registry.metrics(),
      notReady: () =>
        inputs.notReady() ??
        (engine.fault ? `the Docker engine: ${engine.fault.message}` : undefined) ??
        (engine.answered ? undefined : 'the Docker engine was not reached yet'),
      say: (id, word, by) => responder.say(id, word, by),
      failed: (error) => log.error({ error: String(error) }, 'an answer failed'),
    });
    const address = await server.listen(policies.current.web.listen_address);

    const ping = watchEngine(engine, log);
    const timers = [setInterval(() => void keeper.keep(), KEEP), setInterval(ping, PING)];
    ping();
    inputs.start();
    responder.start();
    const parts = { inputs, keeper, lock, journal, policies, responder, server, timers };
    return new ResponderApp(parts, address);
  }

  /**
   * SIGHUP: takes another policy, whole or not at all. What is under way goes on as far as the new one asks for it.
   * @param load gives it, or throws what is wrong with it
   */
  reload(load: () => { policy: Policy; token: string | undefined }): void {
    this.#parts.policies.reload(load);
    this.#parts.responder.wakeAll();
  }

  /** Begins nothing new, and keeps what it knows. Takes less than 5 s. */
  async stop(): Promise<void> {
    const { timers, inputs, keeper, server, lock, responder, journal } = this.#parts;
    for (const timer of timers) clearInterval(timer);
    await within(STOP_PATIENCE, inputs.stop());
    await within(STOP_PATIENCE, keeper.keep());
    // What takes longer is looked at by the next process.
    const isDone = await within(
      STOP_PATIENCE,
      responder.stop().then(() => true),
    );
    await server.close();
    await inputs.close();
    if (isDone) journal.close();
    await lock?.release();
  }
}

async function ownDirectory({ config, environment, log }: ResponderAppOptions): Promise<string> {
  const directory = await stateDirectory(config.state.dir, environment, (fault) => logFault(log, fault));
  if (directory !== undefined) return join(directory, 'respond');
  throw new ExporterError('STATE_UNUSABLE', 'the responder does nothing without a state directory', {
    advice: 'Name one that can be written with --state.dir: without it an act could be done twice.',
  });
}

async function openEvidence(directory: string, most: () => number): Promise<EvidenceStore> {
  try {
    return await EvidenceStore.open(directory, most);
  } catch (error) {
    throw new ExporterError('RESPOND_EVIDENCE', `evidence can't be kept: ${systemReason(error)}`, {
      place: { file: directory },
      advice: "Name a directory that can be written with the policy's evidence.dir.",
      cause: error,
    });
  }
}

/** Says once that the engine gives no answer, and that it does again. */
function watchEngine(engine: Engine, log: Logger): () => void {
  let isAway: boolean | undefined;
  return () => {
    engine
      .ping()
      .then(() => {
        if (isAway !== false) log.info('the Docker engine answers');
        isAway = false;
      })
      .catch((error: unknown) => {
        if (isAway !== true)
          log.error({ error: (error as Error).message }, 'the Docker engine gives no answer');
        isAway = true;
      });
  };
}
