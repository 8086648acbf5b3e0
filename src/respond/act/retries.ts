/** What went wrong with the engine for each response, since the last thing that went well. In memory alone. */

/** Between tries, in milliseconds: doubled each time, up to the most. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [250, 15_000];

export class Retries {
  readonly #failed = new Map<string, number>();
  /** Intents of this process that surely did not reach the engine. */
  readonly #unsent = new Set<string>();

  /** Counts a failure. @returns how long to wait, in milliseconds */
  wait(response: string): number {
    const failed = this.count(response);
    this.#failed.set(response, failed + 1);
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failed);
  }

  count(response: string): number {
    return this.#failed.get(response) ?? 0;
  }

  /** Whether what was begun surely did not reach the engine. */
  isUnsent(response: string): boolean {
    return this.#unsent.has(response);
  }

  unsent(response: string, is: boolean): void {
    if (is) this.#unsent.add(response);
    else this.#unsent.delete(response);
  }

  /** Something went well, or it is over. */
  forget(response: string): void {
    this.#failed.delete(response);
    this.#unsent.delete(response);
  }
}
