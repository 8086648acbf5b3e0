const NEWLINE_BYTE = 0x0a;

/** Bytes put together in memory that is used again. */
export class Payload {
  #bytes = Buffer.alloc(0);
  #length = 0;

  /** @param size about how many bytes there will be */
  begin(size: number): void {
    this.#length = 0;
    this.#reserve(size);
  }

  add(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  addLine(...pieces: Buffer[]): void {
    for (const piece of pieces) {
      this.#reserve(piece.length + 1);
      this.#bytes.set(piece, this.#length);
      this.#length += piece.length;
    }
    this.#bytes[this.#length++] = NEWLINE_BYTE;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#length + more, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
