/** Drives the sources: first what was there at the start, then look after look, until it is stopped. */
import type { Clock } from '../../clock.ts';

/** Polling is the base: watches are silent on some mounts (bind mounts of desktops, NFS, WSL). Milliseconds. */
const POLL = 250;
/** A hint makes the next look earlier, but not so early that a busy writer keeps us looking. */
const HINTED = 50;
/** A look or a search that got no answer of the system for so long hangs; milliseconds. */
const HANGS = 10_000;

/** What is looked at. */
export interface Looked {
  /** Reads what is there now, and no byte more. */
  catchUp(): Promise<void>;
  /** @returns whether there is more to read at once */
  look(): Promise<boolean>;
  /** Whether there is anything to do beside the looks. */
  readonly busy: boolean;
  /** @returns whether there is more to do at once */
  search(): Promise<boolean>;
}

export interface PumpOptions {
  source: Looked;
  clock: Clock;
  /** What was there at the start is read. */
  caughtUp(): void;
  /** The first look after that is done: what is read from here on is as it comes. */
  ready(): void;
  /** A look is done. */
  looked(): void;
  /** A look failed as none should. Reading goes on with the next. */
  failed(error: unknown): void;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #halt: AbortSignal;
  #wake: (() => void) | undefined;
  #hinted = false;
  #running: Promise<void> | undefined;
  #searching: Promise<void> | undefined;
  /** When the look, and the search, had their last answer; undefined while there is none. By the monotonic clock. */
  #lookSince: number | undefined;
  #searchSince: number | undefined;

  /** @param halt ends it: with the look at hand, which ends early itself */
  constructor(options: PumpOptions, halt: AbortSignal) {
    this.#options = options;
    this.#halt = halt;
    halt.addEventListener('abort', () => this.#wake?.());
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the last look is over. */
  async stopped(): Promise<void> {
    await this.#running;
    await this.#searching;
  }

  /** Another look is due soon. */
  hint(): void {
    this.#hinted = true;
    this.#wake?.();
  }

  /** The system answered. The first search is part of the first look. */
  progress(of: 'look' | 'search'): void {
    const now = this.#options.clock.monotonic();
    if (of === 'search' && this.#searchSince !== undefined) this.#searchSince = now;
    else if (this.#lookSince !== undefined) this.#lookSince = now;
  }

  /** What does not end: the system gives no answer. Undefined where all is well. */
  get hanging(): 'look' | 'search' | undefined {
    const since = this.#options.clock.monotonic() - HANGS;
    if (this.#lookSince !== undefined && this.#lookSince < since) return 'look';
    return this.#searchSince !== undefined && this.#searchSince < since ? 'search' : undefined;
  }

  async #run(): Promise<void> {
    const { source, caughtUp, ready, clock } = this.#options;
    this.#lookSince = clock.monotonic();
    await source.catchUp().catch((error: unknown) => this.#options.failed(error));
    caughtUp();
    let more = await this.#look();
    if (!this.#halt.aborted) ready();
    while (!this.#halt.aborted) {
      this.#search();
      if (!more) await this.#pause();
      more = await this.#look();
    }
  }

  async #look(): Promise<boolean> {
    if (this.#halt.aborted) return false;
    const { source, looked, failed, clock } = this.#options;
    this.#lookSince = clock.monotonic();
    const more = await source.look().catch((error: unknown) => {
      failed(error);
      return false;
    });
    this.#lookSince = undefined;
    looked();
    return more;
  }

  /** Beside the looks: a search that takes long, or that never ends, holds up no look. */
  #search(): void {
    const { source, failed, clock } = this.#options;
    if (this.#searching || !source.busy) return;
    const run = async () => {
      this.#searchSince = clock.monotonic();
      while ((await source.search()) && !this.#halt.aborted);
      this.hint();
    };
    this.#searching = run()
      .catch(failed)
      .finally(() => {
        this.#searching = undefined;
        this.#searchSince = undefined;
      });
  }

  /** Until the next look is due. One timer while nothing happens: each that fires is paid for all day long. */
  async #pause(): Promise<void> {
    const { clock } = this.#options;
    const since = clock.monotonic();
    if (!this.#hinted) await this.#wait(POLL, true);
    const left = HINTED - (clock.monotonic() - since);
    if (left > 0) await this.#wait(left, false);
    this.#hinted = false;
  }

  #wait(milliseconds: number, hintable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wake = () => {
        if (hintable || this.#halt.aborted) done();
      };
      if (this.#halt.aborted) done();
    });
  }
}
