import type { Cursor } from './cursor.ts';

/** Feeds a cursor from a stream: what is not a whole line yet is carried to the next piece, up to the longest line. */
export class Carry {
  readonly #cursor: Cursor;
  #rest: Buffer = Buffer.alloc(0);

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** The beginning of a line whose end has not come. */
  get rest(): Buffer {
    return this.#rest;
  }

  push(bytes: Buffer): void {
    const { capacity } = this.#cursor;
    let left = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (left.length > 0) {
      const piece = left.subarray(0, capacity);
      const done = this.#cursor.feed(piece, piece.length === capacity);
      left = left.subarray(done);
      if (done === 0) break;
    }
    // Copied: a stream may reuse its memory, and a short rest must not keep a large piece alive.
    this.#rest = Buffer.from(left);
  }
}
