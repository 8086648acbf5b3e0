import type { Clock } from '../../clock.ts';

/** Keys that are remembered at once; of more, the one that asked longest ago is forgotten. */
const MOST_KEYS = 4096;

/**
 * A bucket of `burst` tokens for each key, of which one comes back each `interval` milliseconds; each request takes one.
 * A client that asks too often uses up only its own tokens.
 */
export class RateLimit {
  readonly #interval: number;
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; filled: number }>();

  constructor({ interval, burst }: { interval: number; burst: number }, clock: Clock) {
    this.#interval = interval;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** Takes a token. @param key who asks. @returns false if there is none */
  allow(key: string): boolean {
    const now = this.#clock.monotonic();
    const { tokens, filled } = this.#buckets.get(key) ?? { tokens: this.#burst, filled: now };
    const left = Math.min(this.#burst, tokens + (now - filled) / this.#interval);
    // Behind all others: the first is then the one that asked longest ago.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: left < 1 ? left : left - 1, filled: now });
    if (this.#buckets.size > MOST_KEYS) this.#buckets.delete(this.#buckets.keys().next().value!);
    return left >= 1;
  }
}
