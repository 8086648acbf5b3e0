/** The lines around an event, as they stood in the file: the newest ones, within bounds. */

const MOST_LINES = 2000;
const MOST_BYTES = 4 * 1024 * 1024;
/** A longer one is left out. */
const LONGEST = 64 * 1024;
/** Of what was around events whose lines have gone since: all, and each. */
const [MOST_KEPT, MOST_OF_ONE] = [4 * 1024 * 1024, 256 * 1024];
/** On each side of the event. */
const AROUND = 100;

export class Neighbours {
  #lines: Buffer[] = [];
  #bytes = 0;
  /** How many were taken out at the front. */
  #from = 0;
  /** Numbers of lines that responses were opened for. */
  readonly #marks = new Map<string, number>();
  /** What was around those whose lines have gone: a flood must not wash it away before evidence is taken. */
  readonly #kept = new Map<string, Buffer>();
  #keptBytes = 0;

  /** @param line is copied @returns its number, for `mark` */
  add(line: Buffer): number {
    if (line.length <= LONGEST) {
      this.#lines.push(Buffer.from(line));
      this.#bytes += line.length;
      if (this.#lines.length > MOST_LINES * 2 || this.#bytes > MOST_BYTES * 2) this.#trim();
    }
    return this.#from + this.#lines.length - 1;
  }

  /** Remembers the line of a response's event, as long as it is there. */
  mark(response: string, number: number): void {
    this.#marks.set(response, number);
  }

  /**
   * Up to a hundred lines before the event of a response, itself and up to a hundred after it, each with its newline.
   * Empty of one that an earlier process read.
   */
  around(response: string): Buffer {
    const number = this.#marks.get(response);
    if (number === undefined) return this.#kept.get(response) ?? Buffer.alloc(0);
    const at = number - this.#from;
    const lines = this.#lines.slice(Math.max(0, at - AROUND), Math.max(0, at + AROUND + 1));
    return Buffer.concat(lines.flatMap((line) => [line, NEWLINE]));
  }

  #keep(response: string): void {
    const around = Buffer.from(this.around(response).subarray(0, MOST_OF_ONE));
    this.#kept.set(response, around);
    this.#keptBytes += around.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= MOST_KEPT) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }

  #trim(): void {
    let first = Math.max(0, this.#lines.length - MOST_LINES);
    let bytes = this.#lines.slice(first).reduce((sum, { length }) => sum + length, 0);
    while (bytes > MOST_BYTES) bytes -= this.#lines[first++]!.length;
    for (const [response, number] of this.#marks)
      if (number < this.#from + first) {
        this.#keep(response);
        this.#marks.delete(response);
      }
    this.#lines = this.#lines.slice(first);
    this.#bytes = bytes;
    this.#from += first;
  }
}

const NEWLINE = Buffer.from('\n');
