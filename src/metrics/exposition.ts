/**
 * The text of /metrics. A scraper sees its view, every other client the counts. Until the baseline of the very first start
 * is read, nobody sees the ledger's families.
 */
import { type Metric, Registry } from 'prom-client';
import type { Families } from '../ledger/families.ts';
import type { Family, Series } from '../ledger/series.ts';
import type { View } from '../ledger/views/view.ts';
import type { DelayHistogram } from './delay.ts';
import { type OwnState, registerOwn } from './own.ts';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export class Exposition {
  readonly #own = new Registry();
  readonly #ledger: Registry;
  #value: (series: Series) => number = counted;
  /** The counts as text, of one version of them: most answers are of that, whichever client asks. */
  #counts: { version: number; text: Promise<Buffer> } | undefined;

  readonly #series: readonly Series[];

  constructor(families: Families, state: OwnState, delay: DelayHistogram, lean = false) {
    this.#series = families.series;
    registerOwn(this.#own, state, delay, lean);
    this.#ledger = ledgerRegistry(families, (series) => this.#value(series));
  }

  /**
   * The values are taken in the step in which this is called, whatever is counted while the text is made.
   * @param of a scraper's view, 'counted' for anyone else, 'none' before the baseline
   * @param version of the counts
   */
  async text(of: View | 'counted' | 'none', version: number): Promise<Buffer> {
    const own = this.#own.metrics();
    if (of === 'none') return Buffer.from(await own);
    const ledger = of === 'counted' || of.isLevel(this.#series) ? this.#counted(version) : this.#shown(of);
    return Buffer.concat([await ledger, NEWLINE, Buffer.from(await own)]);
  }

  #shown(view: View): Promise<Buffer> {
    this.#value = ({ index }) => view.shown(index);
    return this.#text();
  }

  #counted(version: number): Promise<Buffer> {
    if (this.#counts?.version === version) return this.#counts.text;
    this.#value = counted;
    const text = this.#text();
    this.#counts = { version, text };
    return text;
  }

  async #text(): Promise<Buffer> {
    return Buffer.from(await this.#ledger.metrics());
  }
}

const NEWLINE = Buffer.from('\n');
const counted = ({ count }: Series) => count;

/** The counts themselves, as text; of a ledger that nobody serves. */
export function ledgerText(families: Families): Promise<string> {
  return ledgerRegistry(families, counted).metrics();
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
