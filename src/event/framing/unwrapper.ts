/** The kernel again: it unwraps lines of Docker and of Kubernetes' runtimes where that is simple (src/event/kernel/unwrap.ts). */
import { withKernel } from '../scan/kernel.ts';
import { BEYOND, Layout } from '../scan/kernel-layout.ts';

interface Exports {
  unwrap(from: number, to: number, out: number, longest: number): number;
  readonly unwrapped: WebAssembly.Global;
}

const NEWLINE = 10;
/** Room for lines, in bytes: files are read about a MiB at once. */
const ROOM = 1024 * 1024 + 4096;

class Unwrapper {
  readonly #kernel: Exports;
  readonly #lines: Buffer;
  readonly #out: Buffer;
  #length = 0;
  #unwrapped = 0;

  constructor(module: WebAssembly.Module) {
    const layout = new Layout();
    const [lines, out] = [layout.take(ROOM + BEYOND), layout.take(ROOM + BEYOND)];
    const memory = layout.memory();
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#kernel = instance.exports as unknown as Exports;
    this.#lines = Buffer.from(memory.buffer, lines, ROOM + BEYOND);
    this.#out = Buffer.from(memory.buffer, out, ROOM + BEYOND);
  }

  take(lines: Buffer): this {
    this.#lines.set(lines);
    this.#length = lines.length;
    return this;
  }

  /**
   * Unwraps from the beginning of a line on.
   * @param longest bytes that an unwrapped line may have
   * @returns where the first line begins that is not simple; the length of the lines where there is none
   */
  unwrap(from: number, longest: number): number {
    const [start, out] = [this.#lines.byteOffset, this.#out.byteOffset];
    const end = this.#kernel.unwrap(start + from, start + this.#length, out, longest);
    this.#unwrapped = (this.#kernel.unwrapped.value as number) - out;
    return end - start;
  }

  /** What the last `unwrap` gave: lines, each with its newline; good until the next one. */
  get payload(): Buffer {
    return this.#out.subarray(0, this.#unwrapped);
  }
}

/** One for all inputs: nothing is kept between two uses. */
let shared: Unwrapper | undefined;

/** One that has taken these lines; undefined where there is no kernel, no room, or no newline at their end. */
export function unwrapperFor(lines: Buffer): Unwrapper | undefined {
  if (lines.length > ROOM || lines.at(-1) !== NEWLINE) return undefined;
  shared ??= withKernel((kernel) => new Unwrapper(kernel));
  return shared?.take(lines);
}
