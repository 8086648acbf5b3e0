/**
 * The plain scanner: JSON.parse, line by line. It is the reference for what a line means, and slow. An object with
 * string `rule` and `priority` is an event, whatever else it holds; duplicate keys mean what JSON.parse makes of them.
 */
import { eachLine } from './lines.ts';
import {
  type Batch,
  MAX_TUPLE_CHARACTERS,
  MAX_TUPLES,
  OUTCOME,
  type Scanner,
  type Tuple,
  type WantedField,
} from './scanner.ts';
import { FALCO_TEXT_PREFIX, isFalcoText } from './text.ts';
import { parseTime } from './time.ts';

const BRACE = 0x7b;

export class PlainScanner implements Scanner {
  generation = 0;
  readonly #wanted: readonly WantedField[];
  readonly #maxLine: number;
  readonly #numbers = new Map<string, number>();
  #tuples: Tuple[] = [];
  /** Characters of all keys together: a few very long names must not fill the memory either. */
  #size = 0;
  #batch = emptyBatch(1024);

  /** @param maxLine longest line in bytes; a longer one is oversized, and not looked into */
  constructor(wanted: readonly WantedField[], maxLine: number) {
    this.#wanted = wanted;
    this.#maxLine = maxLine;
  }

  scan(bytes: Uint8Array): Batch {
    if (this.#tuples.length >= MAX_TUPLES || this.#size >= MAX_TUPLE_CHARACTERS) {
      this.#numbers.clear();
      this.#tuples = [];
      this.#size = 0;
      this.generation++;
    }
    this.#batch.lines = 0;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    eachLine(bytes, (start, end) => this.#line(text, start, end));
    return this.#batch;
  }

  tuple(number: number): Tuple {
    const tuple = this.#tuples[number];
    if (!tuple) throw new RangeError(`no tuple ${number}`);
    return tuple;
  }

  #line(bytes: Buffer, start: number, end: number): void {
    if (end - start > this.#maxLine) {
      this.#put(OUTCOME.oversized, Number.NaN, start, end);
      return;
    }
    if (bytes[start] !== BRACE) {
      const beginning = bytes.toString('utf8', start, Math.min(end, start + FALCO_TEXT_PREFIX));
      this.#put(isFalcoText(beginning) ? OUTCOME.malformed : OUTCOME.text, Number.NaN, start, end);
      return;
    }
    let event: unknown;
    try {
      event = JSON.parse(bytes.toString('utf8', start, end));
    } catch {
      event = undefined;
    }
    if (!isEvent(event)) {
      this.#put(OUTCOME.malformed, Number.NaN, start, end);
      return;
    }
    const time = typeof event.time === 'string' ? parseTime(event.time) : Number.NaN;
    const source = typeof event.source === 'string' ? event.source : '';
    this.#put(source === 'internal' ? OUTCOME.internal : this.#number(event, source), time, start, end);
  }

  #number(event: FalcoEvent, source: string): number {
    const fields = this.#wanted.map((wanted) => answer(event.output_fields, wanted));
    const key = JSON.stringify([event.rule, event.priority, source, fields]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#tuples.push({ rule: event.rule, priority: event.priority, source, fields }) - 1;
    this.#numbers.set(key, number);
    this.#size += key.length;
    return number;
  }

  #put(tuple: number, time: number, start: number, end: number): void {
    if (this.#batch.lines === this.#batch.tuple.length) this.#batch = grown(this.#batch);
    const batch = this.#batch;
    const line = batch.lines++;
    batch.tuple[line] = tuple;
    batch.time[line] = time;
    batch.start[line] = start;
    batch.end[line] = end;
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
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, wanted.name)) return null;
  const value = (fields as Record<string, unknown>)[wanted.name];
  const text =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  if (text === '' || text === '<NA>') return null;
  return wanted.only === undefined || wanted.only === text ? text : null;
}

function emptyBatch(capacity: number): Batch {
  return {
    lines: 0,
    tuple: new Int32Array(capacity),
    time: new Float64Array(capacity),
    start: new Int32Array(capacity),
    end: new Int32Array(capacity),
  };
}

function grown(batch: Batch): Batch {
  const larger = emptyBatch(batch.tuple.length * 2);
  larger.lines = batch.lines;
  larger.tuple.set(batch.tuple);
  larger.time.set(batch.time);
  larger.start.set(batch.start);
  larger.end.set(batch.end);
  return larger;
}
