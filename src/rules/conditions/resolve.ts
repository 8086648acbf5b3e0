/**
 * Looks up the names in conditions. It parses each condition once, and finds macros that are unknown, defined too late or
 * circular, and circular lists. Its work is bounded: no name is expanded twice.
 */

import type { ErrorCode } from '../../errors.ts';
import type { Definitions, ListDefinition, MacroDefinition } from '../definitions/definitions.ts';
import { quote } from '../reading/problem.ts';
import type { Placed, Text } from '../reading/text.ts';
import { type Condition, macroNames, type Word } from './condition.ts';
import { Masks } from './masks.ts';
import { parseCondition } from './parser.ts';
import { ConditionError } from './scanner.ts';

/** Macros in macros, and lists in lists; the stock rules have 6. */
export const MAX_DEPTH = 100;
/** The items of all lists together, each with the lists in it written out. */
export const MAX_LIST_ITEMS = 500_000;

export class Resolver {
  readonly definitions: Definitions;
  readonly #macros = new Map<string, Condition | undefined>();
  readonly #rules = new Map<string, Condition | undefined>();
  readonly #lists = new Map<string, Placed[]>();
  /** Macros that were left out, as they lead back to themselves or too deep. */
  readonly #cut = new Set<string>();
  /** Names of lists as in masked conditions, and the names that they stand for. */
  readonly #masks: Masks;
  #listItems = 0;

  constructor(definitions: Definitions) {
    this.definitions = definitions;
    this.#masks = new Masks(definitions.lists.keys());
    for (const [name, macro] of definitions.macros) this.#macros.set(name, this.#parse(macro.condition));
    for (const [name, rule] of definitions.rules)
      this.#rules.set(name, rule.condition && this.#parse(rule.condition));
    this.#checkMacros();
    this.#checkRules();
    for (const name of definitions.lists.keys()) this.list(name);
  }

  /** Undefined where it can't be parsed, is unknown or leads back to itself. */
  macro(name: string): Condition | undefined {
    return this.#cut.has(name) ? undefined : this.#macros.get(name);
  }

  rule(name: string): Condition | undefined {
    return this.#rules.get(name);
  }

  /** The values that a word stands for: a bare name of a list gives the list's, each with its own place. */
  values(word: Word, text: Text): Placed[] {
    const list = word.quoted ? undefined : this.list(word.text);
    return list ?? [{ value: word.text, place: text.place(word.at) }];
  }

  /** A list's values with the lists in it written out, each once; undefined where there is no such list. */
  list(name: string, path: string[] = []): Placed[] | undefined {
    const definition = this.definitions.lists.get(this.#masks.nameOf(name));
    const known = this.#lists.get(name);
    if (!definition || known) return known;
    const values = new Map<string, Placed>();
    for (const item of definition.items) {
      // a list may hold its own name as a plain value
      const inner = item.value !== name && this.definitions.lists.has(item.value);
      if (inner && !this.#mayEnter(item, name, path)) continue;
      for (const value of (inner && this.list(item.value, [...path, name])) || [item]) {
        if (!this.#spend(definition)) break;
        if (!values.has(value.value)) values.set(value.value, value);
      }
    }
    const result = [...values.values()];
    this.#lists.set(name, result);
    return result;
  }

  #mayEnter(item: Placed, name: string, path: string[]): boolean {
    const cycle = path.includes(item.value);
    if (!cycle && path.length < MAX_DEPTH) return true;
    this.definitions.problems.error(
      cycle ? 'RULES_CYCLE' : 'RULES_TOO_LARGE',
      item.place,
      cycle
        ? `the list ${quote(name)} leads back to itself through ${quote(item.value)}`
        : `lists inside each other more than ${MAX_DEPTH} deep`,
      'Write the values themselves in one of them.',
    );
    return false;
  }

  #spend(definition: ListDefinition): boolean {
    this.#listItems++;
    if (this.#listItems === MAX_LIST_ITEMS)
      this.definitions.problems.error(
        'RULES_TOO_LARGE',
        definition.place,
        `the lists, written out, have more than ${MAX_LIST_ITEMS} items`,
        'What comes after is left out: make the lists smaller.',
      );
    return this.#listItems < MAX_LIST_ITEMS;
  }

  #parse(text: Text): Condition | undefined {
    try {
      return parseCondition(this.#masks.mask(text.value));
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      this.#error('RULES_CONDITION', text, error.at, error.message, 'Correct the condition at this place.');
      return undefined;
    }
  }

  #checkMacros(): void {
    const done = new Set<string>();
    const cyclic = new Set<string>();
    const visit = (macro: MacroDefinition, path: string[]): void => {
      if (done.has(macro.name)) return;
      const here = [...path, macro.name];
      for (const { name, at } of macroNames(this.#macros.get(macro.name))) {
        const inner = this.definitions.macros.get(name);
        const start = here.indexOf(name);
        if (start >= 0) {
          for (const member of here.slice(start)) cyclic.add(member);
          this.#cut.add(name);
          const what = `the macro ${quote(macro.name)} leads back to itself through ${quote(name)}`;
          this.#error('RULES_CYCLE', macro.condition, at, what, 'Write the condition itself in one of them.');
        } else if (inner && here.length > MAX_DEPTH) {
          this.#cut.add(name);
          const what = `macros inside each other more than ${MAX_DEPTH} deep`;
          this.#error(
            'RULES_TOO_LARGE',
            macro.condition,
            at,
            what,
            'Write some of the conditions themselves.',
          );
        } else if (inner) visit(inner, here);
      }
      done.add(macro.name);
    };
    for (const macro of this.definitions.macros.values()) visit(macro, []);
    for (const macro of this.definitions.macros.values())
      for (const { name, at } of macroNames(this.#macros.get(macro.name))) {
        const inner = this.definitions.macros.get(name);
        if (!inner) this.#unknownMacro(macro.condition, name, at);
        else if (inner.first >= macro.last && !(cyclic.has(name) && cyclic.has(macro.name)))
          this.#late(macro.condition, name, at);
      }
  }

  #checkRules(): void {
    for (const rule of this.definitions.rules.values())
      for (const { name, at } of macroNames(this.#rules.get(rule.name))) {
        const macro = this.definitions.macros.get(name);
        if (!macro) this.#unknownMacro(rule.condition!, name, at);
        else if (macro.firstFile > rule.file) this.#late(rule.condition!, name, at);
      }
  }

  #unknownMacro(text: Text, name: string, at: number): void {
    this.#error(
      'RULES_UNKNOWN_MACRO',
      text,
      at,
      `no macro ${quote(name)} is defined`,
      'Define it, correct its name, or give the file that defines it before this one.',
    );
  }

  #late(text: Text, name: string, at: number): void {
    this.#error(
      'RULES_ORDER',
      text,
      at,
      `the macro ${quote(name)} is defined only after this use of it`,
      'Move its definition before this place: Falco reads in order.',
    );
  }

  #error(code: ErrorCode, text: Text, at: number, what: string, advice: string): void {
    this.definitions.problems.error(code, text.place(at), what, advice);
  }
}
