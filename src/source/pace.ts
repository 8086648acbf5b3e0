/** An answer that takes longer holds up everything else for too long. Milliseconds. */
const SLOW = 20;

/**
 * Whether one thing is asked of the system in this thread. While the answers are quick that takes a fraction of what
 * waiting for another thread does, and bytes that were read stay in the cache that needs them; a slow disk must not hold
 * up everything else.
 */
export class Pace {
  #quick = true;
  #since = 0;

  /** Before it is asked. @returns whether to ask in this thread */
  begin(): boolean {
    this.#since = performance.now();
    return this.#quick;
  }

  /** After the answer, whoever asked. */
  end(): void {
    this.#quick = performance.now() - this.#since <= SLOW;
  }
}
