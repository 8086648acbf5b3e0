/** One file that is being followed: open, with its cursor. It is the same file whatever its path comes to name. */
import type { BigIntStats } from 'node:fs';
import type { Cursor } from './cursor.ts';
import type { Drained, OpenFile } from './opened.ts';
import type { Position } from './position.ts';

export class Followed {
  readonly file: OpenFile;
  cursor: Cursor;
  readonly #device: bigint;
  readonly #inode: bigint;
  /** Size at the last look, in bytes; of a compressed file, what was read of it. */
  size = 0;
  /** Time of the last write of which the consequences are known, in nanoseconds since the epoch. */
  #written: bigint;
  #read = false;
  /** Since when it has not grown, by the monotonic clock in milliseconds. */
  quietSince: number;

  constructor(file: OpenFile, cursor: Cursor, stats: BigIntStats, now: number) {
    this.file = file;
    this.cursor = cursor;
    this.#device = stats.dev;
    this.#inode = stats.ino;
    this.#written = stats.mtimeNs;
    this.quietSince = now;
  }

  /** True while the file is open here: an inode can't be reused as long as somebody holds it. */
  is(stats: BigIntStats): boolean {
    return stats.dev === this.#device && stats.ino === this.#inode;
  }

  /**
   * Whether somebody wrote to the file since it was opened, and nothing of it was read: then content may have come and
   * been truncated away, of which the cursor knows nothing.
   */
  mayHaveLost(stats: BigIntStats): boolean {
    return this.cursor.readAt === 0 && stats.mtimeNs !== this.#written;
  }

  /** The kin were searched for what `mayHaveLost` fears. */
  searched(stats: BigIntStats): void {
    this.#written = stats.mtimeNs;
  }

  /** Whether no more can come of it: complete, or silent for the grace time. Milliseconds of the monotonic clock. */
  isFinished(now: number, grace: number): boolean {
    return this.file.grows ? now - this.quietSince >= grace : this.#read;
  }

  get lag(): number {
    return Math.max(0, this.size - this.cursor.offset);
  }

  /** Reads to the end. @param now the monotonic clock in milliseconds */
  async drain(now: number, limit?: number): Promise<Drained> {
    if (!this.file.grows && this.#read) return 'end';
    const before = this.size;
    const stats = await this.file.stat();
    if (this.file.grows) this.size = Number(stats.size);
    const drained = await this.file.drain(this.cursor, limit);
    this.size = Math.max(this.size, this.cursor.readAt);
    if (this.size !== before) this.quietSince = now;
    this.#read = true;
    return drained;
  }

  /** @param time of the last event counted from the input */
  position(time: number): Position {
    const { offset, framing } = this.cursor;
    return {
      path: this.file.path,
      device: String(this.#device),
      inode: String(this.#inode),
      ...this.cursor.proofs(),
      offset,
      ...(framing.pending === undefined ? {} : { pending: framing.pending }),
      time,
    };
  }
}
