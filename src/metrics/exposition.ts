/**
 * The text of /metrics. Prometheus sees `shown`, anyone else the counts themselves; until the baseline of the very
 * first start is read nobody sees the ledger's families.
 */
import { type Metric, Registry } from 'prom-client';
import type { Families } from '../ledger/families.ts';
import type { Family, Series } from '../ledger/series.ts';
import type { DelayHistogram } from './delay.ts';
import { type OwnState, registerOwn } from './own.ts';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export class Exposition {
  readonly #own = new Registry();
  readonly #shown: Registry;
  readonly #counted: Registry;

  constructor(families: Families, state: OwnState, delay: DelayHistogram) {
    registerOwn(this.#own, state, delay);
    this.#shown = ledgerRegistry(families, (series) => series.shown);
    this.#counted = ledgerRegistry(families, (series) => series.count);
  }

  /**
   * The values are taken in the step in which this is called, whatever is counted while the text is made.
   * @param view 'shown' for Prometheus, 'counted' for anyone else, 'none' before the baseline
   */
  async text(view: 'shown' | 'counted' | 'none'): Promise<string> {
    const registries = view === 'none' ? [] : [view === 'shown' ? this.#shown : this.#counted];
    const texts = await Promise.all([...registries, this.#own].map((registry) => registry.metrics()));
    return texts.join('\n');
  }
}

/** The counts themselves, as text; of a ledger that nobody serves. */
export function ledgerText(families: Families): Promise<string> {
  return ledgerRegistry(families, (series) => series.count).metrics();
}

function ledgerRegistry(families: Families, value: (series: Series) => number): Registry {
  const registry = new Registry();
  // The registry asks a metric for its values and writes their text; nothing is held twice.
  for (const family of families.all()) registry.registerMetric(counter(family, value) as unknown as Metric);
  return registry;
}

function counter(family: Family, value: (series: Series) => number) {
  const { name, help, labelNames } = family;
  return {
    name,
    help,
    type: 'counter',
    aggregator: 'sum',
    get() {
      const values = [];
      for (const series of family.all()) {
        const labels: Record<string, string> = {};
        // An empty one is written too: left out, Prometheus fills in the target's own where labels are honoured.
        for (const [index, label] of labelNames.entries()) labels[label] = series.labels[index]!;
        values.push({ labels, value: value(series) });
      }
      return { name, help, type: 'counter', aggregator: 'sum', values };
    },
  };
}
