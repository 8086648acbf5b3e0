/** One file that is being followed: open, with its cursor. It is the same file whatever its path comes to name. */
import type { BigIntStats } from 'node:fs';
import type { ExporterError } from '../../errors.ts';
import type { Cursor } from '../read/cursor.ts';
import { type Drained, idOf, type OpenFile } from '../read/open-file.ts';
import type { Content, Fingerprint, Position } from '../rotated/position.ts';

/** What is written within one tick of a file system's clock shows no other time; milliseconds. */
const COARSE = 1000;

/** How long a new file is not read while those are searched that came before it; milliseconds. */
export const HOLD = 1000;

/** A file that a path names, and that isn't open. */
export interface Aside {
  id: string;
  size: bigint;
  mtimeNs: bigint;
  /** The followed file whose copy it is. */
  copyOf: Followed | undefined;
  /** Where it stands, if it was closed because there are too many. */
  parked: Position | undefined;
  /** A compressed file is read as rotated ones are. */
  compressed?: boolean;
  /** Since when a compressed file is seen as it is, by the monotonic clock in milliseconds. */
  since?: number;
  /** A copy may be what a position waits for that began to wait since. See `Registry.epoch`. */
  epoch: number;
}

/** A path whose file is followed, whatever it comes to name: the configured one, or one that a pattern matched. */
export interface LivePath {
  readonly input: string;
  readonly path: string;
  /** Whether a pattern matched it: then it is given up when its file is gone. */
  readonly matched: boolean;
  /** Its real path when it was last opened, and those of before whose rotated files were not searched since. */
  target: string;
  formers: Set<string>;
  /** Whether it was looked at before: what is rotated here is no more old, but unread. */
  known: boolean;
  /** Whether it stands on a file system of this machine; undefined: not asked yet. */
  local: boolean | undefined;
  /** The file that it names, or named last. */
  current: Followed | undefined;
  /** Of its rotated files the newest that was found, as long as it names no newer file: a wrapped line may go on there. */
  latest: Followed | undefined;
  /** The file that it names but that isn't followed: a copy of one that is, or one that is closed while it is quiet. */
  aside: Aside | undefined;
  fault: ExporterError | undefined;
}

export class Followed {
  readonly file: OpenFile;
  readonly id: string;
  /** The path for which it is followed. */
  readonly live: LivePath;
  readonly target: string;
  /** The paths that name it now: of a rotated file none. */
  readonly names = new Set<LivePath>();
  cursor: Cursor;
  /** How it begins; undefined until that tells what it is. Nothing of it is counted before. */
  head: Fingerprint | undefined;
  /** It is not read before this: pieces of a wrapped line may end in it that begin in a file not found yet. */
  held: { until: number; before: Followed | undefined; passes: number } | undefined;
  /** Whether it was looked into since it was opened, or truncated. */
  looked = false;
  /** Whether a copy of it was found, which may hold more when this one is finished. */
  copied = false;
  /** Whether that copy held more than this one when it was found: then no more need be expected here. */
  outgrown = false;
  /** Whether it was reported as a next file. */
  announced = false;
  /** Size at the last look, in bytes; of a compressed file, what was read of it. */
  size: number;
  /** Whether it was read to its end. */
  read = false;
  readonly #stats: Pick<BigIntStats, 'dev' | 'ino'>;
  #met: BigIntStats | undefined;
  #mtimeNs: bigint;
  /** When it was found to be written to, by the monotonic clock in milliseconds. */
  #changed: number;
  #left = false;
  /** Since when it has not grown, by the monotonic clock in milliseconds. */
  #quietSince: number;
  #position: { content: Content; position: Position } | undefined;

  /** @param now the monotonic clock in milliseconds */
  constructor(
    file: OpenFile,
    live: LivePath,
    target: string,
    cursor: Cursor,
    stats: BigIntStats,
    now: number,
  ) {
    this.file = file;
    this.id = idOf(stats);
    this.live = live;
    this.target = target;
    this.cursor = cursor;
    this.#stats = stats;
    this.#mtimeNs = stats.mtimeNs;
    this.#changed = now;
    this.size = file.grows ? Number(stats.size) : 0;
    this.#quietSince = now;
  }

  /** Whether anything of it was counted, or skipped as too long. */
  get begun(): boolean {
    return this.cursor.readAt > 0;
  }

  get lag(): number {
    return Math.max(0, this.size - this.cursor.offset);
  }

  /** The writer has gone over to another file: from here on silence counts. @param now the monotonic clock in ms */
  leave(now: number): void {
    if (!this.#left) this.#quietSince = now;
    this.#left = true;
  }

  /** Whether no more is to be expected of it: complete, or silent for the grace time. Both in milliseconds. */
  isFinished(now: number, grace: number): boolean {
    return this.file.grows ? now - this.#quietSince >= grace : this.read;
  }

  /**
   * A path was found to name this file, with these stats: the next `drain` need not ask for them again.
   * @returns whether it was written to since it was met the last time
   */
  meet(stats: BigIntStats, now: number): boolean {
    const changed = stats.mtimeNs !== this.#mtimeNs;
    if (changed) this.#changed = now;
    this.#mtimeNs = stats.mtimeNs;
    this.#met = stats;
    return changed;
  }

  /** Whether there may be something to read, as it was met last. A file's times are coarse: what is new comes again. */
  isDue(now: number): boolean {
    const isDone = this.head ? this.read : this.looked;
    return !isDone || Number(this.#met?.size ?? this.size) !== this.size || now - this.#changed < COARSE;
  }

  /** @param now the monotonic clock in milliseconds @param limit offset to read up to */
  async drain(now: number, limit?: number): Promise<Drained> {
    if (!this.file.grows && this.read) return 'end';
    const before = this.size;
    if (this.file.grows) this.size = Number((this.#met ?? (await this.file.stat())).size);
    this.#met = undefined;
    const drained = await this.file.drain(this.cursor, limit);
    this.size = Math.max(this.size, this.cursor.readAt);
    if (this.size !== before) this.#quietSince = now;
    this.read = drained === 'end';
    return drained;
  }

  /** Only looks how large it is. @param now the monotonic clock in milliseconds */
  async measure(now: number): Promise<void> {
    const size = Number((this.#met ?? (await this.file.stat())).size);
    this.#met = undefined;
    if (size !== this.size) this.#quietSince = now;
    this.size = size;
  }

  /** Begins anew with another content. */
  begin(cursor: Cursor): void {
    this.cursor.close();
    this.cursor = cursor;
    this.head = undefined;
    this.looked = false;
    this.read = false;
  }

  /** @param seen on the registry's clock */
  position(seen: number): Position {
    const content = this.cursor.content();
    const { pending, carried } = this.cursor.framing;
    const last = this.#position;
    const isSame = last?.position.pending === pending && last?.position.carried === carried;
    if (last?.content === content && isSame) {
      last.position.seen = seen;
      return last.position;
    }
    const position: Position = {
      input: this.live.input,
      live: this.live.path,
      target: this.target,
      path: this.file.path,
      device: String(this.#stats.dev),
      inode: String(this.#stats.ino),
      ...content,
      ...(pending === undefined ? {} : { pending, carried }),
      seen,
    };
    this.#position = { content, position };
    return position;
  }
}
