/** The ledger as plain values: what a snapshot holds of it. */
import * as z from 'zod';
import { falcoRun } from './falco.ts';
import { historyState } from './history/history.ts';
import type { Ledger } from './ledger.ts';
import { type Family, keptLabel, type Series, sum } from './series.ts';
import { viewState } from './views/state.ts';

const count = z.number().int().nonnegative();

export const ledgerState = z.object({
  /** By family: the label names, and for each series its label values, its count, what a first scraper is shown, and where known the time of its last event and that of its birth in milliseconds; 0: not known. */
  families: z.record(
    z.string(),
    z.object({
      labels: z.array(z.string()),
      series: z.array(z.tuple([z.array(z.string()), count, count], z.number())),
    }),
  ),
  /** By rule, in milliseconds since the epoch. */
  lastEvent: z.array(z.tuple([z.string(), z.number()])),
  /** What Falco said last of itself, by machine and run. */
  falco: z.array(falcoRun).optional(),
  /** What each scraper was shown; version 1 knew no scrapers. */
  views: z.array(viewState).optional(),
  /** When events happened; earlier builds didn't keep it. */
  history: historyState.optional(),
});
export type LedgerState = z.infer<typeof ledgerState>;

/** The series in the order in which a state holds them. */
export function seriesInOrder(ledger: Ledger): Series[] {
  return ledger.families.all().flatMap((family) => [...family.all()]);
}

export function stateOf(
  ledger: Ledger,
  views?: LedgerState['views'],
  history?: LedgerState['history'],
): LedgerState {
  const families: LedgerState['families'] = {};
  for (const family of ledger.families.all())
    families[family.name] = {
      labels: [...family.labelNames],
      series: [...family.all()].map(({ labels, count, shown, last, created }) => [
        labels as string[],
        sum(count, 0),
        sum(shown, 0),
        ...(Number.isNaN(last) && created === 0 ? [] : [last || 0]),
        ...(created === 0 ? [] : [created]),
      ]),
    };
  const falco = ledger.falco.all();
  return {
    families,
    lastEvent: [...ledger.lastEvent],
    ...(falco.length > 0 && { falco }),
    ...(views && { views }),
    ...(history && { history }),
  };
}

/**
 * Adds a state to a ledger that has counted nothing yet; what is read from now on is new. Where the configuration's labels have changed since, counts
 * keep the labels that are still there; those that are new are empty on them, which Prometheus takes as absent. Labels
 * that an earlier build kept with control characters in them become what such a text is called now.
 *
 * @returns for each series of the state its count there, and the series that it is now; undefined where there is none
 */
export function restore(ledger: Ledger, state: LedgerState): { series: Series | undefined; count: number }[] {
  const families = new Map(ledger.families.all().map((family) => [family.name, family]));
  const restored = Object.entries(state.families).flatMap(([name, saved]) =>
    restoreFamily(families.get(name), saved, ledger.lean),
  );
  for (const [rule, time] of state.lastEvent) ledger.lastEvent.set(keptLabel(rule), time);
  ledger.falco.restore(state.falco ?? []);
  ledger.inBaseline = false;
  return restored;
}

/** @param lean whether what is at 0 is left out: it comes back held at 0 when it counts */
function restoreFamily(family: Family | undefined, saved: LedgerState['families'][string], lean: boolean) {
  const restored = new Set<Series>();
  return saved.series.map(([values, count, shown, last = 0, created = 0]) => {
    if (!family || (lean && count === 0)) return { series: undefined, count };
    const labels = family.labelNames.map((name) => keptLabel(values[saved.labels.indexOf(name)] ?? ''));
    const series = family.series(labels);
    // Two may become one series: which was first shown when is not known then.
    series.created = restored.has(series) ? 0 : created;
    restored.add(series);
    series.count = sum(series.count, count);
    series.shown = sum(series.shown, Math.min(shown, count));
    // The later time is the last. NaN compares as false.
    if (last !== 0 && !(series.last >= last)) series.last = last;
    return { series, count };
  });
}
