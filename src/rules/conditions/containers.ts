/**
 * Which containers a condition is about: the values that container.name may have in an event that matches it.
 * The answer may hold too many, never too few: a part that can't be judged restricts nothing.
 */

import type { Check, Condition, Word } from './condition.ts';
import type { Resolver } from './resolve.ts';

/** A condition that names more containers, or more prefixes of names, than these is taken to name none. */
export const MAX_NAMES = 1000;
const MAX_PREFIXES = 20;
/** Names handled in all; beyond it conditions are taken to name none. Hostile rules alone come near it. */
const MAX_WORK = 10_000_000;

/** `in`: container.name is one of these names or begins with one of these prefixes; `out`: it is anything but. */
interface Restriction {
  sense: 'in' | 'out';
  names: ReadonlySet<string>;
  prefixes: ReadonlySet<string>;
}

export interface Containers {
  /** Exact names, in the order in which the condition first says them; empty where it restricts none. */
  names: string[];
  prefixes: string[];
}

const ANY: Restriction = { sense: 'out', names: new Set(), prefixes: new Set() };

export class ContainerFinder {
  readonly #resolver: Resolver;
  readonly #macros = new Map<string, Restriction>();
  #work = 0;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
    // in this order the macros in a macro are known before it, so that nothing recurses deep
    for (const name of resolver.definitions.macros.keys()) {
      this.#macro(name, false);
      this.#macro(name, true);
    }
  }

  /** The containers of one rule. `host` is among them where the condition asks for container.id = host. */
  find(rule: string): Containers {
    const condition = this.#resolver.rule(rule);
    const found = condition ? this.#restrict(condition, false) : ANY;
    return found.sense === 'in'
      ? { names: [...found.names], prefixes: [...found.prefixes] }
      : { names: [], prefixes: [] };
  }

  #macro(name: string, negated: boolean): Restriction {
    const key = `${negated ? '!' : ''}${name}`;
    const known = this.#macros.get(key);
    if (known) return known;
    const condition = this.#resolver.macro(name);
    const found = condition ? this.#restrict(condition, negated) : ANY;
    this.#macros.set(key, found);
    return found;
  }

  /** Negation is carried down to the comparisons, since what is too much above would be too little when negated. */
  #restrict(condition: Condition, negated: boolean): Restriction {
    switch (condition.kind) {
      case 'macro':
        return this.#macro(condition.name, negated);
      case 'not':
        return this.#restrict(condition.child, !negated);
      case 'check':
        return negated ? complement(this.#check(condition)) : this.#check(condition).restriction;
      default: {
        const combine = (condition.kind === 'and') === negated ? union : intersection;
        return condition.children
          .map((child) => this.#restrict(child, negated))
          .reduce((a, b) => (this.#worth(a, b) ? combine(a, b) : ANY));
      }
    }
  }

  /** What a comparison says, and whether it says it exactly, so that its negation says the contrary. */
  #check(check: Check): { restriction: Restriction; exact: boolean } {
    const unknown = { restriction: ANY, exact: false };
    const comparison = containerComparison(check);
    if (!comparison) return unknown;
    const { kind, sense } = comparison;
    const named = new Set<string>();
    for (const word of comparison.words) {
      const list = word.quoted ? undefined : this.#resolver.list(word.text);
      if (list && list.length > MAX_NAMES) return unknown;
      for (const { value } of list ?? [{ value: word.text }]) named.add(value);
      if (named.size > (kind === 'prefix' ? MAX_PREFIXES : MAX_NAMES)) return unknown;
    }
    // Falco gives both id and name as "host" for what runs outside containers
    const byId = check.left.kind === 'field' && check.left.name === 'container.id';
    if (byId && !(kind === 'exact' && named.size === 1 && named.has('host'))) return unknown;
    const none = new Set<string>();
    const restriction =
      kind === 'exact' ? { sense, names: named, prefixes: none } : { sense, names: none, prefixes: named };
    return { restriction, exact: true };
  }

  #worth(a: Restriction, b: Restriction): boolean {
    this.#work += (a.names.size + b.names.size + 1) * (a.prefixes.size + b.prefixes.size + 1);
    return this.#work < MAX_WORK;
  }
}

/** What a comparison of container.name (or container.id) compares it with; undefined for any other. */
export function containerComparison(
  check: Check,
): { kind: 'exact' | 'prefix'; sense: 'in' | 'out'; words: Word[] } | undefined {
  const { left, right } = check;
  if (left.kind !== 'field' || (left.name !== 'container.name' && left.name !== 'container.id'))
    return undefined;
  const words = right.kind === 'word' ? [right.word] : right.kind === 'list' ? right.words : undefined;
  if (!words) return undefined;
  switch (check.operator) {
    case '=':
    case '==':
    case 'in':
    case '= oneof':
    case '= anyof':
    case '== oneof':
    case '== anyof':
      return { kind: 'exact', sense: 'in', words };
    case '!=':
      return { kind: 'exact', sense: 'out', words };
    case 'startswith':
    case 'startswith oneof':
    case 'startswith anyof':
      return { kind: 'prefix', sense: 'in', words };
    default:
      return undefined;
  }
}

function complement({ restriction, exact }: { restriction: Restriction; exact: boolean }): Restriction {
  return exact ? { ...restriction, sense: restriction.sense === 'in' ? 'out' : 'in' } : ANY;
}

function says({ names, prefixes }: Restriction, name: string): boolean {
  return names.has(name) || [...prefixes].some((prefix) => name.startsWith(prefix));
}

function intersection(a: Restriction, b: Restriction): Restriction {
  if (a.sense === 'out' && b.sense === 'out') return merge('out', a, b);
  if (a.sense === 'out') return intersection(b, a);
  if (b.sense === 'out') {
    const names = new Set([...a.names].filter((name) => !says(b, name)));
    const prefixes = new Set(
      [...a.prefixes].filter((prefix) => ![...b.prefixes].some((p) => prefix.startsWith(p))),
    );
    return { sense: 'in', names, prefixes };
  }
  const names = new Set([...a.names].filter((name) => says(b, name)));
  for (const name of b.names) if (says(a, name)) names.add(name);
  const prefixes = new Set<string>();
  for (const one of a.prefixes)
    for (const other of b.prefixes) {
      if (one.startsWith(other)) prefixes.add(one);
      else if (other.startsWith(one)) prefixes.add(other);
    }
  return { sense: 'in', names, prefixes };
}

function union(a: Restriction, b: Restriction): Restriction {
  if (a.sense === 'in' && b.sense === 'in') return merge('in', a, b);
  // all but what only one side leaves out, and neither lets in
  if (a.sense === 'in') return union(b, a);
  if (b.sense === 'in')
    return {
      sense: 'out',
      names: new Set([...a.names].filter((name) => !says(b, name))),
      prefixes: new Set(),
    };
  return { sense: 'out', names: new Set([...a.names].filter((name) => says(b, name))), prefixes: new Set() };
}

function merge(sense: 'in' | 'out', a: Restriction, b: Restriction): Restriction {
  const names = new Set([...a.names, ...b.names]);
  const prefixes = new Set([...a.prefixes, ...b.prefixes]);
  return names.size > MAX_NAMES || prefixes.size > MAX_PREFIXES ? ANY : { sense, names, prefixes };
}
