import type { Clock } from '../../clock.ts';

/**
 * A change within one tick of the system's clock shows in no time of the directory, nor does one of a file in it: it is
 * listed again after the first of these, then after twice as long each time, up to the second. Milliseconds.
 */
const [AGAIN, MOST_AGAIN] = [2000, 300_000];

/** Which directories are to be searched. */
export class DueDirectories {
  readonly #clock: Clock;
  readonly #due = new Set<string>();
  /** When each is searched again. */
  readonly #again = new Map<string, number>();
  /** How long to wait the time after that. */
  readonly #waits = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something may have changed there. */
  ask(directory: string): void {
    this.#waits.delete(directory);
    this.#due.add(directory);
  }

  /** Not at once: other files are looked at before. */
  askAgain(directory: string): void {
    this.#waits.delete(directory);
    this.#again.set(directory, this.#clock.monotonic() + AGAIN);
  }

  get any(): boolean {
    const now = this.#clock.monotonic();
    for (const [directory, at] of this.#again) {
      if (now < at) continue;
      this.#again.delete(directory);
      this.#due.add(directory);
    }
    return this.#due.size > 0;
  }

  /** All that are due, and that are not any more. */
  take(): string[] {
    const all = [...this.#due];
    this.#due.clear();
    return all;
  }

  /** They could not be searched to the end. */
  putBack(directories: readonly string[]): void {
    for (const directory of directories) this.#due.add(directory);
  }

  /** They were searched. @param places where there still is something to be found */
  searched(directories: readonly string[], places: ReadonlyMap<string, unknown>): void {
    for (const directory of directories) {
      const wait = this.#waits.get(directory) ?? AGAIN;
      this.#waits.delete(directory);
      if (!places.has(directory)) continue;
      this.#waits.set(directory, Math.min(2 * wait, MOST_AGAIN));
      this.#again.set(directory, this.#clock.monotonic() + wait);
    }
  }
}
