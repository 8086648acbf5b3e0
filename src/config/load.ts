/**
 * Reads the configuration from its three places. Flags win over the environment, and that over the YAML file. Each fault
 * names its place.
 */
import type * as z from 'zod';
import { ExporterError } from '../errors.ts';
import { inWords } from '../words.ts';
import { CONFIG_FILE_FLAG, environmentName, FLAGS, flagValue } from './flags.ts';
import { type Config, configSchema } from './schema.ts';
import { inOrder, MOST_FAULTS, said, YamlFile, type YamlKind } from './yaml-file.ts';

/** Texts of flags by their name without dashes; only those that were given. A list's are several. */
export type GivenFlags = Readonly<Record<string, string | readonly string[]>>;

/** Where a value of the merged configuration came from, if not from the file. */
type Origin = { flag: string } | { variable: string };

const CONFIGURATION: YamlKind = {
  name: 'the configuration',
  unreadable: 'CONFIG_FILE',
  syntax: 'CONFIG_SYNTAX',
  unknownKey: 'CONFIG_UNKNOWN_KEY',
  type: 'CONFIG_TYPE',
  manual: 'docs/configuration.md',
  secret: false,
  scalars: 'core',
  mostBytes: 512 * 1024,
};

/** @throws an AggregateError of ExporterErrors, one for each fault */
export function loadConfig(flags: GivenFlags, environment: NodeJS.ProcessEnv): Config {
  const file = String(flags[CONFIG_FILE_FLAG] ?? environment[environmentName(CONFIG_FILE_FLAG)] ?? '');
  const yaml = file === '' ? undefined : new YamlFile(file, CONFIGURATION);
  const values = (yaml?.values ?? {}) as Record<string, unknown>;
  const origins = new Map<string, Origin>();
  for (const { name, path, kind } of FLAGS) {
    const variable = environmentName(name);
    const given = flags[name] ?? environment[variable];
    if (given === undefined) continue;
    origins.set(path.join('.'), flags[name] === undefined ? { variable } : { flag: name });
    place(values, path, typeof given === 'string' ? flagValue(kind, given) : given);
  }
  const parsed = configSchema.safeParse(values, { reportInput: true, error: inWords });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const found = issues.slice(0, MOST_FAULTS).flatMap((issue) => faults(issue, origins, yaml));
  throw new AggregateError(inOrder(found).slice(0, MOST_FAULTS));
}

function place(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    // What is no mapping is left to the schema to complain of, at its place.
    if (next !== undefined && next !== null && typeof next !== 'object') return;
    at[key] = next ?? {};
    at = at[key] as Record<string, unknown>;
  }
  at[path.at(-1)!] = value;
}

function faults(
  issue: z.core.$ZodIssue,
  origins: Map<string, Origin>,
  yaml: YamlFile | undefined,
): ExporterError[] {
  const path = issue.path.join('.');
  // Of a list the issue may be of one item.
  const origin = origins.get(path) ?? origins.get(issue.path.slice(0, -1).join('.'));
  if (origin && 'flag' in origin)
    return [
      new ExporterError('CONFIG_FLAG', `--${origin.flag}: ${said(issue)}`, {
        advice: 'falco-event-exporter --help says what each flag takes.',
      }),
    ];
  if (origin) return [new ExporterError('CONFIG_ENVIRONMENT', `${origin.variable}: ${said(issue)}`)];
  return yaml?.faults(issue) ?? [new ExporterError('CONFIG_TYPE', `${path}: ${said(issue)}`)];
}
