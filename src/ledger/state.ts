/** The ledger as plain values: what a snapshot holds of it. */
import * as z from 'zod';
import type { Ledger } from './ledger.ts';
import { type Family, keptLabel, sum } from './series.ts';

const count = z.number().int().nonnegative();

export const ledgerState = z.object({
  /** By family: the label names, and for each series its label values, its count and what was shown of it. */
  families: z.record(
    z.string(),
    z.object({
      labels: z.array(z.string()),
      series: z.array(z.tuple([z.array(z.string()), count, count])),
    }),
  ),
  /** By rule, in milliseconds since the epoch. */
  lastEvent: z.array(z.tuple([z.string(), z.number()])),
});
export type LedgerState = z.infer<typeof ledgerState>;

export function stateOf(ledger: Ledger): LedgerState {
  const families: LedgerState['families'] = {};
  for (const family of ledger.families.all())
    families[family.name] = {
      labels: [...family.labelNames],
      series: [...family.all()].map(({ labels, count, shown }) => [
        [...labels],
        sum(count, 0),
        sum(shown, 0),
      ]),
    };
  return { families, lastEvent: [...ledger.lastEvent] };
}

/**
 * Adds a state to a ledger that has counted nothing yet; what is read from now on is news. Where the configuration's labels have changed since, counts
 * keep the labels that are still there; those that are new are empty on them, which Prometheus takes as absent. Labels
 * that an earlier build kept with control characters in them become what such a text is called now.
 */
export function restore(ledger: Ledger, state: LedgerState): void {
  for (const family of ledger.families.all()) {
    const saved = state.families[family.name];
    if (saved) restoreFamily(family, saved);
  }
  for (const [rule, time] of state.lastEvent) ledger.lastEvent.set(keptLabel(rule), time);
  ledger.inBaseline = false;
}

function restoreFamily(family: Family, saved: LedgerState['families'][string]): void {
  for (const [values, count, shown] of saved.series) {
    const labels = family.labelNames.map((name) => keptLabel(values[saved.labels.indexOf(name)] ?? ''));
    const series = family.series(labels);
    series.count = sum(series.count, count);
    series.shown = sum(series.shown, Math.min(shown, count));
  }
}
