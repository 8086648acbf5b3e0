/** Drives the sources: first what was there at the start, then look after look, until it is stopped. */
import type { Clock } from '../clock.ts';
import type { Source } from './source.ts';

/** Polling is the base: watches are silent on some mounts (bind mounts of desktops, NFS, WSL). Milliseconds. */
const POLL = 250;
/** A hint makes the next look earlier, but not so early that a busy writer keeps us looking. */
const HINTED = 50;

export interface PumpOptions {
  sources: readonly Source[];
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
  }

  /** Another look is due soon. */
  hint(): void {
    this.#hinted = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    await this.#each((source) => source.catchUp());
    this.#options.caughtUp();
    await this.#look();
    if (!this.#halt.aborted) this.#options.ready();
    while (!this.#halt.aborted) {
      await this.#pause();
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    await this.#each((source) => source.look());
    this.#options.looked();
  }

  async #each(step: (source: Source) => Promise<void>): Promise<void> {
    for (const source of this.#options.sources) {
      if (this.#halt.aborted) return;
      await step(source).catch((error: unknown) => this.#options.failed(error));
    }
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
