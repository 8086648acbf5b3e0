import type { Cursor } from './cursor.ts';

const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);

/** Feeds a cursor from a stream: what is not a whole line yet is carried to the next piece, up to the longest line. */
export class Carry {
  readonly #cursor: Cursor;
  /** Holds the beginning of a line whose end has not come. It doubles as it fills: a line may come byte by byte. */
  #held: Buffer = EMPTY;
  #length = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  get rest(): Buffer {
    return this.#held.subarray(0, this.#length);
  }

  push(bytes: Buffer): void {
    const { capacity } = this.#cursor;
    if (this.#length + bytes.length < capacity && !bytes.includes(NEWLINE)) {
      this.#hold(bytes);
      return;
    }
    let left = this.#length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    while (left.length > 0) {
      const piece = left.subarray(0, capacity);
      const done = this.#cursor.feed(piece, piece.length === capacity);
      left = left.subarray(done);
      if (done === 0) break;
    }
    this.#length = 0;
    this.#held = EMPTY;
    this.#hold(left);
  }

  /** Copied: a stream may reuse its memory, and a short rest must not keep a large piece alive. */
  #hold(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#held.length));
      this.rest.copy(larger);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#length);
    this.#length = length;
  }
}
