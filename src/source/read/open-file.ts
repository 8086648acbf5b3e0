/**
 * What reads: files as they stand, compressed ones, and how far each is counted.
 * Each file is opened without waiting (a FIFO would wait for ever) and stays the same file, whatever its path comes to
 * name. The live file is read by tail-file; the reader gives bytes to a cursor, which hands on whole lines.
 */
import { type BigIntStats, constants } from 'node:fs';
import type { Cursor } from './cursor.ts';

/** `more`: the limit was reached first. `truncated`: it is not the same content any more. */
export type Drained = 'end' | 'more' | 'truncated';

/** A path that need not be text: a name may be of any bytes. */
export type AnyPath = string | Buffer;

/** For opening what may be no regular file. */
export const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** A file that is open. */
export interface OpenFile {
  /** The path by which it was opened. */
  readonly path: string;
  /** Whether somebody may still write to it. */
  readonly grows: boolean;
  stat(): Promise<BigIntStats>;
  /** Bytes of its content; of a compressed file a hint, for choosing among copies. */
  length(): Promise<number>;
  /**
   * Feeds the cursor with what the file holds, up to about the offset `limit`.
   * @throws the system's own error; the cursor then stands where it had come to
   */
  drain(cursor: Cursor, limit?: number): Promise<Drained>;
  /** Up to `length` bytes from `start` on, fewer where the file ends. */
  bytes(start: number, length: number): Promise<Buffer>;
  /** What stands after the last whole line. */
  rest(cursor: Cursor): Promise<Buffer>;
  close(): Promise<void>;
}

/** What tells one file from another as long as it is open, or has its name: an inode can be reused after that. */
export function idOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/** What opening a rotated file needs. */
export interface RotatedOptions {
  /** Where it is aborted, reading ends with the piece at hand. */
  halt: AbortSignal;
  /** What plain files are read into; asked for when one is. */
  buffer(): Buffer;
  /** Called with each answer of the system. */
  progress(): void;
}
