import type { Clock } from '../../clock.ts';

/** A bucket of `burst` tokens, of which one comes back each `interval` milliseconds; each request takes one. */
export class RateLimit {
  readonly #interval: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filled: number;

  constructor({ interval, burst }: { interval: number; burst: number }, clock: Clock) {
    this.#interval = interval;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filled = clock.monotonic();
  }

  /** Takes a token. @returns false if there is none */
  allow(): boolean {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filled) / this.#interval);
    this.#filled = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
