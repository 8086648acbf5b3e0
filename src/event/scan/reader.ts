/**
 * What one line means, by JSON.parse: the reference. An object with string `rule` and `priority` is an event, whatever
 * else it holds, alone on its line or behind a prefix that is known (prefix.ts); duplicate keys mean what JSON.parse
 * makes of them. It owns the tuples.
 */
import { isInternal } from '../internal/internal.ts';
import { findEvent, skipColoursAtEnd, skipMarks } from '../line/prefix.ts';
import { parseTime } from '../time.ts';
import { MAX_TUPLE_CHARACTERS, MAX_TUPLES, OUTCOME, type Tuple, type WantedField } from './scanner.ts';

const BRACE = 0x7b;

export class LineReader {
  /** Changes when the table of tuples was full and began anew. */
  generation = 0;
  /** Of the line that was read last: the number of its tuple, or one of `OUTCOME`. */
  tuple = 0;
  /** Of the same line: the event's time in milliseconds since the epoch; NaN where it gives none. */
  time = Number.NaN;
  /** Its place: an event without its prefix, any other line whole. */
  start = 0;
  end = 0;
  readonly #wanted: readonly WantedField[];
  readonly #maxLine: number;
  readonly #numbers = new Map<string, number>();
  #tuples: Tuple[] = [];
  /** Characters of all keys together: a few very long names must not fill the memory either. */
  #size = 0;

  /** @param maxLine longest line in bytes; a longer one is oversized, and not looked into */
  constructor(wanted: readonly WantedField[], maxLine: number) {
    this.#wanted = wanted;
    this.#maxLine = maxLine;
  }

  /** Begins a batch: the one moment at which the table may begin anew. */
  begin(): void {
    if (this.#tuples.length < MAX_TUPLES && this.#size < MAX_TUPLE_CHARACTERS) return;
    this.#numbers.clear();
    this.#tuples = [];
    this.#size = 0;
    this.generation++;
  }

  /** The words of a tuple of the current generation. */
  words(number: number): Tuple {
    const tuple = this.#tuples[number];
    if (!tuple) throw new RangeError(`no tuple ${number}`);
    return tuple;
  }

  /** Reads a line that isn't blank, with no blanks at its ends. Never throws. */
  read(bytes: Buffer, start: number, end: number): void {
    this.time = Number.NaN;
    this.start = start;
    this.end = end;
    if (isShortText(bytes, start, end)) this.tuple = OUTCOME.text;
    else if (bytes[start] === BRACE) this.tuple = this.#read(bytes, start, end);
    else {
      const from = skipMarks(bytes, start, end);
      this.tuple = this.#read(bytes, from, skipColoursAtEnd(bytes, from, end));
    }
  }

  #read(bytes: Buffer, start: number, end: number): number {
    if (end - start > this.#maxLine) return OUTCOME.oversized;
    if (bytes[start] === BRACE) return this.#readObject(bytes, start, end);
    const found = start < end ? findEvent(bytes, start, end) : 'text';
    if (found === 'text') return OUTCOME.text;
    return typeof found === 'string' ? OUTCOME.malformed : this.#readObject(bytes, found, end);
  }

  /** What begins with a brace: a whole line, or what follows a prefix. */
  #readObject(bytes: Buffer, start: number, end: number): number {
    if (!mayBeEvent(bytes, start, end)) return OUTCOME.malformed;
    const event = parse(bytes.toString('utf8', start, end));
    if (!isEvent(event)) return OUTCOME.malformed;
    this.start = start;
    this.end = end;
    if (typeof event.time === 'string') this.time = parseTime(event.time);
    const source = typeof event.source === 'string' ? event.source : '';
    return isInternal(event.rule, source) ? OUTCOME.internal : this.#number(event, source);
  }

  #number(event: FalcoEvent, source: string): number {
    const fields = this.#wanted.map((wanted) => answer(wanted.top ? event : event.output_fields, wanted));
    const key = JSON.stringify([event.rule, event.priority, source, fields]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#tuples.push({ rule: event.rule, priority: event.priority, source, fields }) - 1;
    this.#numbers.set(key, number);
    this.#size += key.length;
    return number;
  }
}

/** Shorter than an event is, and than the beginning of one in Falco's text format. */
const SHORT = '00:00:00.0: Error '.length;

/** Hundreds of millions of lines like `a` fit into a compressed file of a megabyte: each is refused in nanoseconds. */
function isShortText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= SHORT) return false;
  for (let at = start; at < end; at++) if (bytes[at] === BRACE) return false;
  return true;
}

/** The shortest event. */
const SHORTEST = '{"rule":"","priority":""}';
const CLOSING_BRACE = 0x7d;
const BACKSLASH = 0x5c;

/**
 * Whether a line that begins with a brace is worth a JSON.parse, which takes microseconds to refuse one: millions of
 * short lines that are none must not keep everything else waiting. It ends in a brace, and has both names, or a
 * backslash that may spell one.
 */
function mayBeEvent(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < SHORTEST.length || bytes[end - 1] !== CLOSING_BRACE) return false;
  const line = bytes.subarray(start, end);
  return line.includes(BACKSLASH) || (line.includes('"rule"') && line.includes('"priority"'));
}

/** Undefined for what is no JSON. The error is nobody's to read, and its stack is half of the time that it takes. */
function parse(text: string): unknown {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface FalcoEvent {
  rule: string;
  priority: string;
  source?: unknown;
  time?: unknown;
  output_fields?: unknown;
}

function isEvent(value: unknown): value is FalcoEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'rule') &&
    Object.hasOwn(value, 'priority') &&
    typeof (value as FalcoEvent).rule === 'string' &&
    typeof (value as FalcoEvent).priority === 'string'
  );
}

/** Null, "" and "<NA>" are no answer (facts of Falco: a field that isn't known is one of the three). */
function answer(fields: unknown, wanted: WantedField): string | null {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null;
  if (!Object.hasOwn(fields, wanted.name)) return null;
  const value = (fields as Record<string, unknown>)[wanted.name];
  const text =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  if (text === '' || text === '<NA>') return null;
  return wanted.only === undefined || wanted.only === text ? text : null;
}
