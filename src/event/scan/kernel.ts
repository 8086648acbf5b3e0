/**
 * The scanner on WebAssembly (src/event/kernel/, AssemblyScript with SIMD): it checks a line's grammar and finds its
 * tuple among those it has met, on the bytes as they are, with no string made. What the bytes alone don't tell (a new
 * tuple, a key or a time spelled with escapes, a line that doesn't begin with a brace) it asks of the `LineReader`, so that both
 * scanners mean the same.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BEYOND, Layout } from './kernel-layout.ts';
import { PlainScanner } from './plain.ts';
import { LineReader } from './reader.ts';
import type { Batch, Scanner, Tuple, WantedField } from './scanner.ts';

/** What the module exports: see scan.ts, state.ts, keys.ts and cache.ts in src/event/kernel/. */
interface Exports {
  layTables(
    keys: number,
    keysCount: number,
    wanted: number,
    wantedCount: number,
    top: number,
    topCount: number,
  ): void;
  layLine(spans: number, levels: number, maxLine: number): void;
  layBatch(tuple: number, time: number, start: number, end: number, capacity: number): void;
  layCache(slots: number, count: number, keys: number, keysSize: number, secret: bigint): void;
  layKeys(at: number, size: number): void;
  begin(from: number, to: number): void;
  scan(): number;
  learn(tuple: number): void;
  forget(): void;
  isCrowded(): number;
  readonly lines: WebAssembly.Global;
}

/** What `scan` gives. */
const FULL = 1;
const ASK_TUPLE = 3;

/** In the order of the spans; only Falco's own events have the source "internal". */
const EVENT_KEYS: WantedField[] = [
  { name: 'rule' },
  { name: 'priority' },
  { name: 'source', only: 'internal' },
  { name: 'time' },
  { name: 'output_fields' },
];
/** Of each line: rule, priority, source; the wanted fields come after them. */
const EVENT_SPANS = 3;

const NEWLINE = 10;
/** Room for keys of events, and of output fields, that were met: some 500 of them. */
const KEPT_KEYS = 48 * 1024;
/** The table of tuples; what is not used of its memory is never taken. */
const SLOTS = 131_072;
const KEYS = 8 * 1024 * 1024;
/** A batch has room for lines of so many bytes on average. Shorter ones are no events, and may be slow. */
const SHORT_LINE = 16;

export class KernelScanner implements Scanner {
  readonly #reader: LineReader;
  readonly #plain: PlainScanner;
  readonly #kernel: Exports;
  readonly #batch: Batch;
  /** For reads. */
  readonly buffer: Buffer;
  /** For a copy of lines that are elsewhere. */
  readonly #copy: Buffer;
  #generation = 0;

  /**
   * @param module the kernel, compiled
   * @param room length of the buffer in bytes, and the most that one `scan` copies; it is slow with more
   */
  constructor(module: WebAssembly.Module, wanted: readonly WantedField[], maxLine: number, room: number) {
    this.#reader = new LineReader(wanted, maxLine);
    this.#plain = new PlainScanner(wanted, maxLine, this.#reader);
    const fields = unique(wanted.filter(({ top }) => !top));
    const top = unique(wanted.filter(({ top }) => top));
    const capacity = Math.ceil(room / SHORT_LINE);
    const layout = new Layout();
    const at = {
      time: layout.take(capacity * 8),
      tuple: layout.take(capacity * 4),
      start: layout.take(capacity * 4),
      end: layout.take(capacity * 4),
      eventKeys: layout.table(EVENT_KEYS),
      wanted: layout.table(fields),
      top: layout.table(top),
      spans: layout.take((EVENT_SPANS + fields.length + top.length) * 8),
      levels: layout.take(maxLine),
      keptKeys: layout.take(KEPT_KEYS),
      slots: layout.take(SLOTS * 16),
      keys: layout.take(KEYS),
      buffer: layout.take(room),
      copy: layout.take(room + 1 + BEYOND),
    };
    const memory = layout.memory();
    const { buffer } = memory;
    const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    kernel.layTables(at.eventKeys, EVENT_KEYS.length, at.wanted, fields.length, at.top, top.length);
    kernel.layKeys(at.keptKeys, KEPT_KEYS);
    kernel.layLine(at.spans, at.levels, maxLine);
    kernel.layBatch(at.tuple, at.time, at.start, at.end, capacity);
    kernel.layCache(at.slots, SLOTS, at.keys, KEYS, randomBytes(8).readBigInt64LE());
    this.#kernel = kernel;
    this.buffer = Buffer.from(buffer, at.buffer, room);
    this.#copy = Buffer.from(buffer, at.copy, room + 1);
    this.#batch = {
      lines: 0,
      tuple: new Int32Array(buffer, at.tuple, capacity),
      time: new Float64Array(buffer, at.time, capacity),
      start: new Int32Array(buffer, at.start, capacity),
      end: new Int32Array(buffer, at.end, capacity),
    };
  }

  get generation(): number {
    return this.#reader.generation;
  }

  tuple(number: number): Tuple {
    return this.#reader.words(number);
  }

  scan(bytes: Uint8Array): Batch {
    const lines = this.#atHand(bytes);
    if (lines === undefined) return this.#plain.scan(bytes);
    this.#begin();
    const [reader, kernel, batch] = [this.#reader, this.#kernel, this.#batch];
    kernel.begin(lines.byteOffset, lines.byteOffset + lines.length);
    let state = kernel.scan();
    while (state > FULL) {
      const line = (kernel.lines.value as number) - 1;
      reader.read(lines, batch.start[line]!, batch.end[line]!);
      batch.tuple[line] = reader.tuple;
      batch.time[line] = reader.time;
      batch.start[line] = reader.start;
      batch.end[line] = reader.end;
      if (state === ASK_TUPLE) kernel.learn(reader.tuple);
      state = kernel.scan();
    }
    if (state === FULL) return this.#plain.scan(bytes);
    batch.lines = kernel.lines.value as number;
    return batch;
  }

  /** The same lines in the kernel's memory, the last newline included; undefined where there is no room for them. */
  #atHand(bytes: Uint8Array): Buffer | undefined {
    const whole = bytes.at(-1) === NEWLINE;
    if (whole && bytes.buffer === this.buffer.buffer)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length >= this.#copy.length) return undefined;
    this.#copy.set(bytes);
    this.#copy[bytes.length] = NEWLINE;
    return this.#copy.subarray(0, bytes.length + (whole ? 0 : 1));
  }

  /** Makes room in both tables. Numbers that the kernel learned hold for one generation of the reader's tuples. */
  #begin(): void {
    this.#reader.begin();
    if (this.#generation !== this.#reader.generation || this.#kernel.isCrowded()) this.#kernel.forget();
    this.#generation = this.#reader.generation;
  }
}

let compiled: WebAssembly.Module | undefined;
let fault: string | undefined;

/**
 * Makes what runs on the kernel, which is compiled once.
 * @returns undefined where this machine can't: no WebAssembly (`--jitless`), none with SIMD, or no room for its memory
 *   (`ulimit -v`). It is not tried again then, and `kernelFault` says why.
 */
export function withKernel<T>(make: (kernel: WebAssembly.Module) => T): T | undefined {
  if (fault !== undefined) return undefined;
  try {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)));
    return make(compiled);
  } catch (error) {
    fault = (error as Error).message;
    return undefined;
  }
}

export function kernelFault(): string | undefined {
  return fault;
}

/** Whether the kernel can tell these fields by their bytes: broken characters all look alike once they are replaced. */
export function canTell(wanted: readonly WantedField[]): boolean {
  return wanted.every(({ name, only = '' }) =>
    [name, only].every((text) => text.isWellFormed() && !text.includes('\ufffd')),
  );
}

/** Each name once. Where one is asked for twice, for one text and for any, all are kept apart. */
function unique(wanted: readonly WantedField[]): WantedField[] {
  const names = [...new Set(wanted.map(({ name }) => name))];
  return names.map((name) => {
    const [first, ...others] = wanted.filter((each) => each.name === name);
    return others.every(({ only }) => only === first!.only) ? first! : { name };
  });
}
