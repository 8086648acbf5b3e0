/** The fields that conditions and outputs may name, by the source of their rule, as libsinsp finds them. */
import { ARGUMENTS, CLASSES, EVENT_NAMES, EVENT_TYPES } from './table.ts';

/** What a field's value is: libsinsp's type, and whether there are several. */
export interface ValueType {
  /** Without PT_: CHARBUF, UINT64, BOOL, … */
  type: string;
  list: boolean;
}

export interface Field extends ValueType {
  name: string;
  /** Whether tolower() and its like take it. */
  transformable: boolean;
  argument: 'none' | 'allowed' | 'required';
  /** Whether the argument must be a number. */
  index: boolean;
  /** Whether a plugin brings it. */
  plugin: boolean;
}

/** What follows a name in the table: a list; an argument that must, or may, be; one that is a number; no transformer. */
const MARKS = /^([\w.]+)(\*?)([!?]?)(#?)(-?)$/;

const words = (text: string) => text.split(/\s+/).filter(Boolean);
/** What evt.type may be compared with. */
export const eventTypes: ReadonlySet<string> = new Set(words(EVENT_TYPES));
const eventNames = new Set(words(EVENT_NAMES));
const parameters = new Map(
  Object.entries(ARGUMENTS).flatMap(([type, names]) => words(names).map((name) => [name, type] as const)),
);
/** The event sources that Falco and the plugins of the table have. */
export const sources: ReadonlySet<string> = new Set(
  CLASSES.flatMap((each) => each.sources).filter((source) => source !== '*'),
);
/** The plugins of the table. */
export const plugins: ReadonlySet<string> = new Set(
  CLASSES.map(({ from }) => from).filter((from) => !from.startsWith('libs')),
);

const NUMBER = /^[+-]?\d+$/;
/** Fields of libsinsp that read what follows their name in their own way. */
const BY_NAME: Record<string, (rest: string) => boolean> = {
  'evt.arg': (name) => parameters.has(name),
  'evt.rawarg': (name) => parameters.has(name),
  'evt.type.is': (name) => eventNames.has(name) || NUMBER.test(name),
  'evt.abspath': (name) => name === 'src' || name === 'dst',
  'thread.cgroup': (name) => /^[a-zA-Z_]+$/.test(name),
};
/** Those of them that take no brackets. */
const NO_BRACKETS = new Set(['evt.rawarg', 'evt.type.is', 'evt.abspath', 'thread.cgroup']);
/** Of libsinsp's own these take any text as argument, all others a number. */
const KEYS = new Set(['proc.env', 'proc.aenv']);

export class FieldSet {
  static readonly #known = new Map<string, FieldSet>();
  readonly #fields = new Map<string, Field>();

  private constructor(source: string) {
    for (const { from, sources, fields } of CLASSES)
      if (sources.includes('*') || sources.includes(source))
        for (const [type, names] of Object.entries(fields))
          for (const word of words(names)) {
            const [, name, list, argument, index, fixed] = MARKS.exec(word)!;
            const plugin = plugins.has(from);
            this.#fields.set(name!, {
              name: name!,
              type,
              list: list !== '',
              transformable: fixed === '',
              argument: argument === '!' ? 'required' : argument === '?' ? 'allowed' : 'none',
              index: plugin ? index !== '' : !KEYS.has(name!),
              plugin,
            });
          }
  }

  /** Those of one event source. */
  static of(source: string): FieldSet {
    const known = FieldSet.#known.get(source) ?? new FieldSet(source);
    if (sources.has(source)) FieldSet.#known.set(source, known);
    return known;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  names(): Iterable<string> {
    return this.#fields.keys();
  }

  /** @returns the field, or what is wrong with what was written */
  find(name: string, argument: string | undefined): Field | string {
    const field = this.#fields.get(name);
    if (field) return withArgument(field, argument) ?? field;
    for (const [prefix, takes] of Object.entries(BY_NAME)) {
      const own = this.#fields.get(prefix);
      const rest = name.slice(prefix.length + 1);
      if (!own || !name.startsWith(`${prefix}.`) || !takes(rest) || argument !== undefined) continue;
      return prefix === 'evt.rawarg' ? { ...own, type: parameters.get(rest)! } : own;
    }
    const dotted = [...this.#fields.values()].find(
      (each) => each.plugin && each.argument !== 'none' && name.startsWith(`${each.name}.`),
    );
    if (dotted)
      return `${dotted.name} takes its argument in brackets: ${dotted.name}[${name.slice(dotted.name.length + 1)}]`;
    return '';
  }
}

/** What is wrong with a field's argument, or with there being none. */
function withArgument(field: Field, argument: string | undefined): string | undefined {
  const { name } = field;
  if (argument === undefined)
    return field.argument === 'required' && name !== 'evt.abspath' ? `${name} needs an argument` : undefined;
  if (field.argument === 'none' || NO_BRACKETS.has(name)) return `${name} takes no argument in brackets`;
  const number = field.plugin ? /^(?:0|[1-9]\d*)$/ : NUMBER;
  return field.index && !number.test(argument) ? `the argument of ${name} must be a number` : undefined;
}
