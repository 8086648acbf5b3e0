/** Reads the tokens of a condition one after the other. Each is one pass over its own characters, never a backtrack. */

/** The condition can't be parsed; `at` is the offset in its text. */
export class ConditionError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'ConditionError';
    this.at = at;
  }
}

const BLANK = /[ \t\b\r\n]+/y;

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

export class Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The token at this place, or undefined; the pattern must be sticky. */
  take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  literal(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  blank(): boolean {
    return this.take(BLANK) !== undefined;
  }

  blankThen(literal: string): boolean {
    this.blank();
    return this.literal(literal);
  }

  /** The text of a string in single or double quotes. As in Falco, a backslash before the quote never ends it. */
  quoted(): string | undefined {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return undefined;
    let end = this.#at;
    do {
      end = this.#text.indexOf(quote, end + 1);
      if (end < 0) this.fail('a quoted string that does not end');
    } while (this.#text[end - 1] === '\\');
    const inner = this.#text.slice(this.#at + 1, end);
    const unescaped = inner.replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, hex?: string, char?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (char === quote) return quote;
      return ESCAPES[char!] ?? this.fail(`an escape that Falco does not know: \\${char}`);
    });
    this.#at = end + 1;
    return unescaped;
  }

  fail(message: string): never {
    throw new ConditionError(message, this.#at);
  }
}
