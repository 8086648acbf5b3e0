/**
 * What is posted to /events, as Falco's `http_output` and log shippers do: one event, several on lines of their own, or
 * a JSON array of them. All of a request is counted before it is answered, or none of it. An event means what the same
 * line means in a file; a request that is refused counts as one line that may have been an event, and is logged.
 *
 * Loses: Falco never sends an event again that was not taken in time, and what was counted since the last snapshot (up
 * to a second) is lost at a kill -9.
 */
import { type Framed, Framing } from '../event/framing/framing.ts';
import { explain, type Refusal } from '../event/framing/refusal.ts';
import { isBlank } from '../event/line/lines.ts';
import { type Batch, OUTCOME } from '../event/scan/scanner.ts';
import { elements } from './json-array.ts';
import type { InputStatus, Sink, Stream } from './source.ts';

/** The input's text, and its label. */
export const HTTP_INPUT = 'http';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const BRACKET = 0x5b;
const EMPTY = Buffer.alloc(0);
/** A piece of one, or several where only one may be. */
const WHOLE: Refusal = { kind: 'several' };

export class HttpInput implements Stream {
  readonly #maxLine: number;
  readonly #sink: Sink;
  #framing: Framing;

  constructor({ maxLine, sink }: { maxLine: number; sink: Sink }) {
    this.#maxLine = maxLine;
    this.#sink = sink;
    this.#framing = new Framing(maxLine, false);
  }

  /** Counts one body. @returns 'malformed' where not all of it are events; that is counted too, as one such line */
  ingest(body: Buffer): 'counted' | 'malformed' {
    const at = beginning(body);
    const lines = (body[at] === BRACKET ? elements(body, at) : undefined) ?? body;
    const why = this.#try(lines, body.length, false);
    if (why === undefined) return 'counted';
    // Between the parts of a JSON text a line's end is white space, and within them it can't stand.
    const line = lines.indexOf(NEWLINE) < 0 ? undefined : oneLine(lines);
    const last = line ? this.#try(line, body.length, true) : why;
    if (last === undefined) return 'counted';
    this.refuse(last, body.length);
    return 'malformed';
  }

  /** Counts what is not taken. @param bytes that were read of it */
  refuse(refused: Refusal, bytes = 0): void {
    this.#sink({ payload: EMPTY, text: 0, oversized: 0, refused }, HTTP_INPUT, bytes);
  }

  /** Counts lines, if all are events. @returns why they aren't; nothing is counted then */
  #try(lines: Buffer, bytes: number, single: boolean): Refusal | undefined {
    const framed = this.#framing.push(lines, 0);
    let why = this.#framing.pending === undefined ? incomplete(framed) : WHOLE;
    if (this.#framing.pending !== undefined) this.#framing = new Framing(this.#maxLine, false);
    if (why) return why;
    const most = single || framed.payload !== lines ? 1 : Number.POSITIVE_INFINITY;
    framed.judge = (batch, payload) => {
      why = reason(batch, payload, most);
      return why;
    };
    this.#sink(framed, HTTP_INPUT, bytes);
    return why;
  }

  start(): void {}

  status(): InputStatus {
    return { input: HTTP_INPUT, up: true, fault: undefined, lag: 0 };
  }

  async close(): Promise<void> {}
}

function incomplete({ text, oversized }: Framed): Refusal | undefined {
  if (oversized > 0) return { kind: 'oversized' };
  return text > 0 ? WHOLE : undefined;
}

/** @param most lines that there may be */
function reason(batch: Batch, payload: Uint8Array, most: number): Refusal | undefined {
  const { lines, tuple, start, end } = batch;
  if (lines === 0) return { kind: 'words' };
  if (lines > most) return WHOLE;
  for (let line = 0; line < lines; line++) {
    const outcome = tuple[line]!;
    if (outcome >= 0 || outcome === OUTCOME.internal) continue;
    if (outcome === OUTCOME.oversized) return { kind: 'oversized' };
    return explain(Buffer.from(payload.buffer, payload.byteOffset, payload.length), start[line]!, end[line]!);
  }
  return undefined;
}

/** Where it begins, behind white space, of which a JSON text may have any. */
function beginning(body: Buffer): number {
  let at = 0;
  while (isBlank(body[at]) || body[at] === NEWLINE) at++;
  return at;
}

function oneLine(body: Buffer): Buffer {
  const line = Buffer.from(body);
  for (let index = 0; index < line.length; index++)
    if (line[index] === NEWLINE || line[index] === RETURN) line[index] = SPACE;
  return line;
}
