/** A YAML file of ours, with the place of each value: every fault names file, line and column. */
import { readFileSync } from 'node:fs';
import {
  type Document,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type ScalarTag,
  type SchemaOptions,
  visit,
  type YAMLError,
} from 'yaml';
import type * as z from 'zod';
import { type ErrorCode, ExporterError, type Place, systemReason } from '../errors.ts';

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
  /**
   * What `values` holds. `core`: objects, and scalars as YAML 1.2 means them. `go`: Maps, whatever their keys are called,
   * and scalars left to the reader (`Plain` without quotes, text with), as Go's decoder leaves them to the field.
   */
  scalars: 'core' | 'go';
  /** Most bytes of such a file: what is larger is another one, and reading it would hold up everything else. */
  mostBytes?: number;
  /** Whether a text that ends within a line is refused: it may be written to just now. */
  wholeLines?: boolean;
}

/** A scalar without quotes. */
export class Plain {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const PLAIN: ScalarTag = {
  tag: 'tag:falco-event-exporter,2026:plain',
  default: true,
  test: /^/,
  resolve: (text) => new Plain(text),
};

/** Most faults that are reported at once: in a file of another kind each line is one. */
export const MOST_FAULTS = 50;

/** Keys are looked through for duplicates here: the library compares each with each. */
const OPTIONS: Record<YamlKind['scalars'], ParseOptions & SchemaOptions & { uniqueKeys: false }> = {
  core: { uniqueKeys: false },
  go: { uniqueKeys: false, schema: 'failsafe', merge: true, stringKeys: true, customTags: [PLAIN] },
};

export class YamlFile {
  readonly path: string;
  /** A mapping's, as `YamlKind.scalars` says. */
  readonly values: unknown;
  readonly #kind: YamlKind;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @throws an AggregateError of ExporterErrors: a file that can't be read, or is no YAML mapping */
  constructor(path: string, kind: YamlKind) {
    this.path = path;
    this.#kind = kind;
    const text = this.#read();
    const options = { ...OPTIONS[kind.scalars], lineCounter: this.#lines, prettyErrors: !kind.secret };
    this.#document = parseDocument(text, options);
    const broken = this.#document.errors.map((error) =>
      this.#fault(syntax(error, kind.secret), error.pos[0]),
    );
    if (broken.length === 0 && kind.wholeLines && /[^\n]$/.test(text))
      broken.push(
        this.#fault(
          'it ends within a line: expected a newline, since half of it may be missing',
          text.length,
        ),
      );
    if (broken.length === 0) broken.push(...this.#duplicates());
    if (broken.length > 0) throw new AggregateError(broken.slice(0, MOST_FAULTS));
    this.values = this.#toValues();
    if (typeof this.values !== 'object' || Array.isArray(this.values))
      throw new AggregateError([
        new ExporterError(kind.type, 'expected a mapping of keys to values', {
          place: { file: path, line: 1, column: 1 },
        }),
      ]);
  }

  /** The place of the value at a path, or of as much of the path as there is; the key's own place if `key` is given. */
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
      return issue.keys.slice(0, MOST_FAULTS).map(
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
    return [new ExporterError(this.#kind.type, `${path.join('.')}: ${said(issue)}`, { place })];
  }

  #duplicates(): ExporterError[] {
    const faults: ExporterError[] = [];
    visit(this.#document, {
      Map: (_, { items }) => {
        const met = new Set<unknown>();
        for (const { key } of items) {
          const value = isScalar(key) ? key.value : key;
          if (met.has(value)) faults.push(this.#fault('this key stands here twice', rangeOf(key) ?? 0));
          met.add(value);
        }
      },
    });
    return faults;
  }

  #fault(what: string, offset: number): ExporterError {
    const { line, col } = this.#lines.linePos(offset);
    const place = { file: this.path, line: Math.max(line, 1), column: Math.max(col, 1) };
    return new ExporterError(this.#kind.syntax, what, { place });
  }

  #toValues(): unknown {
    try {
      const mapAsMap = this.#kind.scalars === 'go';
      return this.#document.toJS({ mapAsMap }) ?? (mapAsMap ? new Map() : {});
    } catch (error) {
      // Aliases that explode, or of nothing, are no syntax error to the parser, and it doesn't say where they are.
      throw new AggregateError([this.#fault(this.#kind.secret ? ALIASES : (error as Error).message, 0)]);
    }
  }

  #read(): string {
    try {
      const text = readFileSync(this.path);
      const { mostBytes = Number.POSITIVE_INFINITY } = this.#kind;
      if (text.length > mostBytes) throw new Error(`it is larger than ${mostBytes / 1024} KiB`);
      return text.toString('utf8');
    } catch (error) {
      throw new AggregateError([
        new ExporterError(this.#kind.unreadable, `${this.#kind.name} can't be read: ${systemReason(error)}`, {
          place: { file: this.path },
          cause: error,
        }),
      ]);
    }
  }
}

const UNREADABLE = 'this is no YAML that can be read';
const ALIASES = 'an alias (*) has no anchor (&) before it, or there are too many';

/** The parser's words for it, which repeat text of the file; or, of a file that holds secrets, ours. */
function syntax({ code, message }: YAMLError, secret: boolean): string {
  if (!secret) return message.split('\n', 1)[0]!;
  return SYNTAX[code] ?? UNREADABLE;
}

const SYNTAX: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'an alias (*) has no anchor (&) before it',
  BAD_DQ_ESCAPE: 'there is no such escape between double quotes',
  BAD_INDENT: 'the indentation is wrong',
  BAD_SCALAR_START: 'text that begins so needs quotes',
  MISSING_CHAR: 'a quote, a bracket, a comma, a colon or a space is missing',
  MULTILINE_IMPLICIT_KEY:
    'a key must stand on one line: a colon, a quote or a bracket is missing before this',
  MULTIPLE_DOCS: 'there is more than one document: only one is read',
  NON_STRING_KEY: 'a key must be text',
  TAB_AS_INDENT: 'indentation is spaces, not tabs',
};

/** What was expected and what was found. */
export function said(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  if (issue.code === 'invalid_type' && issue.input === undefined) return `it is missing: ${issue.message}`;
  const found = JSON.stringify(issue.input)?.slice(0, 80);
  return `${issue.message}${found === undefined ? '' : `, found ${found}`}`;
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
