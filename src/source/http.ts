/**
 * Falco's `http_output`, posted to /events: one event a request, counted before it is answered. A post means what the
 * same line means in a file; whatever is not one event is refused, counts as one line that may have been one, and is
 * told.
 *
 * Loses: Falco never sends an event again that was not taken in time, and what was counted since the last snapshot (up
 * to a second) is lost at a kill -9.
 */
import { type Framed, Framing } from '../event/framing/framing.ts';
import { explain, type Refusal } from '../event/framing/refusal.ts';
import { PlainScanner } from '../event/scan/plain.ts';
import { OUTCOME } from '../event/scan/scanner.ts';
import type { InputStatus, Sink, Stream } from './source.ts';

/** The input's text, and its label. */
export const HTTP_INPUT = 'http';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const EMPTY = Buffer.alloc(0);
/** Several, or a piece of one. */
const WHOLE: Refusal = { kind: 'several' };

export class HttpInput implements Stream {
  readonly #maxLine: number;
  readonly #scanner: PlainScanner;
  readonly #sink: Sink;

  constructor({ maxLine, sink }: { maxLine: number; sink: Sink }) {
    this.#maxLine = maxLine;
    this.#scanner = new PlainScanner([], maxLine);
    this.#sink = sink;
  }

  /** Counts one body. @returns 'malformed' where it is not one event; that is counted too, as such */
  ingest(body: Buffer): 'counted' | 'malformed' {
    // Between the parts of a JSON text a line's end is white space, and within them it can't stand: a body is one line.
    const line = Buffer.concat([body, Buffer.from('\n')]);
    for (let index = 0; index < body.length; index++)
      if (line[index] === NEWLINE || line[index] === RETURN) line[index] = SPACE;
    const framing = new Framing(this.#maxLine, false);
    const framed = framing.push(line, 0);
    const refusal = framing.pending === undefined ? this.#refusal(framed) : WHOLE;
    if (refusal) this.refuse(refusal, body.length);
    else this.#sink(framed, HTTP_INPUT, body.length);
    return refusal ? 'malformed' : 'counted';
  }

  /** Counts what is not taken. @param bytes that were read of it */
  refuse(refused: Refusal, bytes = 0): void {
    this.#sink({ payload: EMPTY, text: 0, oversized: 0, refused }, HTTP_INPUT, bytes);
  }

  #refusal({ payload, text, oversized }: Framed): Refusal | undefined {
    if (oversized > 0) return { kind: 'oversized' };
    const { lines, tuple, start, end } = this.#scanner.scan(payload);
    const outcome = tuple[0]!;
    if (lines === 0) return { kind: 'words' };
    if (lines > 1 || text > 0) return WHOLE;
    if (outcome >= 0 || outcome === OUTCOME.internal) return undefined;
    if (outcome === OUTCOME.oversized) return { kind: 'oversized' };
    return explain(Buffer.from(payload), start[0]!, end[0]!);
  }

  start(): void {}

  status(): InputStatus {
    return { input: HTTP_INPUT, up: true, fault: undefined, lag: 0 };
  }

  async close(): Promise<void> {}
}
