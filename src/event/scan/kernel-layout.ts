/** The layout of the kernel's memory. It is fixed before the memory is made, which therefore never grows. */
import type { WantedField } from './scanner.ts';

const PAGE = 65_536;
/** The kernel reads, and writes, blocks of bytes: they may reach so far beyond the last one that matters. */
export const BEYOND = 64;
/** Memory up to here is the module's own. */
const BASE = 1024;
/** Every type and vector may be at a multiple of it. */
const ALIGNMENT = 16;
/** An entry of a table: a name's place and length, and the only answer's place and length. */
const ENTRY = 16;

export class Layout {
  #size = BASE;
  readonly #texts: { at: number; bytes: Uint8Array }[] = [];

  /** @returns the place of so many bytes */
  take(bytes: number): number {
    const at = this.#size;
    this.#size += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** Names, and the answers that they are asked for alone, both as in a line, in quotes. @returns the table's place */
  table(fields: readonly WantedField[]): number {
    const entries = fields.flatMap(({ name, only }) => [
      ...this.#text(`"${name}"`),
      ...this.#text(only === undefined ? '' : JSON.stringify(only)),
    ]);
    const at = this.take(fields.length * ENTRY);
    this.#texts.push({ at, bytes: new Uint8Array(new Uint32Array(entries).buffer) });
    return at;
  }

  /** All of it, and no more ever: memory that grows would take the views of it away. */
  memory(): WebAssembly.Memory {
    const pages = Math.ceil(this.#size / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    for (const { at, bytes } of this.#texts) new Uint8Array(memory.buffer).set(bytes, at);
    return memory;
  }

  #text(text: string): [at: number, length: number] {
    const bytes = Buffer.from(text);
    const at = this.take(bytes.length);
    this.#texts.push({ at, bytes });
    return [at, bytes.length];
  }
}
