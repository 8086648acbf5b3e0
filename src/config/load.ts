/**
 * The configuration from its three places: flags win over the environment, that over the YAML file. Each fault names
 * the place that it stands in.
 */
import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ExporterError, type Place } from '../errors.ts';
import { CONFIG_FILE_FLAG, environmentName, FLAGS, flagValue } from './flags.ts';
import { type Config, configSchema } from './schema.ts';

/** Texts of flags by their name without dashes; only those that were given. A list's are several. */
export type GivenFlags = Readonly<Record<string, string | readonly string[]>>;

/** Where a value of the merged configuration came from, if not from the file. */
type Origin = { flag: string } | { variable: string };

/** @throws an AggregateError of ExporterErrors, one for each fault */
export function loadConfig(flags: GivenFlags, environment: NodeJS.ProcessEnv): Config {
  const file = String(flags[CONFIG_FILE_FLAG] ?? environment[environmentName(CONFIG_FILE_FLAG)] ?? '');
  const yaml = file === '' ? undefined : new ConfigFile(file);
  const values = yaml?.values ?? {};
  const origins = new Map<string, Origin>();
  for (const { name, path, kind } of FLAGS) {
    const variable = environmentName(name);
    const given = flags[name] ?? environment[variable];
    if (given === undefined) continue;
    origins.set(path.join('.'), flags[name] === undefined ? { variable } : { flag: name });
    place(values, path, typeof given === 'string' ? flagValue(kind, given) : given);
  }
  const parsed = configSchema.safeParse(values, { reportInput: true });
  if (parsed.success) return parsed.data;
  const found = parsed.error.issues.flatMap((issue) => faults(issue, origins, yaml));
  throw new AggregateError(found.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0)));
}

/** A YAML configuration, and where in it each value stands. */
class ConfigFile {
  readonly values: Record<string, unknown>;
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(path: string) {
    this.#path = path;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw single(
        new ExporterError('CONFIG_FILE', `the configuration can't be read: ${(error as Error).message}`, {
          place: { file: path },
          cause: error,
        }),
      );
    }
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: true });
    const broken = this.#document.errors.map(
      ({ message, linePos }) =>
        new ExporterError('CONFIG_SYNTAX', message.split('\n', 1)[0]!, {
          place: { file: path, line: linePos?.[0].line ?? 1, column: linePos?.[0].col ?? 1 },
        }),
    );
    if (broken.length > 0) throw new AggregateError(broken);
    const values = this.#toValues();
    if (typeof values !== 'object' || Array.isArray(values))
      throw single(
        new ExporterError('CONFIG_TYPE', 'expected a mapping of keys to values', {
          place: { file: path, line: 1, column: 1 },
        }),
      );
    this.values = values as Record<string, unknown>;
  }

  #toValues(): unknown {
    try {
      return this.#document.toJS() ?? {};
    } catch (error) {
      // Aliases that explode are no syntax error to the parser.
      const place = { file: this.#path };
      throw single(new ExporterError('CONFIG_SYNTAX', (error as Error).message, { place, cause: error }));
    }
  }

  /** Where the value at a path stands, or as much of the path as there is; a key's own place where `key` is given. */
  place(path: readonly PropertyKey[], key?: string): Place {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      const offset = keyOffset(node, length === path.length ? key : undefined) ?? rangeOf(node);
      if (offset === undefined) continue;
      const { line, col } = this.#lines.linePos(offset);
      return { file: this.#path, line, column: col };
    }
    return { file: this.#path };
  }
}

function rangeOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | undefined)?.range?.[0];
}

function keyOffset(node: unknown, key: string | undefined): number | undefined {
  const items = (node as { items?: { key?: { value?: unknown } }[] } | undefined)?.items;
  return key === undefined ? undefined : rangeOf(items?.find((pair) => pair.key?.value === key)?.key);
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
  yaml: ConfigFile | undefined,
): ExporterError[] {
  const path = issue.path.map(String);
  const origin = origins.get(path.join('.'));
  if (origin && 'flag' in origin)
    return [new ExporterError('CONFIG_FLAG', `--${origin.flag}: ${said(issue)}`, { advice: 'See --help.' })];
  if (origin) return [new ExporterError('CONFIG_ENVIRONMENT', `${origin.variable}: ${said(issue)}`)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(
      (key) =>
        new ExporterError('CONFIG_UNKNOWN_KEY', `unknown key "${[...path, key].join('.')}"`, {
          ...(yaml && { place: yaml.place(issue.path, key) }),
          advice: 'docs/configuration.md lists the keys.',
        }),
    );
  return [
    new ExporterError('CONFIG_TYPE', `${path.join('.')}: ${said(issue)}`, {
      ...(yaml && {
        place:
          issue.code === 'invalid_key'
            ? yaml.place(issue.path.slice(0, -1), path.at(-1))
            : yaml.place(issue.path),
      }),
    }),
  ];
}

/** What was expected and what was found, without zod's own beginning. */
function said(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  const found = JSON.stringify(issue.input)?.slice(0, 80);
  return `${issue.message.replace(/^Invalid \w+: /, '')}${found === undefined ? '' : `, found ${found}`}`;
}

function single(error: ExporterError): AggregateError {
  return new AggregateError([error]);
}
