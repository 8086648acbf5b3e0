/** The tables of docs/configuration.md and docs/metrics.md, made from the code. */
import * as z from 'zod';
import { FLAGS } from '../../src/config/flags.ts';
import { configSchema } from '../../src/config/schema.ts';

/** What the keys mean that are no flags; the others have their help. */
const MEANINGS: Record<string, string> = {
  'input.max_line_bytes': 'longest line; a longer one is counted as oversized and never held in memory',
  services: 'which container is which service: the first entry that matches names it',
  'services[].name': 'the service, as the label will have it',
  'services[].container':
    'names of containers; text, or a regular expression between slashes for the whole name',
  'services[].image': 'images, with or without tag, in the same way',
  'services[].namespace':
    'Kubernetes namespaces (k8s.ns.name, k8smeta.ns.name or ka.target.namespace), in the same way',
  'services[].workload': 'names of pods or of what made them, in the same way',
  'services[].source':
    "the event's source: syscall, k8s_audit, aws_cloudtrail or another plugin's, in the same way",
  'services[].fields':
    'any output fields: of each that is named one of its texts or patterns must match, in the same way',
  service_field: 'output field whose value is the service, such as one that append_output fills',
  labels:
    'labels added to falco_events_total: name, and the field that fills it or {value: fixed text}; changing them needs a restart',
};

interface Schema {
  type?: string;
  enum?: string[];
  default?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
}

/** One row for each key of the YAML file. */
export function configurationTable(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const rows = keys(schema, '').map(([key, value]) => {
    const flag = FLAGS.find(({ path }) => path.join('.') === key);
    const meaning = flag?.help ?? MEANINGS[key];
    if (meaning === undefined) throw new Error(`${key} has no flag: say in MEANINGS what it means`);
    const said = /\(default (.*)\)$/.exec(meaning)?.[1];
    const fallback = said ?? (value.default === undefined ? '' : JSON.stringify(value.default));
    return [
      `\`${key}\``,
      flag ? `\`--${flag.name}\`` : '',
      typeOf(value),
      fallback.replaceAll('"', ''),
      meaning.replace(/ \(default .*\)$/, ''),
    ];
  });
  return table(['key', 'flag', 'type', 'default', 'meaning'], rows);
}

/** Leaves of the schema by their path; items of a list of maps as `list[].key`. */
function keys(schema: Schema, at: string): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]): [string, Schema][] => {
    const key = at === '' ? name : `${at}.${name}`;
    if (value.properties) return keys(value, key);
    if (value.items?.properties) return [[key, value], ...keys(value.items, `${key}[]`)];
    return [[key, value]];
  });
}

function typeOf({ type, enum: words, anyOf, items, additionalProperties }: Schema): string {
  if (words) return words.join(', ');
  if (anyOf) return [...new Set(anyOf.map(typeOf))].sort((a, b) => b.length - a.length).join(' or ');
  if (type === 'array') return items?.properties ? 'list of maps' : `list of ${typeOf(items!)}s`;
  if (type === 'object' && additionalProperties) return 'map';
  return { string: 'text', integer: 'number', boolean: 'true, false' }[type!] ?? type!;
}

/**
 * One row for each metric of an exposition text, but for what Node and prom-client bring.
 * @param text /metrics of an exporter that has at least one sample of each
 */
export function metricsTable(text: string): string {
  const rows = text
    .split(/\n(?=# HELP )/)
    .filter((family) => !/^# HELP (nodejs|process)_/.test(family))
    .map((family) => {
      const [, name, help] = /^# HELP (\S+) (.*)$/m.exec(family)!;
      const [, type] = /^# TYPE \S+ (\w+)$/m.exec(family)!;
      const sample = family.split('\n').find((line) => line.includes('{'));
      const labels = [...(sample ?? '').matchAll(/[{,](\w+)="/g)].map(([, label]) => label!);
      return [`\`${name}\``, type!, labels.filter((label) => label !== 'le').join(', '), help!];
    });
  return table(
    ['metric', 'type', 'labels', 'meaning'],
    rows.sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  );
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
