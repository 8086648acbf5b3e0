/**
 * Wires the modules together, from a configuration to a running exporter. Read `App.start` from top to bottom, as the
 * data flows: the saved state, the counts, the inputs, the snapshot, the answers.
 */
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Address } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { parseScraper } from '../config/scrapers.ts';
import type { ExporterError } from '../errors.ts';
import { createScanner } from '../event/scan/create.ts';
import { kernelFault } from '../event/scan/kernel.ts';
import { History } from '../ledger/history/history.ts';
import { Intake } from '../ledger/intake.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ledgerOptions } from '../ledger/options.ts';
import { Retirement } from '../ledger/retirement.ts';
import { seriesInOrder, stateOf } from '../ledger/state.ts';
import { viewsState } from '../ledger/views/state.ts';
import { Views } from '../ledger/views/views.ts';
import type { Logger } from '../log/log.ts';
import { DelayHistogram } from '../metrics/delay.ts';
import { Exposition } from '../metrics/exposition.ts';
import { Scrapes } from '../metrics/scrapes.ts';
import { NoiseLooks } from '../noise/look.ts';
import { Inputs } from '../source/inputs/inputs.ts';
import { Keeper } from '../state/keeper.ts';
import type { StateLock } from '../state/lock.ts';
import { LiveEvents } from '../web/events/live-events.ts';
import { Web } from '../web/web.ts';
import { within } from '../within.ts';
import { type LingerOptions, linger } from './linger.ts';
import { nodeOf } from './node.ts';
import { Notices } from './notices.ts';
import { readBack } from './read-back.ts';
import { Reload } from './reload.ts';
import { amountOf, openState, restoreCounts } from './saved-state.ts';

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Logger;
  build: { version: string; revision: string };
  environment: NodeJS.ProcessEnv;
  stdin: Readable;
}

/** How often a snapshot is written where nobody asks: of files, which can be read again, and of what can't. In ms. */
const KEEP_FILES = 10_000;
const KEEP_STREAMS = 1000;
/** How often the rules files are looked at for changes, in milliseconds. */
const WATCH_RULES = 5000;
/** A stop may take 5 s; each of its steps gets some of them. */
const STOP_PATIENCE = 1500;

/** The parts of a running exporter that must be stopped. */
interface Parts {
  intake: Intake;
  reload: Reload;
  inputs: Inputs;
  /** Undefined where nothing is kept across restarts. */
  keeper: Keeper | undefined;
  lock: StateLock | undefined;
  web: Web;
  /** What it goes on to watch at a linger. */
  lingering: Omit<LingerOptions, 'pause'>;
  timers: readonly NodeJS.Timeout[];
  lost: Promise<ExporterError>;
}

export class App {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Starts it. When this returns it listens; it is ready when what the inputs hold is read.
   * @throws ExporterError: an address that can't be listened on, a state that can't be read
   */
  static async start(options: AppOptions): Promise<App> {
    const { config, clock, log, build } = options;
    const notices = new Notices(log, clock);
    const saved = await openState(config, options.environment, log);

    // The counts, and what each scraper is shown of them.
    const created = config.metrics.created_timestamps;
    const ledger = new Ledger({ ...ledgerOptions(config), ...(created && { now: () => clock.now() }) });
    const views = new Views({
      series: ledger.families.series,
      hold: config.web.hold,
      clock,
      crowded: (who) => notices.crowded(who),
    });
    const history = new History(clock);
    restoreCounts(saved, { ledger, history, views, notices }, options);
    const retirement = new Retirement({ ledger, views, clock, retention: config.series_retention });

    // What takes each batch once it is counted; then what counts it.
    const delay = new DelayHistogram();
    const labelsOf = (tuple: number) => ledger.labelsOf(tuple);
    const live = config.web.disable_events ? undefined : new LiveEvents(labelsOf, clock);
    const intake = new Intake(
      {
        ledger,
        clock,
        counted: (batch, now, payload) => {
          history.take(batch, labelsOf, false);
          delay.observe(batch.time, batch.lines, now);
          live?.take(batch, payload);
        },
        before: (batch, payload) => {
          history.take(batch, labelsOf, true);
          live?.takeEarlier(batch, payload);
        },
        refused: (refusal, input) => notices.refused(refusal, input),
        missed: (fields) => notices.missedFields(fields),
      },
      createScanner(ledger.wanted, config.input.max_line_bytes),
    );
    const withoutKernel = kernelFault();
    if (withoutKernel !== undefined) notices.withoutKernel(withoutKernel);
    const reload = new Reload({ config, ledger, intake, log, clock });
    await reload.start();
    if (live && saved?.snapshot)
      await readBack(saved.snapshot.positions.files, reload.rules.values(), config, live);

    // Lines come in. Nothing is read before `inputs.start()` below.
    const inputs = new Inputs({
      config,
      clock,
      stdin: options.stdin,
      saved: saved?.snapshot?.positions,
      buffer: intake.buffer,
      sink: (framed, input, bytes) => {
        try {
          intake.take(framed, input, bytes);
        } catch (error) {
          // Reading it again would count twice what was counted before the error: it ends the process.
          queueMicrotask(() => {
            throw error;
          });
          throw error;
        }
      },
      reports: {
        incident: (input, incident, details) => {
          ledger.incident(input, incident);
          // Files may be gone by the next regular snapshot; one that knows the new file finds what came between.
          keepSoon(keeper);
          notices.incident(input, incident, details);
        },
        notice: (message, details) => log.warn(details, message),
      },
      secure: async () => {
        ledger.touch();
        await keeper?.keep();
      },
      caughtUp: () => {
        ledger.endBaseline();
        notices.caughtUp(amountOf(ledger));
      },
      // The very first start is over: a process that is killed from now on, however often, goes on where it stood.
      ready: () => {
        keepSoon(keeper);
        notices.ready();
      },
      looked: () => notices.faults(() => inputs.statuses()),
      failed: (error) => notices.readingFailed(error),
    });
    for (const { input } of inputs.statuses()) ledger.families.expectInput(input);

    // Positions and counts go into one snapshot.
    const happenings = new EventEmitter<{ lost: [ExporterError] }>();
    const lost = once(happenings, 'lost').then(([error]) => error as ExporterError);
    const keeper =
      saved &&
      new Keeper({
        store: saved.store,
        clock,
        take: () => ({
          positions: inputs.positions(),
          ledger: stateOf(ledger, viewsState(views, seriesInOrder(ledger), clock), history.state()),
        }),
        version: () => (ledger.inBaseline ? undefined : ledger.version),
        failed: (error) => {
          if (error.code === 'STATE_NOT_OURS') {
            happenings.emit('lost', error);
            return;
          }
          ledger.snapshotFailed();
          notices.snapshotFailed(error);
        },
      });

    // The answers: /metrics, and all else that is on HTTP.
    const exposition = new Exposition(
      ledger.families,
      {
        build,
        now: () => clock.now(),
        inputs: () => inputs.statuses(),
        lastLine: (input) => intake.lastLine(input),
        falco: () => ledger.falco.current(),
        lastEvents: () => ledger.lastEvent,
        rare: () => ({ fresh: history.pairs.fresh(clock.now()), unusual: history.unusualSeries() }),
        series: () => ({ used: ledger.families.events.size, limit: ledger.seriesLimit }),
        snapshotWritten: () => keeper?.lastWritten,
        rules: () => reload.rules,
        reload: () => reload.state,
        web: () => web.status,
      },
      delay,
      { lean: ledger.lean, created, node: nodeOf(config, options.environment) },
    );
    const known = config.web.scrapers.map((text) => parseScraper(text)!);
    const scrapes = new Scrapes({ ledger, views, retirement, known, exposition, keeper, created });
    const { file = [], max_line_bytes: maxLine } = config.input;
    const noise = new NoiseLooks({ inputs: file, maxLine, rules: config.rules }, clock);
    const web = new Web({
      config: config.web,
      clock,
      log,
      state: {
        version: build.version,
        startedAt: clock.now(),
        ledger,
        history,
        inputs: () => inputs.statuses(),
        lastLine: (input) => intake.lastLine(input),
        notReady: () => inputs.notReady(),
        snapshot: () => ({ kept: keeper !== undefined, written: keeper?.lastWritten }),
        rules: () => (config.rules.file.length > 0 ? reload.rules.size : undefined),
      },
      live,
      environment: options.environment,
      metrics: (client, format) => scrapes.answer(client, format),
      noise: () => noise.look(),
      ingest: inputs.http,
    });
    await web.listen();

    const timers = [
      setInterval(() => void keeper?.keep(), inputs.rereadable ? KEEP_FILES : KEEP_STREAMS),
      setInterval(() => void reload.watch(), WATCH_RULES),
    ];
    notices.reading(amountOf(ledger));
    inputs.start();
    const lingering = { ledger, views, inputs, clock, patience: config.web.linger };
    return new App({ intake, reload, inputs, keeper, lock: saved?.lock, web, lingering, timers, lost });
  }

  /** Where it listens; of port 0 the free one that was found. */
  get addresses(): Address[] {
    return this.#parts.web.addresses;
  }

  /** Resolves with what makes going on impossible, if that happens: the process must end. */
  get lost(): Promise<ExporterError> {
    return this.#parts.lost;
  }

  /** Goes on until scrapers have seen all that was written: see linger.ts. Takes no longer than `web.linger` says. */
  linger(pause: (milliseconds: number) => Promise<unknown>): Promise<string | undefined> {
    return linger({ ...this.#parts.lingering, pause });
  }

  /** Stops reading, writes the snapshot, finishes open requests. Takes less than 5 s. */
  async stop(): Promise<void> {
    const { timers, inputs, keeper, web, lock } = this.#parts;
    for (const timer of timers) clearInterval(timer);
    await within(STOP_PATIENCE, inputs.stop());
    if (keeper) await within(STOP_PATIENCE, keeper.keep());
    await web.close(STOP_PATIENCE);
    await inputs.close();
    await lock?.release();
  }

  /**
   * After an error that nobody foresaw: writes the snapshot, unless the error came in the middle of counting. Then what
   * is counted and what is read don't agree, and the one on disk is the last good one.
   */
  async rescue(): Promise<void> {
    const { intake, keeper } = this.#parts;
    if (!intake.torn && keeper) await within(STOP_PATIENCE, keeper.keep());
  }

  /** SIGHUP. @param load gives the configuration as it is now, or throws what is wrong with it */
  async reload(load: () => Config): Promise<void> {
    await this.#parts.reload.reload(load);
  }
}

/** A snapshot, when what is being done now is done. */
function keepSoon(keeper: Keeper | undefined): void {
  setImmediate(() => void keeper?.keep());
}
