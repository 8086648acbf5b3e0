/** One item of a rules file: typed access to its fields, each fault with its place. */

import type { Scalar, YAMLMap } from 'yaml';
import type { Place } from '../../errors.ts';
import { type Problems, quote } from './problem.ts';
import { type Placed, Text } from './text.ts';
import type { YamlFile } from './yaml.ts';

const TRUE = /^(?:y|yes|true|on)$/i;
const FALSE = /^(?:n|no|false|off)$/i;

export class Item {
  readonly file: YamlFile;
  readonly place: Place;
  readonly problems: Problems;
  readonly #entries: Map<string, { key: Scalar<string>; value: unknown }>;

  constructor(file: YamlFile, map: YAMLMap, problems: Problems, lints?: Problems) {
    this.file = file;
    this.place = file.placeOf(map);
    this.problems = problems;
    this.#entries = file.entries(map, lints);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The raw node; null where the key has nothing behind it. */
  value(key: string): unknown {
    return this.#entries.get(key)?.value;
  }

  /** The place of a key's value; the key's own place if it has none. */
  placeOf(key: string): Place {
    const entry = this.#entries.get(key);
    if (!entry) return this.place;
    const node = this.file.node(entry.value);
    return this.file.placeOf(
      this.file.scalar(node) ?? this.file.map(node) ?? this.file.sequence(node) ?? entry.key,
    );
  }

  keyPlace(key: string): Place {
    return this.file.placeOf(this.#entries.get(key)?.key);
  }

  /** A scalar that must be there and not be empty. */
  required(key: string): Scalar<string> | undefined {
    if (this.has(key)) return this.optional(key);
    this.problems.error(
      'RULES_REQUIRED',
      this.place,
      `the field '${key}' is missing`,
      "Add it. To change an earlier definition, name the changed fields under 'override'.",
    );
    return undefined;
  }

  /** A scalar that may be missing, but not empty. */
  optional(key: string): Scalar<string> | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const scalar = this.file.scalar(entry.value);
    if (scalar && scalar.value !== '') return scalar;
    if (this.file.map(entry.value) || this.file.sequence(entry.value)) this.wrongType(key, 'one value');
    else
      this.problems.error('RULES_REQUIRED', this.keyPlace(key), `the field '${key}' is empty`, 'Fill it in.');
    return undefined;
  }

  text(scalar: Scalar<string> | undefined): Text | undefined {
    return scalar && Text.of(this.file, scalar);
  }

  boolean(key: string): boolean | undefined {
    const scalar = this.optional(key);
    if (!scalar) return undefined;
    if (TRUE.test(scalar.value)) return true;
    if (!FALSE.test(scalar.value)) this.wrongType(key, 'true or false');
    return false;
  }

  /** A sequence of scalars that must be there. */
  words(key: string): Placed[] | undefined {
    const sequence = this.file.sequence(this.value(key));
    if (!sequence) {
      if (this.has(key)) this.wrongType(key, 'a sequence');
      else this.required(key);
      return undefined;
    }
    const words: Placed[] = [];
    for (const item of sequence.items) {
      const scalar = this.file.scalar(item);
      if (scalar) words.push({ value: scalar.value, place: this.file.placeOf(scalar) });
      else
        this.problems.error(
          'RULES_TYPE',
          this.file.placeOf(item),
          `'${key}' has an item that is not a single value`,
          'Give one value an item; a list goes into another by its name.',
        );
    }
    return words;
  }

  wrongType(key: string, expected: string): void {
    this.problems.error(
      'RULES_TYPE',
      this.placeOf(key),
      `'${key}' must be ${expected}`,
      'See the field in https://falco.org/docs/reference/rules/rule-fields/.',
    );
  }

  /** Falco ignores keys that it doesn't know. */
  warnUnknownKeys(known: ReadonlySet<string>): void {
    for (const key of this.#entries.keys())
      if (!known.has(key))
        this.problems.warning(
          'RULES_UNKNOWN_KEY',
          this.keyPlace(key),
          `Falco does not know the key ${quote(key)} here and ignores it`,
          'Correct its spelling, or remove it.',
        );
  }
}
