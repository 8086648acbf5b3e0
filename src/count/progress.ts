/** How far `count` is, on one line of a terminal; prints nothing if standard error is no terminal. */
import { statSync } from 'node:fs';
import { safeText } from '../safe.ts';

/** Milliseconds between two looks of it. */
const PACE = 200;
const CLEAR = '\r\u001b[K';

export class Progress {
  readonly #terminal: NodeJS.WriteStream | undefined;
  readonly #sizes: Map<string, number>;
  readonly #whole: number;
  #before = 0;
  #shown = Number.NEGATIVE_INFINITY;

  /** @param files those that will be read; "-" has no size */
  constructor(files: readonly string[], terminal: NodeJS.WriteStream) {
    this.#terminal = terminal.isTTY ? terminal : undefined;
    const size = (file: string) =>
      file === '-' ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    this.#sizes = new Map(this.#terminal ? files.map((file) => [file, size(file)]) : []);
    this.#whole = files.reduce((sum, file) => sum + (this.#sizes.get(file) ?? 0), 0);
  }

  /** @param bytes that were read of the file, as it lies there */
  read(file: string, bytes: number): void {
    const now = performance.now();
    if (!this.#terminal || now - this.#shown < PACE) return;
    this.#shown = now;
    const done = this.#before + bytes;
    const share = this.#whole > 0 ? `${Math.min(100, Math.floor((done / this.#whole) * 100))} %, ` : '';
    const mebibytes = (done / 1024 ** 2).toFixed(0);
    const line = `${share}${mebibytes} MiB  ${safeText(file)}`;
    this.#terminal.write(`${CLEAR}${line.slice(0, Math.max(20, (this.#terminal.columns || 80) - 1))}`);
  }

  /** A file is read to its end. */
  done(file: string): void {
    this.#before += this.#sizes.get(file) ?? 0;
  }

  end(): void {
    this.#terminal?.write(CLEAR);
  }
}
