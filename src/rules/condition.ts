/**
 * The parser of Falco's condition language, as of Falco 0.44 (the grammar stands in libsinsp's filter/parser.h).
 * It reads the text as it stands in the rules file: macros and lists stay names, which resolve.ts looks up.
 * It takes linear time, nests no deeper than MAX_NESTING, and throws nothing but ConditionError.
 */

/** A value as written: `bash`, `"drop table"`, or the bare name of a list. */
export interface Word {
  text: string;
  /** A quoted word is never the name of a list. */
  quoted: boolean;
  /** Offset in the condition's text. */
  at: number;
}

/** The left side: `proc.aname[2]` with its argument, or a transformer such as `tolower(…)`, whose inside we need not know. */
export type Operand = { kind: 'field'; name: string; argument: string | undefined } | { kind: 'transformer' };

/** The right side: nothing (`exists`), one value, several, or another field (`val(…)`, `tolower(…)`). */
export type Right =
  | { kind: 'none' | 'field' }
  | { kind: 'word'; word: Word }
  /** `parentheses` is false for `in name`: Falco accepts a bare name there. */
  | { kind: 'list'; words: Word[]; parentheses: boolean };

export interface Check {
  kind: 'check';
  left: Operand;
  /** As written, with its modifier: `=`, `in`, `startswith oneof`. */
  operator: string;
  right: Right;
  at: number;
}

export type Condition =
  | { kind: 'and' | 'or'; children: Condition[] }
  | { kind: 'not'; child: Condition }
  | { kind: 'macro'; name: string; at: number }
  | Check;

/** The condition can't be parsed; `at` is the offset in its text. */
export class ConditionError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'ConditionError';
    this.at = at;
  }
}

/** Falco stops at a recursion depth of 1000, which is about 200 parentheses. */
export const MAX_NESTING = 200;

const BLANK = /[ \t\b\r\n]+/y;
const NOT = /not(?=[\s(])/y;
const IDENTIFIER = /[a-zA-Z][a-zA-Z0-9_]*/y;
const FIELD = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y;
const FIELD_ARGUMENT = /[^\][\s"']+/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y;
const BARE = /[^()"'\s=,]+/y;
const TRANSFORMER = /(?:tolower|toupper|b64|basename|len|join|concat|getopt)\(/y;
const VAL = /val\(/y;
const NUMBER_OPERATOR = /<=|<|>=|>/y;
const TEXT_OPERATOR =
  /==|=|!=|(?:glob|iglob|contains|icontains|bcontains|startswith|bstartswith|endswith|regex)(?=[ \t\b\r\n])/y;
const MODIFIER = /(?:oneof|anyof|allof)(?=[ \t\b\r\n]+(?:\(|(?!(?:and|or|not)(?![a-zA-Z0-9]))[a-zA-Z]))/y;
const LIST_OPERATOR = /intersects|in|pmatch/y;
const EXISTS = /exists/y;

const ESCAPES: Record<string, string> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  ' ': '\\', // Falco's own leniency for some wrongly escaped rules
  '\\': '\\',
  '/': '/',
};

/** The syntax tree of one condition. Throws ConditionError. */
export function parseCondition(text: string): Condition {
  return new Parser(text).whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Condition {
    const condition = this.#or();
    if (this.#at < this.#text.length) this.#fail("expected 'and', 'or' or the end");
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
    this.#blank();
    while (this.#literal(kind)) {
      if (this.#literal('(')) children.push(this.#closed());
      else if (this.#blank()) children.push(next());
      else this.#fail(`expected a blank or '(' after '${kind}'`);
      this.#blank();
    }
    return children.length > 1 ? { kind, children } : children[0]!;
  }

  #not(): Condition {
    this.#blank();
    let negated = false;
    let child: Condition | undefined;
    while (this.#take(NOT) !== undefined) {
      negated = !negated;
      if (this.#literal('(')) {
        child = this.#closed();
        break;
      }
      this.#blank();
    }
    child ??= this.#check();
    return negated ? { kind: 'not', child } : child;
  }

  /** The rest of a parenthesis whose `(` was read. */
  #closed(): Condition {
    if (++this.#nesting > MAX_NESTING) this.#fail(`more than ${MAX_NESTING} parentheses inside each other`);
    const condition = this.#or();
    if (!this.#literal(')')) this.#fail("expected 'and', 'or' or ')'");
    this.#nesting--;
    return condition;
  }

  #check(): Condition {
    const at = this.#at;
    if (this.#literal('(')) return this.#closed();
    const left = this.#operand();
    if (left) return this.#comparison(left, at);
    const name = this.#take(IDENTIFIER);
    if (name !== undefined) return { kind: 'macro', name, at };
    return this.#fail("expected '(', a field or the name of a macro");
  }

  #operand(): Operand | undefined {
    const name = this.#take(FIELD);
    if (name !== undefined) return { kind: 'field', name, argument: this.#argument() };
    if (this.#take(TRANSFORMER) === undefined) return undefined;
    this.#transformer();
    return { kind: 'transformer' };
  }

  #comparison(left: Operand, at: number): Check {
    this.#blank();
    if (this.#take(EXISTS) !== undefined)
      return { kind: 'check', left, operator: 'exists', right: { kind: 'none' }, at };
    let operator = this.#take(NUMBER_OPERATOR);
    if (operator !== undefined) return { kind: 'check', left, operator, right: this.#number(), at };
    operator = this.#take(TEXT_OPERATOR);
    if (operator !== undefined) {
      const modifier = this.#blank() ? this.#take(MODIFIER) : undefined;
      return modifier === undefined
        ? { kind: 'check', left, operator, right: this.#value(), at }
        : { kind: 'check', left, operator: `${operator} ${modifier}`, right: this.#list(), at };
    }
    operator = this.#take(LIST_OPERATOR);
    if (operator !== undefined) return { kind: 'check', left, operator, right: this.#list(), at };
    return this.#fail('expected a comparison operator');
  }

  #number(): Right {
    this.#blank();
    if (this.#otherField()) return { kind: 'field' };
    const at = this.#at;
    const text = this.#take(NUMBER) ?? this.#fail('expected a number');
    return { kind: 'word', word: { text, quoted: false, at } };
  }

  #value(): Right {
    this.#blank();
    return this.#otherField() ? { kind: 'field' } : { kind: 'word', word: this.#word() };
  }

  #list(): Right {
    this.#blank();
    if (this.#literal('(')) {
      const words: Word[] = [];
      this.#blank();
      if (!this.#literal(')')) {
        do {
          this.#blank();
          words.push(this.#word());
          this.#blank();
        } while (this.#literal(','));
        if (!this.#literal(')')) this.#fail("expected ',' or ')'");
      }
      return { kind: 'list', words, parentheses: true };
    }
    if (this.#otherField()) return { kind: 'field' };
    const at = this.#at;
    const text = this.#take(IDENTIFIER) ?? this.#fail("expected '(' and a list of values");
    return { kind: 'list', words: [{ text, quoted: false, at }], parentheses: false };
  }

  #word(): Word {
    const at = this.#at;
    const quoted = this.#quoted();
    if (quoted !== undefined) return { text: quoted, quoted: true, at };
    return { text: this.#take(BARE) ?? this.#fail('expected a value'), quoted: false, at };
  }

  /** `val(field)` or a transformer, on the right side. */
  #otherField(): boolean {
    if (this.#take(VAL) !== undefined) {
      this.#blank();
      if (this.#take(FIELD) === undefined) this.#fail("expected a field inside 'val('");
      this.#argument();
      this.#close();
      return true;
    }
    if (this.#take(TRANSFORMER) === undefined) return false;
    this.#transformer();
    return true;
  }

  /** The arguments of a transformer whose `name(` was read. */
  #transformer(): void {
    if (++this.#nesting > MAX_NESTING) this.#fail(`more than ${MAX_NESTING} parentheses inside each other`);
    do {
      this.#blank();
      if (!this.#literal('(')) this.#transformed();
      else if (!this.#blankThen(')')) {
        do this.#transformed();
        while (this.#blankThen(','));
        this.#close();
      }
    } while (this.#blankThen(','));
    this.#close();
    this.#argument();
    this.#nesting--;
  }

  #transformed(): void {
    this.#blank();
    if (this.#take(NUMBER) !== undefined || this.#quoted() !== undefined || this.#operand()) return;
    this.#fail('expected a field, a transformer, a quoted string or a number');
  }

  #argument(): string | undefined {
    if (!this.#literal('[')) return undefined;
    const argument =
      this.#quoted() ?? this.#take(FIELD_ARGUMENT) ?? this.#fail("expected an argument after '['");
    if (!this.#literal(']')) this.#fail("expected ']'");
    return argument;
  }

  #quoted(): string | undefined {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return undefined;
    let end = this.#at;
    do {
      end = this.#text.indexOf(quote, end + 1);
      if (end < 0) this.#fail('a quoted string that does not end');
    } while (this.#text[end - 1] === '\\');
    const inner = this.#text.slice(this.#at + 1, end);
    const unescaped = inner.replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, hex?: string, char?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (char === quote) return quote;
      return ESCAPES[char!] ?? this.#fail(`an escape that Falco does not know: \\${char}`);
    });
    this.#at = end + 1;
    return unescaped;
  }

  #close(): void {
    if (!this.#blankThen(')')) this.#fail("expected ')'");
  }

  #blankThen(literal: string): boolean {
    this.#blank();
    return this.#literal(literal);
  }

  #blank(): boolean {
    return this.#take(BLANK) !== undefined;
  }

  #literal(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  #fail(message: string): never {
    throw new ConditionError(message, this.#at);
  }
}
