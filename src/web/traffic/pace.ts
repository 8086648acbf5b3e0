/**
 * Work that anybody can ask for, kept to half of the time: after it comes a rest as long as it took. All that is asked
 * for meanwhile is done together, so that what is equal can be done once.
 */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';

/** Longest rest; milliseconds. */
const MOST_REST = 250;

export class Pace {
  readonly #clock: Clock;
  readonly #waiting: (() => Promise<void>)[] = [];
  #runs = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does it now, or after the next rest. */
  do<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => work().then(resolve, reject));
      if (!this.#runs) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#runs = true;
    // Never in the caller's own step: he has yet to note what he asked for.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const began = this.#clock.monotonic();
      for (const work of this.#waiting.splice(0)) void work();
      // What takes the processor is over then; what waits for a disk is not waited for.
      await turn();
      const took = this.#clock.monotonic() - began;
      await pause(Math.min(took, MOST_REST), undefined, { ref: false });
    }
    this.#runs = false;
  }
}
