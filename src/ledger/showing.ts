/**
 * What Prometheus may be shown. `increase()` can't see a series that is born at 1, and misses what happened in a gap if
 * the first sample after it holds it already. So each scrape gets `shown`, which follows the count except in a hold:
 *
 * - a series never shown before is held at 0;
 * - after a restart, and when no Prometheus scrape came for two minutes, all are held at what was last shown.
 *
 * A hold begins with the first scrape that shows it and ends with the first one at least the hold's time later. One that
 * began after two minutes without a scrape is not begun anew by two more: some servers scrape no more often.
 */
import type { Families } from './families.ts';

/** Without a scrape for so long, the alert's window may have passed over what was last seen; milliseconds. */
const AWAY = 120_000;

export class Showing {
  readonly #families: Families;
  readonly #hold: number;
  /** When the hold of all series began, by the monotonic clock in ms; 'due' before its first scrape. */
  #held: number | 'due' | undefined = 'due';
  #heldForAway = false;
  #lastScrape: number | undefined;

  /** @param hold in milliseconds; two scrape intervals, so that one lost answer does no harm */
  constructor(families: Families, hold: number) {
    this.#families = families;
    this.#hold = hold;
  }

  /**
   * A Prometheus scrape: brings `shown` of every series to what this scrape may see.
   * @param now the monotonic clock in milliseconds
   * @returns whether any changed
   */
  scrape(now: number): boolean {
    const away = this.#lastScrape !== undefined && now - this.#lastScrape > AWAY;
    this.#lastScrape = now;
    if (this.#held === 'due' || (away && !this.#heldForAway)) {
      this.#held = now;
      this.#heldForAway = away;
    } else if (this.#held !== undefined && now - this.#held >= this.#hold) {
      this.#held = undefined;
      this.#heldForAway = false;
    }
    let changed = false;
    for (const family of this.#families.all()) {
      for (const series of family.all()) {
        series.born ??= now;
        const held = this.#held !== undefined || (series.shown === 0 && now - series.born < this.#hold);
        if (held || series.shown === series.count) continue;
        series.shown = series.count;
        changed = true;
      }
    }
    return changed;
  }
}
