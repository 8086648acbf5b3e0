/**
 * Which series of `falco_events_total` leave /metrics: those that are not of the catalogue and have not counted for a
 * while; where room is scarce, sooner, the longest quiet first. So pods come and go, and the limit is never reached.
 *
 * Exact: a series goes only when every scraper has seen its last count (`View.hasSeen`). Its count goes on in
 * `falco_exporter_retired_events_total`, in the same answer and in the same snapshot. When it comes again it is a new
 * series, held at 0 as all are, which Prometheus takes as a reset.
 */
import type { Clock } from '../clock.ts';
import type { Ledger } from './ledger.ts';
import type { Series } from './series.ts';
import type { View } from './views/view.ts';
import type { Views } from './views/views.ts';

export interface RetirementOptions {
  ledger: Ledger;
  views: Views;
  clock: Clock;
  /** How long a series must not have counted; milliseconds. 0: none ever retires. */
  retention: number;
}

/** Share of the limit from which on series retire sooner. */
const SCARCE = 0.9;
/** Where room is scarce, a scraper that is so far behind another is waited for no longer; milliseconds. */
const PATIENCE = 3_600_000;
/** How often the whole of them is looked at; milliseconds. */
const LOOK = 15_000;

export class Retirement {
  readonly #options: RetirementOptions;
  /** Since when each has had its count, by the monotonic clock: as of the looks. */
  #quiet = new Map<Series, { count: number; since: number }>();
  #looked = Number.NEGATIVE_INFINITY;

  constructor(options: RetirementOptions) {
    this.#options = options;
  }

  /** After a scrape, before its answer is made: what it must not hold any more retires. */
  sweep(): void {
    const { ledger, clock, retention } = this.#options;
    if (retention === 0 || ledger.inBaseline) return;
    const now = clock.monotonic();
    const most = Math.floor(ledger.seriesLimit * SCARCE);
    if (ledger.families.events.size <= most && now - this.#looked < LOOK) return;
    const quiet = this.#look(now);
    const views = this.#options.views.waitedFor();
    const gone = quiet.filter(
      (series) => now - this.#quiet.get(series)!.since >= retention && seen(series, views),
    );
    const excess = ledger.families.events.size - gone.length - most;
    if (excess > 0) {
      const left = new Set(gone);
      const patient = this.#options.views.waitedFor(PATIENCE);
      for (const series of quiet) {
        if (gone.length >= left.size + excess) break;
        if (!left.has(series) && seen(series, patient)) gone.push(series);
      }
    }
    if (gone.length > 0) this.#retire(gone);
  }

  /** @returns the series that may retire, the longest quiet first */
  #look(now: number): Series[] {
    const { ledger } = this.#options;
    this.#looked = now;
    const quiet = new Map<Series, { count: number; since: number }>();
    for (const series of ledger.families.events.all()) {
      if (ledger.isExpected(series)) continue;
      const before = this.#quiet.get(series);
      quiet.set(
        series,
        before?.count === series.count
          ? before
          : { count: series.count, since: before ? now : this.#sinceStart(series, now) },
      );
    }
    this.#quiet = quiet;
    return [...quiet].sort(([, a], [, b]) => a.since - b.since).map(([series]) => series);
  }

  /** Of one that is new here: it was born just now, or a process before has counted it. */
  #sinceStart({ last }: Series, now: number): number {
    const age = this.#options.clock.now() - last;
    return age > 0 ? now - age : now;
  }

  #retire(gone: readonly Series[]): void {
    const { ledger, views } = this.#options;
    views.retire(new Map(gone.map((series) => [series.index, ledger.families.retiredOf(series).index])));
    ledger.retire(gone);
    for (const series of gone) this.#quiet.delete(series);
  }
}

function seen(series: Series, views: readonly View[]): boolean {
  return views.length > 0 && views.every((view) => view.hasSeen(series));
}
