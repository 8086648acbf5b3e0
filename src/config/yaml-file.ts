/** A YAML file of ours, and where in it each value stands: every fault names file, line and column. */
import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { type ErrorCode, ExporterError, type Place } from '../errors.ts';

/** What a kind of file is called, and the codes of its faults. */
export interface YamlKind {
  /** For "… can't be read". */
  name: string;
  unreadable: ErrorCode;
  syntax: ErrorCode;
  unknownKey: ErrorCode;
  type: ErrorCode;
  /** Where its keys are listed. */
  manual: string;
  /** Whether its values may be secrets, which no message may repeat. */
  secret: boolean;
}

export class YamlFile {
  readonly path: string;
  readonly values: Record<string, unknown>;
  readonly #kind: YamlKind;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @throws an AggregateError of ExporterErrors: a file that can't be read, or is no YAML mapping */
  constructor(path: string, kind: YamlKind) {
    this.path = path;
    this.#kind = kind;
    this.#document = parseDocument(this.#read(), { lineCounter: this.#lines, prettyErrors: true });
    const broken = this.#document.errors.map(
      ({ message, linePos }) =>
        new ExporterError(kind.syntax, message.split('\n', 1)[0]!, {
          place: { file: path, line: linePos?.[0].line ?? 1, column: linePos?.[0].col ?? 1 },
        }),
    );
    if (broken.length > 0) throw new AggregateError(broken);
    const values = this.#toValues();
    if (typeof values !== 'object' || Array.isArray(values))
      throw new AggregateError([
        new ExporterError(kind.type, 'expected a mapping of keys to values', {
          place: { file: path, line: 1, column: 1 },
        }),
      ]);
    this.values = values as Record<string, unknown>;
  }

  /** Where the value at a path stands, or as much of the path as there is; a key's own place where `key` is given. */
  place(path: readonly PropertyKey[], key?: string): Place {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      const offset = keyOffset(node, length === path.length ? key : undefined) ?? rangeOf(node);
      if (offset === undefined) continue;
      const { line, col } = this.#lines.linePos(offset);
      return { file: this.path, line, column: col };
    }
    return { file: this.path };
  }

  /** What the schema complains of, at its place. */
  faults(issue: z.core.$ZodIssue): ExporterError[] {
    const path = issue.path.map(String);
    const meant = issue.code === 'invalid_union' ? issue.errors.find(isOfItsType) : undefined;
    if (meant)
      return meant.flatMap((inner) => this.faults({ ...inner, path: [...issue.path, ...inner.path] }));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) =>
          new ExporterError(this.#kind.unknownKey, `unknown key "${[...path, key].join('.')}"`, {
            place: this.place(issue.path, key),
            advice: `${this.#kind.manual} lists the keys.`,
          }),
      );
    const place =
      issue.code === 'invalid_key'
        ? this.place(issue.path.slice(0, -1), path.at(-1))
        : this.place(issue.path);
    const what = this.#kind.secret ? expected(issue) : said(issue);
    return [new ExporterError(this.#kind.type, `${path.join('.')}: ${what}`, { place })];
  }

  #toValues(): unknown {
    try {
      return this.#document.toJS() ?? {};
    } catch (error) {
      // Aliases that explode are no syntax error to the parser.
      const place = { file: this.path };
      throw new AggregateError([
        new ExporterError(this.#kind.syntax, (error as Error).message, { place, cause: error }),
      ]);
    }
  }

  #read(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      throw new AggregateError([
        new ExporterError(
          this.#kind.unreadable,
          `${this.#kind.name} can't be read: ${(error as Error).message}`,
          {
            place: { file: this.path },
            cause: error,
          },
        ),
      ]);
    }
  }
}

/** What was expected and what was found. */
export function said(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return expected(issue);
  const found = JSON.stringify(issue.input)?.slice(0, 80);
  return `${expected(issue)}${found === undefined ? '' : `, found ${found}`}`;
}

/** zod's message without its own beginning. */
function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  return issue.message.replace(/^Invalid \w+: /, '');
}

/** Whether a value that may be of several types is of this one, and wrong inside. */
function isOfItsType(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0);
}

function rangeOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | undefined)?.range?.[0];
}

function keyOffset(node: unknown, key: string | undefined): number | undefined {
  const items = (node as { items?: { key?: { value?: unknown } }[] } | undefined)?.items;
  return key === undefined ? undefined : rangeOf(items?.find((pair) => pair.key?.value === key)?.key);
}

/** In the order of the file's lines. */
export function inOrder(faults: ExporterError[]): ExporterError[] {
  return faults.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
}
