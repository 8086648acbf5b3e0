/** The plain scanner: JSON.parse, line by line. It is the reference for what a line means, and slow. */
import { eachLine } from '../line/lines.ts';
import { LineReader } from './reader.ts';
import type { Batch, Scanner, Tuple, WantedField } from './scanner.ts';

export class PlainScanner implements Scanner {
  readonly #reader: LineReader;
  #batch = emptyBatch(1024);

  /** @param reader given where the tuples are shared with another scanner */
  constructor(wanted: readonly WantedField[], maxLine: number, reader = new LineReader(wanted, maxLine)) {
    this.#reader = reader;
  }

  get generation(): number {
    return this.#reader.generation;
  }

  scan(bytes: Uint8Array): Batch {
    const reader = this.#reader;
    reader.begin();
    this.#batch.lines = 0;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    eachLine(bytes, (start, end) => {
      reader.read(text, start, end);
      this.#put(reader.tuple, reader.time, reader.start, reader.end);
    });
    return this.#batch;
  }

  tuple(number: number): Tuple {
    return this.#reader.words(number);
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
