/**
 * The names in conditions, exceptions and outputs: fields, event types, operators and values that Falco refuses. A
 * macro is checked for each source of the rules that use it, as Falco does; one that no rule uses only gets a warning.
 */
import { type Check, type Condition, checks, macroNames, type Operand } from '../conditions/condition.ts';
import type { Resolver } from '../conditions/resolve.ts';
import type { RuleDefinition } from '../definitions/definitions.ts';
import { eventTypes, type Field, FieldSet, plugins, sources, type ValueType } from '../names/fields.ts';
import { Nearest } from '../names/nearest.ts';
import { FALCO } from '../names/table.ts';
import { describeType, fitsOperator, refuseValue, transformed, typeName } from '../names/values.ts';
import type { AppendOutput, FalcoConfig } from '../reading/falcoconfig.ts';
import { type Problem, quote, type Severity } from '../reading/problem.ts';
import { Text } from '../reading/text.ts';
import { outputFields } from './format.ts';
import { asOperand, describe, isField, isTransformable } from './operands.ts';
import { meets } from './outputs.ts';

/** How much is known of the fields that an event may have. */
interface View {
  source: string;
  fields: FieldSet;
  /** Of an unknown name: a warning where another plugin, or a rule that is left out, may explain it. */
  unknown: Severity;
}

/** Values of conditions and exceptions, lists written out; the stock rules have 5,000. Those beyond are believed. */
const MAX_VALUES = 1_000_000;

/** A pattern takes as long as so many values. */
const PATTERN = 5000;

type Finding = Omit<Problem, 'severity'> & { severity?: Severity };

export function checkNames(resolver: Resolver, config: FalcoConfig | undefined): void {
  new NameChecker(resolver, config?.plugins ?? []).run(config?.appendOutput ?? []);
}

class NameChecker {
  readonly #resolver: Resolver;
  /** Whether a plugin is named whose fields nobody here knows. */
  readonly #foreign: boolean;
  readonly #reported = new Set<string>();
  /** Macros that were looked at, by view; and their names. */
  readonly #done = new Set<string>();
  readonly #used = new Set<string>();
  /** Values that may still be looked at. */
  #budget = MAX_VALUES;
  readonly #nearest = new Map<string, Nearest>();
  readonly #events = new Nearest(eventTypes);

  /** @param configured plugins of falco.yaml */
  constructor(resolver: Resolver, configured: readonly string[]) {
    this.#resolver = resolver;
    this.#foreign = [...resolver.definitions.plugins, ...configured].some((plugin) => !plugins.has(plugin));
  }

  run(appended: readonly AppendOutput[]): void {
    const { definitions } = this.#resolver;
    const rules = [...definitions.rules.values()].map((rule) => ({ rule, view: this.#view(rule) }));
    // what is an error for one rule is reported as one, though another only warns of it
    rules.sort((a, b) => Number(a.view?.unknown === 'warning') - Number(b.view?.unknown === 'warning'));
    for (const { rule, view } of rules) {
      if (!view) continue;
      this.#condition(this.#resolver.rule(rule.name), rule.condition, view);
      this.#exceptions(rule, view);
      if (rule.output) this.#output(rule.output, view);
    }
    for (const entry of appended) this.#appended(entry, rules);
    const unused = { source: 'syscall', fields: FieldSet.of('syscall'), unknown: 'warning' } as const;
    for (const { name, condition } of definitions.macros.values())
      if (!this.#used.has(name))
        for (const check of checks(this.#resolver.macro(name)))
          if (this.#isForeign(check)) this.#check(check, condition, unused);
  }

  /** Undefined where Falco leaves the rule out, as it does not know its source. */
  #view({ source, skipUnknown, place }: RuleDefinition): View | undefined {
    const fields = FieldSet.of(source);
    if (sources.has(source))
      return {
        source,
        fields,
        unknown: source !== 'syscall' || this.#foreign || skipUnknown ? 'warning' : 'error',
      };
    if (!this.#foreign)
      this.#report({
        code: 'RULES_SOURCE',
        severity: 'warning',
        place,
        what: `no plugin that Falco brings has the source ${quote(source)}`,
        advice: `Falco leaves the rule out without its plugin. It knows ${[...sources].join(', ')}.`,
      });
    return undefined;
  }

  /** Whether no source at all has the field. */
  #isForeign({ left }: Check): boolean {
    if (left.kind !== 'field') return false;
    return [...sources].every(
      (source) => typeof FieldSet.of(source).find(left.name, left.argument) === 'string',
    );
  }

  #condition(condition: Condition | undefined, text: Text | undefined, view: View): void {
    if (!condition || !text) return;
    for (const check of checks(condition)) this.#check(check, text, view);
    for (const { name } of macroNames(condition)) {
      const key = `${view.source} ${view.unknown} ${name}`;
      if (this.#done.has(key)) continue;
      this.#done.add(key);
      this.#used.add(name);
      this.#condition(
        this.#resolver.macro(name),
        this.#resolver.definitions.macros.get(name)?.condition,
        view,
      );
    }
  }

  #check(check: Check, text: Text, view: View): void {
    const type = this.#operand(check.left, text, view);
    if (!type || !this.#fits(type, check.operator, describe(check.left), text.place(check.at))) return;
    if (check.right.kind === 'field') this.#otherField(type, check, check.right.operand, text, view);
    const words =
      check.right.kind === 'word' ? [check.right.word] : check.right.kind === 'list' ? check.right.words : [];
    const isType = check.left.kind === 'field' && check.left.name === 'evt.type';
    for (const word of words)
      for (const { value, place } of this.#resolver.values(word, text)) {
        if (this.#budget < 0) return;
        this.#value(type, check.operator, value, place, isType, view);
      }
  }

  /** A comparison with another field: it must be of the same type. */
  #otherField(type: ValueType, { operator }: Check, right: Operand, text: Text, view: View): void {
    const other = this.#operand(right, text, view);
    if (!other) return;
    const base = operator.split(' ')[0]!;
    const same = type.type === other.type && type.list === other.list;
    if (same && base !== 'pmatch' && base !== 'regex' && !type.type.endsWith('NET')) return;
    this.#report({
      code: 'RULES_OPERATOR',
      place: text.place(right.at),
      what: same
        ? `'${operator}' does not compare with another field`
        : `${describe(right)} (${typeName(other)}) is compared with another type (${typeName(type)})`,
      advice: 'Compare fields of the same type, or with a value.',
    });
  }

  #fits(type: ValueType, operator: string, left: string, place: Problem['place']): boolean {
    if (fitsOperator(type, operator)) return true;
    this.#report({
      code: 'RULES_OPERATOR',
      place,
      what: `${left} is ${describeType(type)}, which '${operator}' does not compare`,
      advice: type.list
        ? "Use 'in', 'intersects' or 'exists'."
        : 'Use an operator of its type, such as = or in.',
    });
    return false;
  }

  #value(
    type: ValueType,
    operator: string,
    written: string,
    place: Problem['place'],
    isType: boolean,
    view: View,
  ): void {
    // items of lists and exceptions go into the condition as text, with quotes of their own
    this.#budget -= operator.startsWith('regex') ? PATTERN : 1;
    if (this.#budget < 0 || isField(written)) return;
    const value = /^(["']).*\1$/s.test(written) ? written.slice(1, -1) : written;
    const what = refuseValue(type, operator, value);
    if (what !== undefined)
      this.#report({
        code: 'RULES_VALUE',
        place,
        what: `${quote(value)} is ${what}`,
        advice: operator.startsWith('regex')
          ? 'Patterns are those of RE2, in its POSIX syntax.'
          : `Give ${describeType({ ...type, list: false })}.`,
      });
    else if (isType && !eventTypes.has(value)) {
      const near = this.#events.find(value);
      this.#report({
        code: 'RULES_UNKNOWN_EVENT',
        severity: view.unknown,
        place,
        what: `Falco ${FALCO} knows no event type ${quote(value)}`,
        advice: near === undefined ? "'falco --list-events' names them." : `Is ${quote(near)} meant?`,
      });
    }
  }

  /** @returns the type of what it gives, if that is known */
  #operand(operand: Operand, text: Text, view: View): ValueType | undefined {
    if (operand.kind === 'field') return this.#field(operand, text, view);
    const inner = operand.operands.map((each) => this.#operand(each, text, view));
    if (['join', 'concat'].includes(operand.name)) return { type: 'CHARBUF', list: false };
    if (operand.name === 'getopt') return { type: 'CHARBUF', list: true };
    const [first] = inner;
    const [field] = operand.operands;
    if (!first || !field) return undefined;
    const result = isTransformable(first) ? transformed(operand.name, first) : undefined;
    if (!result)
      this.#report({
        code: 'RULES_OPERATOR',
        place: text.place(operand.at),
        what: `${operand.name}() does not take ${describe(field)}`,
        advice: `${describe(field)} is ${describeType(first)}.`,
      });
    return result;
  }

  #field(
    { name, argument, at }: Extract<Operand, { kind: 'field' }>,
    text: Text,
    view: View,
  ): Field | undefined {
    const found = view.fields.find(name, argument);
    if (typeof found !== 'string') return found;
    this.#unknownField(name, found, text.place(at), view);
    return undefined;
  }

  #unknownField(name: string, what: string, place: Problem['place'], view: View): void {
    const { source } = view;
    const nearest = this.#nearest.get(source) ?? new Nearest(view.fields.names());
    this.#nearest.set(source, nearest);
    const near = nearest.find(name);
    const owner = [...sources].find((each) => FieldSet.of(each).has(name));
    const hint =
      near !== undefined
        ? `Is ${quote(near)} meant? `
        : owner === undefined
          ? ''
          : `It is one of ${owner}: does the rule lack 'source: ${owner}'? `;
    const listing =
      source === 'syscall' ? "'falco --list' names them." : `'falco --list ${source}' names them.`;
    this.#report({
      code: 'RULES_UNKNOWN_FIELD',
      severity: view.unknown,
      place,
      what: what || `events of ${source} have no field ${quote(name)} in Falco ${FALCO}`,
      advice: what ? 'Write the argument as Falco has it.' : `${hint}${listing}`,
    });
  }

  #exceptions({ exceptions }: RuleDefinition, view: View): void {
    for (const { comparisons } of exceptions.values())
      for (const { field, operator, values } of comparisons) {
        const operand = asOperand(field.value);
        if (!operand) {
          this.#unknownField(field.value, '', field.place, view);
          continue;
        }
        const type = this.#operand(operand, Text.plain(field.value, field.place), view);
        if (!type || values.length === 0) continue;
        if (!this.#fits(type, operator, describe(operand), field.place)) continue;
        const isType = operand.kind === 'field' && operand.name === 'evt.type';
        for (const { value, place } of values)
          for (const each of this.#resolver.list(value) ?? [{ value, place }])
            this.#value(type, operator, each.value, each.place, isType, view);
      }
  }

  /** What append_output adds to the outputs of the rules that it meets. */
  #appended(
    { formats, place, ...match }: AppendOutput,
    rules: readonly { rule: RuleDefinition; view: View | undefined }[],
  ): void {
    for (const { rule, view } of rules)
      if (view && meets(rule, match)) this.#output(Text.plain(formats, place), view);
  }

  #output(output: Text, view: View): void {
    for (const { at, name, what } of outputFields(output.value, view.fields))
      if (name === undefined)
        this.#report({
          code: 'RULES_UNKNOWN_FIELD',
          place: output.place(at),
          what,
          advice: 'Name a field after each %; Falco has no way to print a % itself.',
        });
      else this.#unknownField(name, what, output.place(at), view);
  }

  #report({ code, severity = 'error', place, what, advice }: Finding): void {
    const key = `${place.file}:${place.line}:${place.column} ${code} ${what}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#resolver.definitions.problems[severity](code, place, what, advice);
  }
}
