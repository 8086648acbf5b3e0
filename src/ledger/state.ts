/** The ledger as plain values: what a snapshot holds of it. */
import * as z from 'zod';
import type { Ledger } from './ledger.ts';
import type { Family } from './series.ts';

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
      series: [...family.all()].map(({ labels, count, shown }) => [[...labels], count, shown]),
    };
  return { families, lastEvent: [...ledger.lastEvent] };
}

/**
 * Adds a state to a ledger that has counted nothing yet; what is read from now on is news. Where the configuration's labels have changed since, counts
 * keep the labels that are still there; those that are new are empty on them, which Prometheus takes as absent.
 */
export function restore(ledger: Ledger, state: LedgerState): void {
  for (const family of ledger.families.all()) {
    const saved = state.families[family.name];
    if (saved) restoreFamily(family, saved);
  }
  for (const [rule, time] of state.lastEvent) ledger.lastEvent.set(rule, time);
  ledger.inBaseline = false;
}

function restoreFamily(family: Family, saved: LedgerState['families'][string]): void {
  for (const [values, count, shown] of saved.series) {
    const labels = family.labelNames.map((name) => values[saved.labels.indexOf(name)] ?? '');
    const series = family.series(labels);
    series.count += count;
    series.shown += Math.min(shown, count);
  }
}
