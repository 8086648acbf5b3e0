/**
 * How Go's YAML decoder, exporter-toolkit's, reads a file: the field decides what a scalar without quotes means (`1` is
 * text for a header and a number for a burst), and what is left out, empty or null is the field's zero. No fault repeats
 * a value, which may be a secret.
 */
import { inOrder, Plain, type YamlFile } from '../../config/yaml-file.ts';
import { ExporterError } from '../../errors.ts';
import { parseGoDuration } from './go-duration.ts';

type FaultCode = 'WEB_CONFIG_TYPE' | 'WEB_CONFIG_UNKNOWN_KEY' | 'WEB_CONFIG_TLS';

/** A key that a message may repeat: it looks like a key, and not like a hash or a part of one. */
const SAYABLE = /^[\w.@-]{1,40}$/;
/** Faults of one file that are reported. */
const MOST_FAULTS = 100;

/** What YAML 1.1 means by a word without quotes. */
const TRUE = /^(?:[yY]|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:[nN]|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:|~|null|Null|NULL)$/;
const NUMBER =
  /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\.[\d_]+(?:e[-+]?\d+)?|0[xX][\da-fA-F_]+|0[oO][0-7_]+|0b[01_]+)$/;

/** Faults of a file, each at its place. */
export class Faults {
  readonly #yaml: YamlFile;
  readonly #list: ExporterError[] = [];

  constructor(yaml: YamlFile) {
    this.#yaml = yaml;
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** @param atKey whether the key's own place is meant, not its value's */
  add(
    code: FaultCode,
    what: string,
    path: readonly string[],
    more: { atKey?: boolean | undefined; advice?: string } = {},
  ): void {
    const { atKey, advice } = more;
    if (this.#list.length >= MOST_FAULTS) return;
    const place = atKey ? this.#yaml.place(path.slice(0, -1), path.at(-1)) : this.#yaml.place(path);
    if (this.#list.some((fault) => fault.message === what && fault.place?.line === place.line)) return;
    this.#list.push(new ExporterError(code, what, { place, ...(advice !== undefined && { advice }) }));
  }

  /** @throws an AggregateError of those there are */
  throw(): void {
    if (this.any) throw new AggregateError(inOrder(this.#list));
  }
}

/** A mapping of known keys. */
export class Section {
  readonly path: readonly string[];
  readonly #faults: Faults;
  readonly #values: ReadonlyMap<string, unknown>;

  private constructor(values: ReadonlyMap<string, unknown>, path: readonly string[], faults: Faults) {
    this.#values = values;
    this.path = path;
    this.#faults = faults;
  }

  static root(yaml: YamlFile, keys: readonly string[], faults: Faults): Section {
    return new Section(new Map(), [], faults).#inner(yaml.values, [], keys);
  }

  /** Whether the key has a value: `{}`, `""` and `~` are values; a line that ends after the colon has none. */
  says(key: string): boolean {
    const value = this.#values.get(key);
    return value !== undefined && value !== null && !(value instanceof Plain && value.text === '');
  }

  /** Whether it is written that nothing is meant: `{}`, `~`. */
  empties(key: string): boolean {
    const value = this.#values.get(key);
    return this.says(key) && (isNull(value) || (value instanceof Map && value.size === 0));
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  section(key: string, keys: readonly string[]): Section {
    return this.#inner(this.#values.get(key), [...this.path, key], keys);
  }

  /** Texts by name, whatever the names. */
  texts(key: string): ReadonlyMap<string, string> {
    const path = [...this.path, key];
    const values = this.#mapping(this.#values.get(key), path);
    return new Map([...values].map(([name, value]) => [name, this.#text(value, [...path, name])]));
  }

  text(key: string): string {
    return this.#text(this.#values.get(key), [...this.path, key]);
  }

  /** One of the words. @param otherwise what is meant where there is none */
  word<Word extends string>(key: string, words: readonly Word[], otherwise: NoInfer<Word>): Word {
    if (isNull(this.#values.get(key))) return otherwise;
    const text = this.text(key);
    const known = words.find((word) => word === text);
    if (known === undefined) this.wrong(key, `expected one of ${words.join(', ')}`);
    return known ?? otherwise;
  }

  /** @param words those that there are; undefined: any */
  list(key: string, words?: ReadonlySet<string>): readonly string[] | undefined {
    const value = this.#values.get(key);
    if (isNull(value)) return undefined;
    const path = [...this.path, key];
    if (!Array.isArray(value)) {
      this.wrong(key, 'expected a list');
      return undefined;
    }
    return value.map((item: unknown, at) => {
      const place = [...path, String(at)];
      const text = this.#text(item, place);
      if (words?.has(text) === false)
        this.#faults.add(
          'WEB_CONFIG_TYPE',
          `${sayable(path)}: expected one of ${[...words].join(', ')}`,
          place,
        );
      return text;
    });
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return otherwise;
    if (isNull(value)) return false;
    const text = value instanceof Plain ? value.text : '';
    if (!TRUE.test(text) && !FALSE.test(text)) this.wrong(key, 'expected true or false');
    return TRUE.test(text);
  }

  whole(key: string): number {
    const value = this.#values.get(key);
    if (isNull(value)) return 0;
    const number = value instanceof Plain ? numberOf(value.text) : undefined;
    if (number === undefined) this.wrong(key, 'expected a whole number');
    return Math.trunc(number ?? 0);
  }

  /** In milliseconds; a number alone is nanoseconds, as Go has it. */
  duration(key: string): number {
    const value = this.#values.get(key);
    if (isNull(value)) return 0;
    const number = value instanceof Plain ? numberOf(value.text) : undefined;
    if (number !== undefined) return Math.trunc(number) / 1e6;
    const text = value instanceof Plain ? value.text : value;
    const parsed = typeof text === 'string' ? parseGoDuration(text) : undefined;
    if (parsed === undefined) this.wrong(key, 'expected a duration like 1s, 1.5s or 500ms');
    return parsed ?? 0;
  }

  /** @param more.atKey whether the key's own place is meant; `of`: a key within that one */
  wrong(key: string, what: string, { of, atKey }: { of?: string; atKey?: boolean } = {}): void {
    const path = [...this.path, key, ...(of === undefined ? [] : [of])];
    // What is missing is missing in the section.
    const place = this.has(key) ? path : this.path;
    this.#faults.add('WEB_CONFIG_TYPE', `${sayable(path)}: ${what}`, place, { atKey });
  }

  #inner(value: unknown, path: readonly string[], keys: readonly string[]): Section {
    const values = this.#mapping(value, path);
    for (const key of values.keys())
      if (!keys.includes(key))
        this.#faults.add('WEB_CONFIG_UNKNOWN_KEY', unknownKey([...path, key]), [...path, key], {
          atKey: true,
          advice: 'docs/security.md lists the keys.',
        });
    return new Section(values, path, this.#faults);
  }

  #mapping(value: unknown, path: readonly string[]): ReadonlyMap<string, unknown> {
    if (value instanceof Map) return value;
    if (!isNull(value)) this.#faults.add('WEB_CONFIG_TYPE', `${sayable(path)}: expected a mapping`, path);
    return new Map();
  }

  #text(value: unknown, path: readonly string[]): string {
    if (isNull(value)) return '';
    if (value instanceof Plain) return value.text;
    if (typeof value === 'string') return value;
    this.#faults.add('WEB_CONFIG_TYPE', `${sayable(path)}: expected text`, path);
    return '';
  }
}

/** A path for a message: as much of it as looks like keys. */
export function sayable(path: readonly string[]): string {
  const odd = path.findIndex((key) => !SAYABLE.test(key));
  const said = odd < 0 ? path : path.slice(0, odd);
  return said.length === 0 ? 'the file' : said.join('.');
}

function unknownKey(path: readonly string[]): string {
  return SAYABLE.test(path.at(-1)!) ? `unknown key "${sayable(path)}"` : 'unknown key';
}

function isNull(value: unknown): boolean {
  return value === undefined || value === null || (value instanceof Plain && NULL.test(value.text));
}

function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const plain = text.replaceAll('_', '').replace(/^\+/, '');
  const octal = /^(-?)0(\d+)$/.exec(plain);
  const number = octal ? Number(`${octal[1]}0o${octal[2]}`) : signed(plain);
  return Number.isFinite(number) ? number : undefined;
}

/** JavaScript knows no sign before 0x. */
function signed(text: string): number {
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}
