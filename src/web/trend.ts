/** How much each series counted in each of the last 15 minutes: taken from the counts, minute by minute. */
import type { Clock } from '../clock.ts';
import type { Series } from '../ledger/series.ts';

export const TREND_MINUTES = 15;
const MINUTE = 60_000;

interface Row {
  /** The count when the current minute began. */
  base: number;
  /** Whole minutes, the newest last; undefined while all are 0. */
  minutes: number[] | undefined;
}

export class Trend {
  readonly #series: () => Iterable<Series>;
  readonly #clock: Clock;
  readonly #rows = new Map<Series, Row>();
  #minuteBegan: number;

  /** What is counted before this is no part of it. */
  constructor(series: () => Iterable<Series>, clock: Clock) {
    this.#series = series;
    this.#clock = clock;
    this.#minuteBegan = clock.monotonic();
    this.restart();
  }

  /** Forgets all: what was counted so far is not new. */
  restart(): void {
    this.#rows.clear();
    for (const series of this.#series()) this.#rows.set(series, { base: series.count, minutes: undefined });
  }

  /** Closes the minutes that are over. To be called at least once a minute. */
  advance(): void {
    let over = Math.floor((this.#clock.monotonic() - this.#minuteBegan) / MINUTE);
    if (over <= 0) return;
    this.#minuteBegan += over * MINUTE;
    // What came while nobody closed minutes is of the first of them.
    for (over = Math.min(over, TREND_MINUTES + 1); over > 0; over--) this.#close();
  }

  /** Counts of the last minutes, the current one last; 15 of them. */
  of(series: Series): number[] {
    const row = this.#rows.get(series);
    const now = series.count - (row?.base ?? 0);
    return [...(row?.minutes ?? new Array<number>(TREND_MINUTES - 1).fill(0)), now];
  }

  #close(): void {
    const rows = new Map(this.#rows);
    // What has retired stays behind.
    this.#rows.clear();
    for (const series of this.#series()) {
      const row = rows.get(series) ?? { base: 0, minutes: undefined };
      this.#rows.set(series, row);
      const counted = series.count - row.base;
      row.base = series.count;
      if (counted === 0 && !row.minutes) continue;
      row.minutes ??= new Array<number>(TREND_MINUTES - 1).fill(0);
      row.minutes.shift();
      row.minutes.push(counted);
      if (row.minutes.every((count) => count === 0)) row.minutes = undefined;
    }
  }
}
