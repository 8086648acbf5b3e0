/**
 * Standard input: `falco | falco-event-exporter --input.file=-`.
 *
 * Loses: a pipe can't be read again, so what was read since the last snapshot (up to a second) is lost at a kill -9, and
 * what stood in the pipe at any end of this process.
 */
import type { Readable } from 'node:stream';
import { ExporterError } from '../errors.ts';
import { Carry } from './read/carry.ts';
import { Cursor } from './read/cursor.ts';
import type { InputStatus, Sink, Stream } from './source.ts';

export class StreamInput implements Stream {
  readonly #input: string;
  readonly #stream: Readable;
  readonly #cursor: Cursor;
  #fault: ExporterError | undefined;

  /** @param stream read as fast as it comes, each piece counted before the next is taken */
  constructor(options: { input: string; stream: Readable; maxLine: number; sink: Sink }) {
    this.#input = options.input;
    this.#stream = options.stream;
    this.#cursor = new Cursor(options.maxLine, (framed, bytes) => options.sink(framed, options.input, bytes));
  }

  /** A pipe holds nothing that was there before the start: from here on it is read as it comes. */
  start(): void {
    const carry = new Carry(this.#cursor);
    this.#stream.on('data', (bytes: Buffer) => carry.push(bytes));
    const ended = (what: string) => {
      if (this.#fault) return;
      this.#cursor.finish(carry.rest);
      this.#fault = new ExporterError('INPUT_ENDED', what, {
        advice: 'What was counted is still served. Start Falco and the exporter again together.',
      });
    };
    this.#stream.on('end', () => ended('standard input ended'));
    this.#stream.on('error', (error: Error) => ended(`standard input can't be read: ${error.message}`));
  }

  status(): InputStatus {
    return { input: this.#input, up: !this.#fault, fault: this.#fault, lag: 0 };
  }

  async close(): Promise<void> {
    this.#stream.pause();
  }
}
