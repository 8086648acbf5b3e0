/**
 * A compressed file: complete, never written again. It is unpacked as it is read, in turns with everything else. Of a
 * damaged one all is read that stands before the damage.
 */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Carry } from './carry.ts';
import type { Cursor } from './cursor.ts';
import type { Drained, OpenFile, RotatedOptions } from './open-file.ts';

export type Unpacker = () => Transform;

/** Bytes that are unpacked at once: a thousand times as many may come of them. */
const PIECE = 4096;
/** The same where the damage is near: what comes of a piece with damage in it is lost, and it may stand in the last byte. */
const FINE = 1;

/** After so long everything else has its turn: what a piece holds may be a million lines. Milliseconds. */
const TURN = 10;

export class CompressedFile implements OpenFile {
  readonly grows = false;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #unpacker: Unpacker;
  readonly #options: RotatedOptions;
  #reading: { pieces: AsyncGenerator<Buffer>; carry: Carry } | undefined;

  constructor(path: string, handle: FileHandle, unpacker: Unpacker, options: RotatedOptions) {
    this.path = path;
    this.#handle = handle;
    this.#unpacker = unpacker;
    this.#options = options;
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  /** As its end says it, modulo 4 GiB (RFC 1952, ISIZE). */
  async length(): Promise<number> {
    const size = Number((await this.stat()).size);
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    return bytesRead === 4 ? buffer.readUInt32LE() : 0;
  }

  async drain(cursor: Cursor, limit = Number.POSITIVE_INFINITY): Promise<Drained> {
    this.#reading ??= { pieces: this.#from(cursor.readAt), carry: new Carry(cursor) };
    const { pieces, carry } = this.#reading;
    for (let since = performance.now(); ; ) {
      const { value, done } = await pieces.next();
      if (done) return this.#options.halt.aborted ? 'more' : 'end';
      carry.push(value);
      if (cursor.readAt >= limit) return 'more';
      if (performance.now() - since < TURN) continue;
      await turn();
      since = performance.now();
    }
  }

  /** What can be had of them, where the file is damaged. @throws where that is nothing */
  async bytes(start: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let held = 0;
    try {
      for await (const bytes of this.#from(start)) {
        pieces.push(bytes);
        held += bytes.length;
        if (held >= length) break;
      }
    } catch (error) {
      if (held === 0) throw error;
    }
    return Buffer.concat(pieces).subarray(0, length);
  }

  async rest(): Promise<Buffer> {
    return this.#reading?.carry.rest ?? Buffer.alloc(0);
  }

  async close(): Promise<void> {
    await this.#reading?.pieces.return(undefined);
    await this.#handle.close();
  }

  /** The unpacked bytes from an offset on, in pieces. */
  async *#from(offset: number): AsyncGenerator<Buffer> {
    let given = 0;
    for (let fineFrom = Number.POSITIVE_INFINITY; ; ) {
      let at = 0;
      let raw = 0;
      try {
        for await (const piece of this.#unpacked(fineFrom, (done) => (raw = done))) {
          if (this.#options.halt.aborted) return;
          const begin = Math.max(0, Math.max(offset, given) - at);
          at += piece.length;
          given = Math.max(given, at);
          if (begin < piece.length) yield piece.subarray(begin);
        }
        return;
      } catch (error) {
        if (fineFrom <= raw || (error as NodeJS.ErrnoException).syscall) throw error;
        fineFrom = raw;
      }
    }
  }

  /** @param fineFrom where in the file damage is near @param done called with how many bytes of the file are unpacked */
  async *#unpacked(fineFrom: number, done: (raw: number) => void): AsyncGenerator<Buffer> {
    const unpack = this.#unpacker();
    const out: Buffer[] = [];
    let failed: ((error: Error) => void) | undefined;
    let fault: Error | undefined;
    unpack.on('data', (bytes: Buffer) => out.push(bytes));
    unpack.on('error', (error) => {
      fault = error;
      failed?.(error);
    });
    const settled = (begin: (resolve: () => void) => void) =>
      new Promise<void>((resolve, reject) => {
        failed = reject;
        if (fault) reject(fault);
        else begin(resolve);
      });
    try {
      for (let at = 0; ; ) {
        const wanted = at >= fineFrom ? FINE : PIECE;
        const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(wanted), 0, wanted, at);
        this.#options.progress();
        await settled((resolve) => {
          if (bytesRead === 0) unpack.once('end', resolve).end();
          else unpack.write(buffer.subarray(0, bytesRead), () => resolve());
        }).finally(turn);
        yield* out.splice(0);
        if (bytesRead === 0) return;
        at += bytesRead;
        done(at);
      }
    } finally {
      unpack.destroy();
    }
  }
}
