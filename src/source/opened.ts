/** Files other than the live one: rotated kin, as they stand or compressed. Read only, by their own descriptor. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Carry } from './carry.ts';
import type { Cursor } from './cursor.ts';

/** Bytes of a compressed file that are read at once. */
const PIECE = 64 * 1024;

export type Drained = 'end' | 'truncated';

/** A file that is open. It stays the same file, whatever its path comes to name. */
export interface OpenFile {
  /** The path by which it was opened. */
  readonly path: string;
  /** Whether somebody may still write to it. */
  readonly grows: boolean;
  stat(): Promise<BigIntStats>;
  /** Bytes of its content; of a compressed file as its end says it, modulo 4 GiB: a hint, for choosing among copies. */
  length(): Promise<number>;
  /**
   * Feeds the cursor with all that the file holds, up to `limit` bytes.
   * @throws the system's own error; the cursor then stands where it had come to
   */
  drain(cursor: Cursor, limit?: number): Promise<Drained>;
  /** Up to `length` bytes from `start` on, fewer where the file ends. */
  bytes(start: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** A rotated file, uncompressed; others may still write to it. */
export class PlainFile implements OpenFile {
  readonly grows = true;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #buffer: Buffer;

  private constructor(path: string, handle: FileHandle, buffer: Buffer) {
    this.path = path;
    this.#handle = handle;
    this.#buffer = buffer;
  }

  static async open(path: string, buffer: Buffer): Promise<PlainFile> {
    return new PlainFile(path, await open(path, 'r'), buffer);
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  async length(): Promise<number> {
    return Number((await this.stat()).size);
  }

  async drain(cursor: Cursor, limit = Number.POSITIVE_INFINITY): Promise<Drained> {
    for (;;) {
      const { at, length } = cursor.next;
      const wanted = Math.max(0, Math.min(length, limit - at));
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, wanted, at);
      const taken = cursor.take(this.#buffer.subarray(0, bytesRead));
      if (taken !== 'more') return taken;
    }
  }

  async bytes(start: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A rotated file compressed by gzip: complete, never written again. Read from its beginning each time. */
export class GzipFile implements OpenFile {
  readonly grows = false;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #halt: AbortSignal;

  private constructor(path: string, handle: FileHandle, halt: AbortSignal) {
    this.path = path;
    this.#handle = handle;
    this.#halt = halt;
  }

  /** @param halt where it is aborted, reading ends with the piece at hand */
  static async open(path: string, halt: AbortSignal): Promise<GzipFile> {
    return new GzipFile(path, await open(path, 'r'), halt);
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  /** RFC 1952, ISIZE. */
  async length(): Promise<number> {
    const { size } = await this.stat();
    const { buffer, bytesRead } = await this.#handle.read(
      Buffer.alloc(4),
      0,
      4,
      Math.max(0, Number(size) - 4),
    );
    return bytesRead === 4 ? buffer.readUInt32LE() : 0;
  }

  async drain(cursor: Cursor): Promise<Drained> {
    const carry = new Carry(cursor);
    for await (const bytes of this.#from(cursor.readAt)) carry.push(bytes);
    return 'end';
  }

  async bytes(start: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let held = 0;
    for await (const bytes of this.#from(start)) {
      pieces.push(bytes);
      held += bytes.length;
      if (held >= length) break;
    }
    return Buffer.concat(pieces).subarray(0, length);
  }

  /** The uncompressed bytes from an offset on, in pieces. */
  async *#from(offset: number): AsyncGenerator<Buffer> {
    let skip = offset;
    // Not a stream on the descriptor: ending one early closes the descriptor, whatever its options say.
    const raw = Readable.from(this.#raw());
    const unzipped = raw.pipe(createGunzip());
    raw.on('error', (error) => unzipped.destroy(error));
    try {
      for await (const bytes of unzipped as AsyncIterable<Buffer>) {
        if (this.#halt.aborted) return;
        if (bytes.length > skip) yield bytes.subarray(skip);
        skip = Math.max(0, skip - bytes.length);
      }
    } finally {
      raw.destroy();
      unzipped.destroy();
    }
  }

  async *#raw(): AsyncGenerator<Buffer> {
    for (let at = 0; ; ) {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(PIECE), 0, PIECE, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
