/**
 * The parser of Falco's condition language, as of Falco 0.44 (the grammar is in libsinsp's filter/parser.h).
 * It takes linear time, nests no deeper than MAX_NESTING, and throws nothing but ConditionError.
 */

import type { Check, Condition, Operand, Right, Word } from './condition.ts';
import { Scanner } from './scanner.ts';

/** Falco stops at a recursion depth of 1000, which is about 200 parentheses. */
export const MAX_NESTING = 200;

const NOT = /not(?=[\s(])/y;
const IDENTIFIER = /[a-zA-Z][a-zA-Z0-9_]*/y;
const FIELD = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y;
const FIELD_ARGUMENT = /[^\][\s"']+/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y;
const BARE = /[^()"'\s=,]+/y;
/** The names of transformers: those of one value, and those of several. */
const TRANSFORMER = /(?:tolower|toupper|b64|basename|len|join|concat|getopt)\(/y;
const VAL = /val\(/y;
const NUMBER_OPERATOR = /<=|<|>=|>/y;
const TEXT_OPERATOR =
  /==|=|!=|(?:glob|iglob|contains|icontains|bcontains|startswith|bstartswith|endswith|regex)(?=[ \t\b\r\n])/y;
const MODIFIER = /(?:oneof|anyof|allof)(?=[ \t\b\r\n]+(?:\(|(?!(?:and|or|not)(?![a-zA-Z0-9]))[a-zA-Z]))/y;
const LIST_OPERATOR = /intersects|in|pmatch/y;
const EXISTS = /exists/y;

/**
 * The field or transformer at an offset of a text, as in an output after its %. Throws ConditionError.
 * @returns where it ends, too
 */
export function parseOperand(text: string, at: number): { operand: Operand; end: number } {
  return new Parser(text, at).operandAlone();
}

/** The syntax tree of one condition. Throws ConditionError. */
export function parseCondition(text: string): Condition {
  return new Parser(text).whole();
}

class Parser {
  readonly #scanner: Scanner;
  #nesting = 0;

  constructor(text: string, at = 0) {
    this.#scanner = new Scanner(text, at);
  }

  operandAlone(): { operand: Operand; end: number } {
    const operand = this.#operand() ?? this.#scanner.fail('expected a field or a transformer');
    return { operand, end: this.#scanner.at };
  }

  whole(): Condition {
    const condition = this.#or();
    if (!this.#scanner.ended) this.#scanner.fail("expected 'and', 'or' or the end");
    return condition;
  }

  #or(): Condition {
    return this.#chain('or', () => this.#and());
  }

  #and(): Condition {
    return this.#chain('and', () => this.#not());
  }

  #chain(kind: 'and' | 'or', next: () => Condition): Condition {
    const children = [next()];
    this.#scanner.blank();
    while (this.#scanner.literal(kind)) {
      if (this.#scanner.literal('(')) children.push(this.#closed());
      else if (this.#scanner.blank()) children.push(next());
      else this.#scanner.fail(`expected a blank or '(' after '${kind}'`);
      this.#scanner.blank();
    }
    return children.length > 1 ? { kind, children } : children[0]!;
  }

  #not(): Condition {
    this.#scanner.blank();
    let negated = false;
    let child: Condition | undefined;
    while (this.#scanner.take(NOT) !== undefined) {
      negated = !negated;
      if (this.#scanner.literal('(')) {
        child = this.#closed();
        break;
      }
      this.#scanner.blank();
    }
    child ??= this.#check();
    return negated ? { kind: 'not', child } : child;
  }

  /** The rest of a parenthesis whose `(` was read. */
  #closed(): Condition {
    if (++this.#nesting > MAX_NESTING)
      this.#scanner.fail(`more than ${MAX_NESTING} parentheses inside each other`);
    const condition = this.#or();
    if (!this.#scanner.literal(')')) this.#scanner.fail("expected 'and', 'or' or ')'");
    this.#nesting--;
    return condition;
  }

  #check(): Condition {
    const at = this.#scanner.at;
    if (this.#scanner.literal('(')) return this.#closed();
    const left = this.#operand();
    if (left) return this.#comparison(left, at);
    const name = this.#scanner.take(IDENTIFIER);
    if (name !== undefined) return { kind: 'macro', name, at };
    return this.#scanner.fail("expected '(', a field or the name of a macro");
  }

  #operand(): Operand | undefined {
    const { at } = this.#scanner;
    const name = this.#scanner.take(FIELD);
    if (name !== undefined) return { kind: 'field', name, argument: this.#argument(), at };
    return this.#transformer();
  }

  #comparison(left: Operand, at: number): Check {
    this.#scanner.blank();
    if (this.#scanner.take(EXISTS) !== undefined)
      return { kind: 'check', left, operator: 'exists', right: { kind: 'none' }, at };
    let operator = this.#scanner.take(NUMBER_OPERATOR);
    if (operator !== undefined) return { kind: 'check', left, operator, right: this.#number(), at };
    operator = this.#scanner.take(TEXT_OPERATOR);
    if (operator !== undefined) {
      const modifier = this.#scanner.blank() ? this.#scanner.take(MODIFIER) : undefined;
      return modifier === undefined
        ? { kind: 'check', left, operator, right: this.#value(), at }
        : { kind: 'check', left, operator: `${operator} ${modifier}`, right: this.#list(), at };
    }
    operator = this.#scanner.take(LIST_OPERATOR);
    if (operator !== undefined) return { kind: 'check', left, operator, right: this.#list(), at };
    return this.#scanner.fail('expected a comparison operator');
  }

  #number(): Right {
    this.#scanner.blank();
    const operand = this.#otherField();
    if (operand) return { kind: 'field', operand };
    const at = this.#scanner.at;
    const text = this.#scanner.take(NUMBER) ?? this.#scanner.fail('expected a number');
    return { kind: 'word', word: { text, quoted: false, at } };
  }

  #value(): Right {
    this.#scanner.blank();
    const operand = this.#otherField();
    return operand ? { kind: 'field', operand } : { kind: 'word', word: this.#word() };
  }

  #list(): Right {
    this.#scanner.blank();
    if (this.#scanner.literal('(')) {
      const words: Word[] = [];
      this.#scanner.blank();
      if (!this.#scanner.literal(')')) {
        do {
          this.#scanner.blank();
          words.push(this.#word());
          this.#scanner.blank();
        } while (this.#scanner.literal(','));
        if (!this.#scanner.literal(')')) this.#scanner.fail("expected ',' or ')'");
      }
      return { kind: 'list', words, parentheses: true };
    }
    const operand = this.#otherField();
    if (operand) return { kind: 'field', operand };
    const at = this.#scanner.at;
    const text = this.#scanner.take(IDENTIFIER) ?? this.#scanner.fail("expected '(' and a list of values");
    return { kind: 'list', words: [{ text, quoted: false, at }], parentheses: false };
  }

  #word(): Word {
    const at = this.#scanner.at;
    const quoted = this.#scanner.quoted();
    if (quoted !== undefined) return { text: quoted, quoted: true, at };
    return { text: this.#scanner.take(BARE) ?? this.#scanner.fail('expected a value'), quoted: false, at };
  }

  /** `val(field)` or a transformer, on the right side. */
  #otherField(): Operand | undefined {
    if (this.#scanner.take(VAL) === undefined) return this.#transformer();
    this.#scanner.blank();
    const { at } = this.#scanner;
    const name = this.#scanner.take(FIELD) ?? this.#scanner.fail("expected a field inside 'val('");
    const operand: Operand = { kind: 'field', name, argument: this.#argument(), at };
    this.#close();
    return operand;
  }

  #transformer(): Operand | undefined {
    const { at } = this.#scanner;
    const name = this.#scanner.take(TRANSFORMER)?.slice(0, -1);
    if (name === undefined) return undefined;
    if (++this.#nesting > MAX_NESTING)
      this.#scanner.fail(`more than ${MAX_NESTING} parentheses inside each other`);
    const operands: (Operand | undefined)[] = [];
    do {
      this.#scanner.blank();
      if (!this.#scanner.literal('(')) operands.push(this.#transformed());
      else if (!this.#scanner.blankThen(')')) {
        do operands.push(this.#transformed());
        while (this.#scanner.blankThen(','));
        this.#close();
      }
    } while (this.#scanner.blankThen(','));
    this.#close();
    this.#argument();
    this.#nesting--;
    return { kind: 'transformer', name, operands: operands.filter((each) => each !== undefined), at };
  }

  /** What a transformer holds; undefined if it is a text or a number. */
  #transformed(): Operand | undefined {
    this.#scanner.blank();
    if (this.#scanner.take(NUMBER) !== undefined || this.#scanner.quoted() !== undefined) return undefined;
    return (
      this.#operand() ?? this.#scanner.fail('expected a field, a transformer, a quoted string or a number')
    );
  }

  #argument(): string | undefined {
    if (!this.#scanner.literal('[')) return undefined;
    const argument =
      this.#scanner.quoted() ??
      this.#scanner.take(FIELD_ARGUMENT) ??
      this.#scanner.fail("expected an argument after '['");
    if (!this.#scanner.literal(']')) this.#scanner.fail("expected ']'");
    return argument;
  }

  #close(): void {
    if (!this.#scanner.blankThen(')')) this.#scanner.fail("expected ')'");
  }
}
