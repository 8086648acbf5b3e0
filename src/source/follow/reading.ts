/** How the files of a path are begun and ended, however they were found. */
import type { Clock } from '../../clock.ts';
import { Cursor } from '../read/cursor.ts';
import type { OpenFile } from '../read/open-file.ts';
import { fingerprint, type Position, readHead } from '../rotated/position.ts';
import { type At, canTell } from '../rotated/recognise.ts';
import type { FilePositions, Incident, Reports, Sink } from '../source.ts';
import type { Followed, LivePath } from './followed.ts';
import type { Registry } from './registry.ts';

/** What following files needs. */
export interface FilesOptions {
  /** Where to begin at the very first start in a file that is there. */
  start: 'beginning' | 'end';
  /** Longest line in bytes. */
  maxLine: number;
  /** What reads of live files go into, `bufferSize(maxLine)` long. */
  buffer: Buffer;
  /** How long a renamed file may be silent before it is let go, in milliseconds. */
  grace: number;
  /** How long the position of a file that can't be seen is kept, in milliseconds of running. */
  retention: number;
  /** Most files that may be open at once. */
  mostOpen: number;
  clock: Clock;
  /** Aborted when the process is to end: a look then ends with the piece at hand, and lets nothing go. */
  halt: AbortSignal;
  sink: Sink;
  reports: Reports;
  /** Called before a file is let go: what was counted from it must be safe then. */
  secure(): Promise<void>;
  /** Called when something may have changed; another look is due. */
  hint(): void;
  /** Where an earlier process stood. */
  saved: FilePositions | undefined;
}

const NEWLINE = 10;

export class Reading {
  readonly #options: FilesOptions;
  readonly #registry: Registry;

  constructor(options: FilesOptions, registry: Registry) {
    this.#options = options;
    this.#registry = registry;
  }

  cursor({ input }: LivePath): Cursor {
    const { maxLine, sink, halt } = this.#options;
    return new Cursor(maxLine, (framed, bytes) => sink(framed, input, bytes), halt);
  }

  /** A cursor that goes on at a place. @param position the one that is found there: its pieces wait again */
  async cursorAt(
    live: LivePath,
    file: OpenFile,
    { offset, head, tail, lines }: At,
    position: Position | undefined,
  ): Promise<Cursor> {
    const cursor = this.cursor(live);
    const { pending, carried } = position ?? {};
    cursor.restore(offset, head, tail, lines);
    if (carried) cursor.framing.restore(carried);
    if (pending !== undefined) await this.#rejoin(cursor, file, pending, offset);
    return cursor;
  }

  /** Reads again the pieces of a wrapped line that waits, part by part: they may hold next to nothing, and be many. */
  async #rejoin(cursor: Cursor, file: OpenFile, from: number, to: number): Promise<void> {
    for (let at = from; at < to && !this.#options.halt.aborted; ) {
      const bytes = await file.bytes(at, Math.min(cursor.capacity, to - at));
      if (bytes.length === 0) return;
      const lines = bytes.lastIndexOf(NEWLINE) + 1;
      // A line that is too long was passed over, and is no piece.
      if (lines > 0) cursor.framing.rejoin(bytes.subarray(0, lines), at);
      at += lines || bytes.length;
    }
  }

  incident(live: LivePath, incident: Incident, details: Record<string, unknown>): void {
    this.#options.reports.incident(live.input, incident, details);
  }

  /** Lets files go to which nobody writes any more. */
  async letGo(files: Iterable<Followed>): Promise<void> {
    for (const followed of files) {
      if (!this.#registry.isFollowed(followed) || followed.names.size > 0) continue;
      if (await this.#isLeft(followed)) await this.letGoOf(followed);
    }
  }

  /** @returns whether it was silent for the grace time, and all of it is read */
  async letGoOf(followed: Followed): Promise<boolean> {
    const { clock, grace } = this.#options;
    followed.leave(clock.monotonic());
    return followed.isFinished(clock.monotonic(), grace) && (await this.#finish(followed));
  }

  /** Whether the writer has gone over to another file, or a copy has what follows, or nothing does as it is deleted. */
  async #isLeft({ live, file, id, outgrown }: Followed): Promise<boolean> {
    const { current } = live;
    if (outgrown) return true;
    if (current && current.id !== id && current.begun) return true;
    if (!file.grows && !current) return true;
    if (!live.matched || (current && current.id !== id)) return false;
    return !file.grows || (await file.stat()).nlink === 0n;
  }

  async #finish(followed: Followed): Promise<boolean> {
    const { cursor, file } = followed;
    const rest = await file.rest(cursor);
    const head = await readHead(file);
    if (this.#options.halt.aborted || !this.#registry.isFollowed(followed)) return false;
    // What it holds may be another content since it was cut: the next look finds out which.
    if (followed.head ? !followed.read : canTell(file, head)) return false;
    // From here to the snapshot nothing waits: the count and the position go together.
    cursor.finish(rest);
    const content = cursor.content();
    this.end(followed, content.head.length > 0 ? content : { ...content, head: fingerprint(head) });
    await this.#options.secure();
    await file.close();
    return true;
  }

  /** Called with a path beside which a copy may hold more than the file that is finished. */
  onCopied: (followed: Followed) => void = () => undefined;

  /** Its content need not be read any more. */
  end(followed: Followed, content: Pick<Position, 'head' | 'tail' | 'offset'>): void {
    this.#registry.drop(followed);
    this.#registry.finish(content);
    if (followed.copied) this.onCopied(followed);
  }
}
