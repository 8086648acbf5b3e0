/**
 * The live file, on tail-file: it opens, reads and watches, as published; but while reads are quick they are made in
 * this thread (see Pace). Replaced is what loses data there:
 *
 * - `decode`: raw bytes go to the cursor, where tail-file makes text of each read and corrupts a character that two
 *   writes share;
 * - `tryTail`: the position is a byte offset that the cursor gives for each read, not a count of characters;
 * - `onEndOfFileForTail`: the end of the file ends a `drain` and nothing else. Whether the path now names another
 *   file is decided by `Following`, which knows the rotated files; tail-file changes over at once and loses late writes,
 *   and the middle one of two rotations;
 * - `createReader`: it opens without waiting, as the path may have come to name a FIFO;
 * - `startTail`: files of one directory share a watch, and a directory that can't be watched is no error, since polling
 *   is the base and the watch a hint;
 * - `checkDir`: a change only wakes the poll, so that reads never overlap and may share one buffer;
 * - `onCreateReader`: an opened file waits until it is known which file it is;
 * - `stop`: as published it can't detach its listeners, and never comes back while a start is under way.
 */
import { type BigIntStats, close, fstat, open, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import Tail from 'tail-file';
import type { Cursor } from './cursor.ts';
import { type Drained, type OpenFile, WITHOUT_WAITING } from './open-file.ts';
import { Pace } from './pace.ts';
import type { Watches } from './watches.ts';

const fstatPromise = promisify(fstat);
const readPromise = promisify(read);
const closePromise = promisify(close);

export interface LiveOptions {
  /** What reads go into; may be shared, as long as no two drains overlap. */
  buffer: Buffer;
  watches: Watches;
  /** Called when the file may have changed. */
  hint(path: string): void;
  /** Called with each answer of the system. */
  progress(): void;
}

export class LiveFile extends Tail implements OpenFile {
  readonly grows = true;
  #cursor: Cursor | undefined;
  #limit = Number.POSITIVE_INFINITY;
  /** Whether the read at hand ends at the limit. */
  #cut = false;
  #drained: ((result: Drained) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  readonly #pace: Pace;
  readonly #options: LiveOptions;

  private constructor(path: string, local: boolean, options: LiveOptions) {
    super(path, { buf: options.buffer, _bufsize: options.buffer.length });
    this.#pace = new Pace(local);
    this.#options = options;
  }

  /**
   * Opens the path, whatever file it names now.
   * @param local whether it is on a file system of this machine
   * @throws the system's own error
   */
  static async open(path: string, local: boolean, options: LiveOptions): Promise<LiveFile> {
    const file = new LiveFile(path, local, options);
    await new Promise<void>((resolve, reject) => {
      file.once('ready', () => resolve());
      file.once('error', reject);
      file.tryTail(path);
    });
    file.removeAllListeners('error');
    // What goes wrong later is the business of the drain that meets it.
    file.on('error', (error: Error) => file.#failed?.(error));
    return file;
  }

  get path(): string {
    return this.filename;
  }

  stat(): Promise<BigIntStats> {
    return fstatPromise(this.fd as number, { bigint: true }) as Promise<BigIntStats>;
  }

  async length(): Promise<number> {
    return Number((await this.stat()).size);
  }

  drain(cursor: Cursor, limit = Number.POSITIVE_INFINITY): Promise<Drained> {
    return new Promise<Drained>((resolve, reject) => {
      this.#cursor = cursor;
      this.#limit = limit;
      this.#drained = resolve;
      this.#failed = reject;
      this.#read();
    });
  }

  async bytes(start: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await readPromise(
      this.fd as number,
      Buffer.alloc(length),
      0,
      length,
      start,
    );
    return buffer.subarray(0, bytesRead);
  }

  rest(cursor: Cursor): Promise<Buffer> {
    return this.bytes(cursor.offset, cursor.capacity);
  }

  async close(): Promise<void> {
    this.watcher?.close();
    this.watcher = null;
    const { fd } = this;
    this.fd = null;
    this._stop();
    // Not in this thread: a server that is gone may not answer.
    if (typeof fd === 'number') await closePromise(fd);
  }

  #read(): void {
    const { at, length } = this.#cursor!.next;
    this.pos = at;
    this._bufsize = Math.max(0, Math.min(length, this.#limit - at));
    this.#cut = this._bufsize < length;
    if (this._bufsize === 0) this.#drained!('more');
    else if (this.#pace.begin()) this.#readHere();
    else this.readStuff();
  }

  #readHere(): void {
    const buffer = this.buf!;
    let length: number;
    try {
      length = readSync(this.fd as number, buffer, 0, this._bufsize, this.pos as number);
    } catch (error) {
      this.#failed!(error as Error);
      return;
    }
    this.decode(buffer.subarray(0, length));
  }

  override tryTail(filename: string): void {
    this.startTail(filename);
  }

  override startTail(filename: string): void {
    this.onEndOfFile = this.onEndOfFileForTail;
    this.onLine = (error) => this.#failed?.(error!);
    this.watcher = this.#options.watches.watch(this.filename, () => this.checkDir());
    this.started = filename;
    this.pos = 0;
    this.readStuff();
  }

  override createReader(): void {
    if (this.fd) return;
    this.fd = 'init';
    open(this.started!, WITHOUT_WAITING, (error, fd) => {
      if (error) this.onError(error);
      else this.onCreateReader(fd);
    });
  }

  override onCreateReader(fd: number): void {
    this.fd = fd;
    this.emit('ready', fd);
  }

  override checkDir(): void {
    this.#options.hint(this.filename);
  }

  override decode(chunk: Buffer | null): void {
    if (this.#cursor === undefined) return;
    this.#pace.end();
    this.#options.progress();
    const read = chunk?.length ?? 0;
    const taken = this.#cursor.take(chunk ?? Buffer.alloc(0));
    // Between two pieces everything else has its turn.
    if (taken === 'more') setImmediate(() => this.#read());
    else if (taken === 'truncated') this.#drained!('truncated');
    else if (this.#cut && read === this._bufsize) this.#drained!('more');
    else this.onEndOfFile();
  }

  override onEndOfFileForTail(): void {
    this.#drained!('end');
  }

  override async stop(): Promise<boolean> {
    await this.close();
    return true;
  }
}
