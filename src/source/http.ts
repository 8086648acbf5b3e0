/**
 * Falco's `http_output`, posted to /events: one event a request, counted before it is answered.
 *
 * Loses: Falco never sends an event again that was not taken in time, and what was counted since the last snapshot (up
 * to a second) is lost at a kill -9.
 */
import { PlainScanner } from '../event/plain.ts';
import { OUTCOME } from '../event/scanner.ts';
import { Cursor } from './cursor.ts';
import type { InputStatus, PathPositions, Sink, Source } from './source.ts';

/** The input's text, and its label. */
export const HTTP_INPUT = 'http';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;

export class HttpInput implements Source {
  readonly #maxLine: number;
  readonly #scanner: PlainScanner;
  readonly #sink: Sink;

  constructor({ maxLine, sink }: { maxLine: number; sink: Sink }) {
    this.#maxLine = maxLine;
    this.#scanner = new PlainScanner([], maxLine);
    this.#sink = sink;
  }

  /** Counts one body. @returns 'malformed' where it is no event; that is counted too, as such */
  ingest(body: Buffer): 'counted' | 'malformed' {
    // Between the parts of a JSON text a line's end is white space, and within them it can't stand: a body is one line.
    const line = Buffer.concat([body, Buffer.from('\n')]);
    for (let index = 0; index < body.length; index++)
      if (line[index] === NEWLINE || line[index] === RETURN) line[index] = SPACE;
    const { lines, tuple } = this.#scanner.scan(line);
    const outcome = tuple[0]!;
    new Cursor(this.#maxLine, (framed, bytes) => this.#sink(framed, HTTP_INPUT, bytes)).feed(line, false);
    return lines === 1 && (outcome >= 0 || outcome === OUTCOME.internal) ? 'counted' : 'malformed';
  }

  async catchUp(): Promise<void> {}

  async look(): Promise<void> {}

  status(): InputStatus {
    return { input: HTTP_INPUT, up: true, fault: undefined, lag: 0 };
  }

  positions(): PathPositions[] {
    return [];
  }

  async close(): Promise<void> {}
}
