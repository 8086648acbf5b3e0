/**
 * The rules that are loaded, and their tags. On each exporter's /metrics, or once for a whole fleet: as the text of a
 * textfile collector, or as recording rules, which need no target at all.
 */
import { Gauge, Registry } from 'prom-client';
import { stringify } from 'yaml';
import { labelValue } from '../ledger/series.ts';

/** A rule that is loaded. */
export interface RuleInfo {
  name: string;
  priority: string;
  source: string;
  tags: readonly string[];
  enabled: boolean;
}

const INFO = 'falco_rule_info';
const TAGS = 'falco_rule_tag_info';

/** Registers both gauges. They are made anew for each answer. */
export function registerCatalogue(registry: Registry, rules: () => Iterable<RuleInfo>): void {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const labels of samples(name, rules())) this.set(labels, 1);
      },
    });
  gauge(INFO, 'A rule that is loaded.', ['rule', 'priority', 'source', 'enabled']);
  gauge(TAGS, 'A tag of a rule that is loaded.', ['rule', 'tag']);
}

/** The catalogue alone, as text for node_exporter's textfile collector. */
export function catalogueText(rules: Iterable<RuleInfo>): Promise<string> {
  const registry = new Registry();
  const all = [...rules];
  registerCatalogue(registry, () => all);
  return registry.metrics();
}

/** The catalogue as a file of recording rules: the same series, at 1, with nothing to scrape. */
export function catalogueRules(rules: Iterable<RuleInfo>): string {
  const all = [...rules];
  const recorded = [INFO, TAGS].flatMap((name) =>
    [...samples(name, all)].map((labels) => ({ record: name, expr: 'vector(1)', labels })),
  );
  return stringify(
    { groups: [{ name: 'falco-catalogue', interval: '1m', rules: recorded }] },
    { lineWidth: 0 },
  );
}

function* samples(name: string, rules: Iterable<RuleInfo>): Generator<Record<string, string>> {
  for (const { name: text, priority, source, tags, enabled } of rules) {
    const rule = labelValue(text);
    if (name === INFO) yield { rule, priority, source: labelValue(source), enabled: String(enabled) };
    else for (const tag of tags) yield { rule, tag: labelValue(tag) };
  }
}
