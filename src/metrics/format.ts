/** The two text formats of /metrics: Prometheus's own (0.0.4) and OpenMetrics 1.0. */
import { type MetricObjectWithValues, type MetricValue, type Registry, Registry as Types } from 'prom-client';

export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: Types.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Types.OPENMETRICS_CONTENT_TYPE,
};

/** What stands between two families, and at the end of all. */
export const BETWEEN: Readonly<Record<Format, string>> = { text: '\n', openmetrics: '' };
export const END: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** The lines that a family begins with. In OpenMetrics `_total` belongs to the samples of a counter, not to its name. */
export function head(format: Format, name: string, help: string, type: string): string {
  const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  const said = escapeText(help);
  const text = format === 'openmetrics' ? said.replaceAll('"', '\\"') : said;
  return `# HELP ${family} ${text}\n# TYPE ${family} ${type}\n`;
}

/** A sample's name and labels, as both formats write them. */
export function sampleName(name: string, labels: Iterable<readonly [string, string | number]>): string {
  const pairs = sampleLabels(labels);
  return pairs === '' ? name : `${name}{${pairs}}`;
}

/** What stands between the braces. */
export function sampleLabels(labels: Iterable<readonly [string, string | number]>): string {
  const pairs: string[] = [];
  for (const [label, value] of labels)
    pairs.push(`${label}="${escapeText(String(value)).replaceAll('"', '\\"')}"`);
  return pairs.join(',');
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** All families of a registry. prom-client's own OpenMetrics renames the counters of the registry that it is asked of. */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  if (format === 'text') return registry.metrics();
  const families = (await registry.getMetricsAsJSON()) as unknown as MetricObjectWithValues<Sample>[];
  return families.map(openMetricsFamily).join('');
}

type Sample = MetricValue<string> & { metricName?: string };

function openMetricsFamily({ name, help, type, values }: MetricObjectWithValues<Sample>): string {
  let text = head('openmetrics', name, help, String(type));
  for (const { metricName = name, labels, value } of values) {
    const canonical = Object.entries(labels).map(
      ([label, text]) => [label, label === 'le' ? bound(text!) : text!] as const,
    );
    text += `${sampleName(metricName, canonical)} ${Number.isNaN(value) ? 'NaN' : number(value)}\n`;
  }
  return text;
}

/** A bucket's bound as OpenMetrics wants it: with a point. */
function bound(value: string | number): string {
  const text = String(value);
  return /^\d+$/.test(text) ? `${text}.0` : text;
}

function number(value: number): string {
  return Number.isFinite(value) ? String(value) : value < 0 ? '-Inf' : '+Inf';
}
