/** The rooms wired together, from a configuration to a running exporter. */
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Address } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { parseScraper } from '../config/scrapers.ts';
import type { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing/framing.ts';
import { REFUSALS } from '../event/framing/refusal.ts';
import { createScanner } from '../event/scan/create.ts';
import { kernelFault } from '../event/scan/kernel.ts';
import { Intake } from '../ledger/intake.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ledgerOptions } from '../ledger/options.ts';
import type { Family } from '../ledger/series.ts';
import { restore, seriesInOrder, stateOf } from '../ledger/state.ts';
import { restoreViews, viewsState } from '../ledger/views/state.ts';
import type { Identity } from '../ledger/views/view.ts';
import { Views } from '../ledger/views/views.ts';
import { type Logger, logFault } from '../log/log.ts';
import { Seldom } from '../log/seldom.ts';
import { DelayHistogram } from '../metrics/delay.ts';
import { Exposition } from '../metrics/exposition.ts';
import { Scrapes } from '../metrics/scrapes.ts';
import { Inputs } from '../source/inputs/inputs.ts';
import type { Incident } from '../source/source.ts';
import { stateDirectory } from '../state/directory.ts';
import { Keeper } from '../state/keeper.ts';
import { StateLock } from '../state/lock.ts';
import { type Snapshot, SnapshotStore } from '../state/snapshot.ts';
import { Web } from '../web/web.ts';
import { within } from '../within.ts';
import { Reload } from './reload.ts';

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Logger;
  build: { version: string; revision: string };
  environment: NodeJS.ProcessEnv;
  stdin: Readable;
  /** Told what makes going on impossible: the process must end. */
  fatal(error: ExporterError): void;
  /** Told of an error that nobody foresaw: what is counted and what is read may no longer agree. */
  unforeseen(error: unknown): void;
}

/** How often a snapshot is written where nobody asks: of files, which can be read again, and of what can't. In ms. */
const KEEP_FILES = 10_000;
const KEEP_STREAMS = 1000;
/** How often the rules files are looked at for changes, in milliseconds. */
const WATCH_RULES = 5000;
/** A fault of an input is logged no sooner: many pass within a rotation. Milliseconds. */
const NOTICE = 1000;
/** A stop may take 5 s; each of its steps gets some of them. */
const STOP_PATIENCE = 1500;

export class App {
  readonly #options: AppOptions;
  readonly #ledger: Ledger;
  readonly #intake: Intake;
  readonly #views: Views;
  readonly #delay = new DelayHistogram();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #faults = new Map<string, string>();
  readonly #reload: Reload;
  #inputs!: Inputs;
  #keeper: Keeper | undefined;
  #lock: StateLock | undefined;
  #web!: Web;
  /** Whether lines are being counted: their bytes are not passed yet. */
  #counting = false;
  #startedReading = 0;
  #restored = { events: 0, bytes: 0 };
  readonly #failures = new Seldom();
  readonly #snapshotFailures = new Seldom();
  readonly #crowds = new Seldom();
  #noticed = Number.NEGATIVE_INFINITY;

  private constructor(options: AppOptions) {
    const { config, clock, log } = options;
    this.#options = options;
    const ledger = new Ledger(ledgerOptions(config));
    const intake = new Intake(
      {
        ledger,
        clock,
        counted: (batch, now, payload) => {
          this.#delay.observe(batch.time, batch.lines, now);
          this.#web.counted(batch, payload);
        },
        refused: ({ kind, ...told }, input) => log.warn({ input, ...told }, REFUSALS[kind]),
        missed: (fields) =>
          log.warn(
            { fields: fields.join(' ') },
            'no event so far had these fields, which services or labels of the configuration name: is one mistyped, or not in the outputs of Falco?',
          ),
      },
      createScanner(ledger.wanted, config.input.max_line_bytes),
    );
    const why = kernelFault();
    if (why !== undefined) log.warn({ why }, 'WebAssembly can not be used: lines are read more slowly');
    this.#ledger = ledger;
    this.#intake = intake;
    this.#views = new Views({
      series: ledger.families.series,
      hold: config.web.hold,
      clock,
      crowded: (who) => this.#crowded(who),
    });
    this.#reload = new Reload({ config, ledger, intake, log, clock });
  }

  /**
   * Starts it. When this returns it listens; it is ready when what the inputs hold is read.
   * @throws ExporterError: an address that can't be listened on, a state that can't be read
   */
  static async start(options: AppOptions): Promise<App> {
    const app = new App(options);
    const saved = await app.#load();
    await app.#reload.start();
    app.#openInputs(saved);
    app.#web = await app.#startWeb();
    app.#startTimers();
    app.#startedReading = options.clock.monotonic();
    app.#inputs.start();
    return app;
  }

  /** Where it listens; of port 0 the free one that was found. */
  get addresses(): Address[] {
    return this.#web.addresses;
  }

  /** Stops reading, writes the snapshot, finishes open requests. Takes less than 5 s. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await within(STOP_PATIENCE, this.#inputs.stop());
    if (this.#keeper) await within(STOP_PATIENCE, this.#keeper.keep());
    await this.#web.close(STOP_PATIENCE);
    await this.#inputs.close();
    await this.#lock?.release();
  }

  /**
   * After an error that nobody foresaw: writes the snapshot, unless the error came in the middle of counting. Then what
   * is counted and what is read don't agree, and the one on disk is the last good one.
   */
  async rescue(): Promise<void> {
    if (!this.#counting && this.#keeper) await within(STOP_PATIENCE, this.#keeper.keep());
  }

  /** SIGHUP. @param load gives the configuration as it is now, or throws what is wrong with it */
  async reload(load: () => Config): Promise<void> {
    await this.#reload.reload(load);
  }

  // ---- starting

  async #load(): Promise<Snapshot | undefined> {
    const { config, clock, log, environment } = this.#options;
    const directory = await stateDirectory(config.state.dir, environment, (fault) => logFault(log, fault));
    if (directory === undefined) return undefined;
    this.#lock = await StateLock.take(directory, (reason) =>
      log.debug({ reason }, 'the state directory takes no lock: a second exporter there is noticed later'),
    );
    const store = new SnapshotStore(directory);
    this.#keeper = new Keeper({
      store,
      clock,
      take: () => ({
        positions: this.#inputs.positions(),
        ledger: stateOf(this.#ledger, viewsState(this.#views, seriesInOrder(this.#ledger), clock)),
      }),
      version: () => (this.#ledger.inBaseline ? undefined : this.#ledger.version),
      failed: (error) => this.#snapshotFailed(error),
    });
    const snapshot = await store.load((fault) => logFault(log, fault));
    if (snapshot) {
      const restored = restore(this.#ledger, snapshot.ledger);
      this.#sayRestored(store.loadedAt);
      restoreViews(this.#views, snapshot.ledger.views ?? [], restored, config.web.hold, clock);
    }
    return snapshot;
  }

  #sayRestored(writtenAt: number | undefined): void {
    const { clock, log } = this.#options;
    const { families } = this.#ledger;
    this.#restored = { events: families.lines.series(['event']).count, bytes: sumOf(families.bytes) };
    const age = writtenAt === undefined ? undefined : Math.round((clock.now() - writtenAt) / 1000);
    log.info(
      { series: families.series.length, events: this.#restored.events, age_seconds: age },
      'state restored',
    );
  }

  #openInputs(saved: Snapshot | undefined): void {
    const { config, clock, stdin, log } = this.#options;
    this.#inputs = new Inputs({
      config,
      clock,
      stdin,
      saved: saved?.positions,
      buffer: this.#intake.buffer,
      sink: (framed, from, bytes) => this.#count(framed, from, bytes),
      reports: {
        incident: (from, incident, details) => this.#incident(from, incident, details),
        notice: (message, details) => log.warn(details, message),
      },
      secure: async () => {
        this.#ledger.touch();
        await this.#keeper?.keep();
      },
      caughtUp: () => {
        if (this.#ledger.inBaseline) this.#web.endBaseline();
        this.#ledger.endBaseline();
        this.#caughtUp();
      },
      // The very first start is over: a process that is killed from now on, however often, goes on where it stood.
      ready: () => {
        this.#keepSoon();
        log.info('ready');
      },
      looked: () => this.#noticeFaults(),
      failed: (error) => this.#readingFailed(error),
    });
    for (const { input } of this.#inputs.statuses()) this.#ledger.families.expectInput(input);
  }

  #startWeb(): Promise<Web> {
    const { config, clock, log, build } = this.#options;
    const exposition = new Exposition(this.#ledger.families, this.#ownState(), this.#delay);
    const known = config.web.scrapers.map((text) => parseScraper(text)!);
    const scrapes = new Scrapes({
      ledger: this.#ledger,
      views: this.#views,
      known,
      exposition,
      keeper: this.#keeper,
    });
    const { http } = this.#inputs;
    return Web.start({
      config: config.web,
      clock,
      log,
      state: {
        version: build.version,
        startedAt: clock.now(),
        ledger: this.#ledger,
        inputs: () => this.#inputs.statuses(),
        lastLine: (input) => this.#intake.lastLine(input),
        notReady: () => this.#inputs.notReady(),
        snapshot: () => ({ kept: this.#keeper !== undefined, written: this.#keeper?.lastWritten }),
        rules: () => (config.rules.file.length > 0 ? this.#reload.rules.size : undefined),
      },
      environment: this.#options.environment,
      metrics: (asker) => scrapes.answer(asker),
      ingest: http,
    });
  }

  #startTimers(): void {
    this.#timers.push(
      setInterval(() => void this.#keeper?.keep(), this.#inputs.rereadable ? KEEP_FILES : KEEP_STREAMS),
      setInterval(() => void this.#reload.watch(), WATCH_RULES),
    );
  }

  // ---- what happens

  #count(framed: Framed, input: string, bytes: number): void {
    this.#counting = true;
    try {
      this.#intake.take(framed, input, bytes);
    } catch (error) {
      // Reading it again would count twice what was counted before the error.
      this.#options.unforeseen(error);
      throw error;
    }
    this.#counting = false;
  }

  /** Says what was there at the start, and how long it took. */
  #caughtUp(): void {
    const { families } = this.#ledger;
    const read = { events: families.lines.series(['event']).count, bytes: sumOf(families.bytes) };
    const { events, bytes } = this.#restored;
    const seconds = (this.#options.clock.monotonic() - this.#startedReading) / 1000;
    this.#options.log.info(
      { events: read.events - events, bytes: read.bytes - bytes, seconds: Number(seconds.toFixed(3)) },
      'caught up with what the input held',
    );
  }

  #readingFailed(error: unknown): void {
    const { clock, log } = this.#options;
    const failures = this.#failures.happened(clock.monotonic());
    if (failures > 0) log.error({ error: String(error), failures }, 'reading failed; trying again');
  }

  #incident(input: string, incident: Incident, details: Record<string, unknown>): void {
    this.#ledger.incident(input, incident);
    // Files may be gone by the next regular snapshot; one that knows the new file finds what came between.
    this.#keepSoon();
    const { log } = this.#options;
    if (incident === 'gaps') log.warn({ input, ...details }, 'bytes may have been lost');
    else
      log.info(
        { input, ...details },
        incident === 'rotations' ? 'reading a next file' : 'the file was truncated',
      );
  }

  /** A snapshot, when what is being done now is done. */
  #keepSoon(): void {
    setImmediate(() => void this.#keeper?.keep());
  }

  #snapshotFailed(error: ExporterError): void {
    const { clock, log, fatal } = this.#options;
    if (error.code === 'STATE_NOT_OURS') {
      fatal(error);
      return;
    }
    this.#ledger.snapshotFailed();
    if (this.#snapshotFailures.happened(clock.monotonic()) > 0) logFault(log, error);
  }

  /** Says once when an input can't be read, and when it can again. */
  #noticeFaults(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#noticed < NOTICE) return;
    this.#noticed = now;
    for (const { input, fault } of this.#inputs.statuses()) {
      if (fault?.code === this.#faults.get(input)) continue;
      if (fault) {
        this.#faults.set(input, fault.code);
        logFault(this.#options.log, fault);
      } else {
        this.#faults.delete(input);
        this.#options.log.info({ input }, 'the input can be read again');
      }
    }
  }

  #crowded({ group, address, agent }: Identity): void {
    const { clock, log } = this.#options;
    if (this.#crowds.happened(clock.monotonic()) === 0) return;
    const advice = 'Name your scrapers with --web.scrapers, or give them a user or a certificate.';
    log.warn(
      { group, address, agent, advice },
      'more scrapers than have a view of their own: these share one',
    );
  }

  #ownState() {
    return {
      build: this.#options.build,
      inputs: () => this.#inputs.statuses(),
      lastLine: (input: string) => this.#intake.lastLine(input),
      falco: () => this.#ledger.falco.current(),
      lastEvents: () => this.#ledger.lastEvent,
      series: () => ({ used: this.#ledger.families.events.size, limit: this.#ledger.seriesLimit }),
      snapshotWritten: () => this.#keeper?.lastWritten,
      rules: () => this.#reload.rules.values(),
      reload: () => this.#reload.state,
      web: () => this.#web.status,
    };
  }
}

function sumOf(family: Family): number {
  return [...family.all()].reduce((sum, { count }) => sum + count, 0);
}
