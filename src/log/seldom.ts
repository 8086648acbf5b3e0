/** Milliseconds. */
const MINUTE = 60_000;

/** For a line of the log about what may happen many times a second: once a minute, with how often it happened. */
export class Seldom {
  #logged = Number.NEGATIVE_INFINITY;
  #since = 0;

  /**
   * It happened once more.
   * @param now the monotonic clock in milliseconds
   * @returns 0: say nothing; else how often it happened since it was last said
   */
  happened(now: number): number {
    this.#since++;
    if (now - this.#logged < MINUTE) return 0;
    this.#logged = now;
    const times = this.#since;
    this.#since = 0;
    return times;
  }
}
