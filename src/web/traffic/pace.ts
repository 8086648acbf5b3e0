/**
 * Work that anybody can ask for, kept to half of the time: after each piece comes a rest as long as it took. Scrapes go
 * before all else, and of each kind every peer has its turn, so that nobody gets ahead by asking often. What is asked for
 * meanwhile waits, so that what is equal can be done once.
 */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { Turns } from './turns.ts';

/** Work that takes no longer is done in one piece with the next; milliseconds. */
const PIECE = 10;
/** Longest rest; milliseconds. */
const MOST_REST = 250;
/** Works that wait for a disk or another thread at once: each may hold a long text. */
const MOST_UNFINISHED = 4;

/** On whose behalf something is done. */
export interface Asker {
  peer: string;
  scrapes: boolean;
}

/** Never rejects. */
type Work = () => Promise<void>;

export class Pace {
  readonly #clock: Clock;
  // Slots bound how many wait.
  readonly #scrapes = new Turns<Work>(Number.POSITIVE_INFINITY);
  readonly #others = new Turns<Work>(Number.POSITIVE_INFINITY);
  #unfinished = 0;
  #finished: (() => void) | undefined;
  #runs = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does it in its turn. */
  do<T>({ peer, scrapes }: Asker, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = scrapes ? this.#scrapes : this.#others;
      waiting.push(peer, () => work().then(resolve, reject));
      if (!this.#runs) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#runs = true;
    // Never in the caller's own step: he has yet to note what he asked for.
    await Promise.resolve();
    while (this.#waiting > 0) {
      if (this.#unfinished === MOST_UNFINISHED)
        await new Promise<void>((resolve) => {
          this.#finished = resolve;
        });
      const began = this.#clock.monotonic();
      let took = 0;
      do {
        this.#begin();
        // What takes the processor is over then; what waits for a disk or another thread is not waited for.
        await turn();
        took = this.#clock.monotonic() - began;
      } while (took < PIECE && this.#waiting > 0 && this.#unfinished < MOST_UNFINISHED);
      await rest(took);
    }
    this.#runs = false;
  }

  get #waiting(): number {
    return this.#scrapes.size + this.#others.size;
  }

  #begin(): void {
    const work = this.#scrapes.next(equal) ?? this.#others.next(equal);
    this.#unfinished++;
    void work!().then(() => {
      this.#unfinished--;
      this.#finished?.();
    });
  }
}

/** As long as the work took, within bounds; it doesn't keep the process alive. @param took milliseconds */
export async function rest(took: number): Promise<void> {
  await pause(Math.min(took, MOST_REST), undefined, { ref: false });
}

/** All peers weigh the same: whose turn was longest ago is next. */
const equal = () => 0;
