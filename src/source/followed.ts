/** One file that is being followed: open, with its cursor. It is the same file whatever its path comes to name. */
import type { BigIntStats } from 'node:fs';
import type { Cursor } from './cursor.ts';
import type { Drained, OpenFile } from './opened.ts';
import type { Position } from './position.ts';

/** What tells one open file from another. */
export type Stats = Pick<BigIntStats, 'dev' | 'ino'>;

export class Followed {
  readonly file: OpenFile;
  /** The path's real one when it named this file; where it is a link, rotation happens beside that. */
  readonly target: string;
  cursor: Cursor;
  readonly #stats: Stats;
  /** Size at the last look, in bytes; of a compressed file, what was read of it. */
  size: number;
  #read = false;
  #met: BigIntStats | undefined;
  #left = false;
  /** Since when it has not grown, by the monotonic clock in milliseconds. */
  #quietSince: number;

  /** @param now the monotonic clock in milliseconds */
  constructor(file: OpenFile, target: string, cursor: Cursor, stats: BigIntStats, now: number) {
    this.file = file;
    this.target = target;
    this.cursor = cursor;
    this.#stats = stats;
    this.size = file.grows ? Number(stats.size) : cursor.offset;
    this.#quietSince = now;
  }

  /** True while the file is open here: an inode can't be reused as long as somebody holds it. */
  is({ dev, ino }: Stats): boolean {
    return dev === this.#stats.dev && ino === this.#stats.ino;
  }

  /** Whether anything of it was counted, or skipped as too long. */
  get begun(): boolean {
    return this.cursor.readAt > 0;
  }

  /** The writer has gone over to another file: from here on silence counts. @param now the monotonic clock in ms */
  leave(now: number): void {
    if (!this.#left) this.#quietSince = now;
    this.#left = true;
  }

  /** Whether no more is to be expected of it: complete, or silent for the grace time. Both in milliseconds. */
  isFinished(now: number, grace: number): boolean {
    return this.file.grows ? now - this.#quietSince >= grace : this.#read;
  }

  get lag(): number {
    return Math.max(0, this.size - this.cursor.offset);
  }

  /** The path was found to name this file, with these stats: the next `drain` need not ask for them again. */
  meet(stats: BigIntStats): void {
    this.#met = stats;
  }

  /** Reads to the end. @param now the monotonic clock in milliseconds */
  async drain(now: number, limit?: number): Promise<Drained> {
    if (!this.file.grows && this.#read) return 'end';
    const before = this.size;
    if (this.file.grows) this.size = Number((this.#met ?? (await this.file.stat())).size);
    this.#met = undefined;
    const drained = await this.file.drain(this.cursor, limit);
    this.size = Math.max(this.size, this.cursor.readAt);
    if (this.size !== before) this.#quietSince = now;
    this.#read = true;
    return drained;
  }

  position(): Position {
    const { offset, framing } = this.cursor;
    return {
      path: this.file.path,
      device: String(this.#stats.dev),
      inode: String(this.#stats.ino),
      ...this.cursor.proofs(),
      offset,
      ...(framing.pending === undefined ? {} : { pending: framing.pending }),
    };
  }
}
