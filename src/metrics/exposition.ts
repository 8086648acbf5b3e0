/**
 * The text of /metrics. A scraper sees its view, every other client the counts. Until the baseline of the very first start
 * is read, nobody sees the ledger's families.
 *
 * prom-client is the registry. `lines.ts` writes what may be thousands of lines in prom-client's way, and makes only those
 * again that have changed.
 */
import { type Metric, Registry } from 'prom-client';
import type { Families } from '../ledger/families.ts';
import type { Family, Series } from '../ledger/series.ts';
import type { View } from '../ledger/views/view.ts';
import { registerCatalogue } from './catalogue.ts';
import type { DelayHistogram } from './delay.ts';
import { BETWEEN, END, type Format, registryText, sampleLabels } from './format.ts';
import { Lines, type Samples } from './lines.ts';
import { LAST_EVENT, type OwnState, registerOwn } from './own.ts';

export interface ExpositionOptions {
  /** Without what is the same for a whole fleet, and what can be done without. */
  lean?: boolean;
  /** Whether OpenMetrics says when each series of the ledger was created. */
  created?: boolean;
  /** The machine whose events these are. */
  node?: string | undefined;
}

/** OpenMetrics allows 128 characters in the labels of an exemplar, the names among them. */
const MOST_NODE = 120;

export class Exposition {
  /** Made anew for each answer. */
  readonly #own = new Registry();
  readonly #rules = new Registry();
  readonly #state: OwnState;
  readonly #lean: boolean;
  readonly #ledger: readonly Lines<Series>[];
  readonly #lastEvents: Lines<string> | undefined;
  /** The text of `#rules`, which changes only as rules are loaded. */
  readonly #kept = new Map<Format, { of: unknown; text: Promise<Buffer> }>();

  constructor(families: Families, state: OwnState, delay: DelayHistogram, options: ExpositionOptions = {}) {
    const { lean = false, created = false, node } = options;
    this.#state = state;
    registerOwn(this.#own, state, delay, lean);
    const exemplar = {
      labels: node === undefined ? '{}' : `{${sampleLabels([['node', node.slice(0, MOST_NODE)]])}}`,
      time: ({ last }: Series) => (last > 0 && last <= state.now() ? last : Number.NaN),
    };
    this.#ledger = families.all().map((family) =>
      linesOf(family, {
        ...(created && { created: (series: Series) => series.created }),
        ...(family === families.events && { exemplar }),
      }),
    );
    this.#lean = lean;
    if (lean) return;
    registerCatalogue(this.#rules, () => state.rules().values());
    this.#lastEvents = new Lines({
      ...LAST_EVENT,
      type: 'gauge',
      keys: () => state.lastEvents().keys(),
      labels: (rule) => [['rule', rule]],
    });
  }

  /**
   * The values are taken in the step in which this is called, whatever is counted while the text is made.
   * @param of a scraper's view, 'counted' for anyone else, 'none' before the baseline
   */
  async text(of: View | 'counted' | 'none', format: Format): Promise<Buffer> {
    const value = typeof of === 'string' ? counted : ({ index }: Series) => of.shown(index);
    const families = of === 'none' ? [] : this.#ledger.map((lines) => lines.text(format, value));
    const times = this.#state.lastEvents();
    if (this.#lastEvents) families.push(this.#lastEvents.text(format, (rule) => times.get(rule)! / 1000));
    const own = registryText(this.#own, format);
    const between = Buffer.from(BETWEEN[format]);
    return Buffer.concat([
      ...families.flatMap((pieces) => [...pieces, between]),
      ...(this.#lean ? [] : [await this.#rulesText(format), between]),
      Buffer.from(await own),
      Buffer.from(END[format]),
    ]);
  }

  #rulesText(format: Format): Promise<Buffer> {
    const of = this.#state.rules();
    const known = this.#kept.get(format);
    if (known?.of === of) return known.text;
    const text = registryText(this.#rules, format).then((made) => Buffer.from(made));
    this.#kept.set(format, { of, text });
    return text;
  }
}

const counted = ({ count }: Series) => count;

function linesOf(family: Family, more: Pick<Samples<Series>, 'created' | 'exemplar'>): Lines<Series> {
  const { name, help, labelNames } = family;
  return new Lines({
    name,
    help,
    type: 'counter',
    keys: () => family.all(),
    // An empty one is written too: left out, Prometheus fills in the target's own where labels are honoured.
    labels: ({ labels }) => labelNames.map((label, index) => [label, labels[index]!] as const),
    ...more,
  });
}

/** The counts themselves, as prom-client writes them; of a ledger that nobody serves. */
export function ledgerText(families: Families, value: (series: Series) => number = counted): Promise<string> {
  const registry = new Registry();
  // The registry asks a metric for its values and writes their text; nothing is held twice.
  for (const family of families.all()) registry.registerMetric(counter(family, value) as unknown as Metric);
  return registry.metrics();
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
        for (const [index, label] of labelNames.entries()) labels[label] = series.labels[index]!;
        values.push({ labels, value: value(series) });
      }
      return { name, help, type: 'counter', aggregator: 'sum', values };
    },
  };
}
