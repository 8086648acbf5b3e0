/**
 * What follows a path: the files that are followed, what is looked for beside them, and what is known of all contents.
 * This is the one registry of contents of the process, and what a snapshot holds of the source: followed files,
 * positions that wait for their file, and fingerprints of finished ones. It changes in single steps, never over a wait.
 */
import type { Clock } from '../../clock.ts';
import { ByFirstLine } from '../rotated/by-first-line.ts';
import {
  type Content,
  type Digest,
  digestOf,
  type Fingerprint,
  fingerprint,
  type Position,
} from '../rotated/position.ts';
import type { FilePositions, Reports } from '../source.ts';
import type { Followed, LivePath } from './followed.ts';

/** Of finished files so many are known; some 100 bytes each in the snapshot. */
const MOST_FINISHED = 100_000;
/** Of files that can't be seen. */
const MOST_WAITING = 20_000;
/** That a finished file was seen is noted no more often; milliseconds. */
const SEEN_EVERY = 3_600_000;
/** The offset of a content that is finished whatever its length. */
export const WHOLE = -1;
/** The offset of a content that is somebody else's, as far as is known. */
export const FOREIGN = -2;

/** A content that need not be read any more. */
export interface Finished extends Content {
  /** On the registry's clock, in milliseconds. */
  seen: number;
}

type Identified = Followed & { head: Fingerprint };

export interface RegistryOptions {
  clock: Clock;
  /** How long the position of a file that can't be seen is kept, in milliseconds. */
  retention: number;
  reports: Reports;
  saved: FilePositions | undefined;
}

export class Registry {
  /** Inputs and paths whose first look is over. */
  readonly begun: Set<string>;
  /** By device and inode. */
  readonly followed = new Map<string, Followed>();
  /** Positions whose file can't be seen now. */
  readonly waiting = new ByFirstLine<Position>();
  readonly finished = new ByFirstLine<Finished>();
  /** Followed files whose first line is known. */
  readonly open = new ByFirstLine<Identified>();
  /** Files that can't be read at all, by what tells one from another: whether it is old, and when it was seen. */
  readonly unreadable = new Map<string, { old: boolean; seen: number }>();
  /** Changes with all that a recognition depends on. */
  version = 0;
  /** Changes when a position begins to wait: what was no file of ours may be its. */
  epoch = 0;
  /** The epoch since the last file of which nothing was counted waits. */
  blankEpoch = 0;
  readonly #options: RegistryOptions;
  readonly #before: number;
  readonly #started: number;
  /** Of files of which nothing was counted, by device and inode: nothing else tells them. */
  readonly #blank = new Map<string, Position>();
  /** Those that wait, by the paths that named their file. */
  readonly #byPath = new Map<string, Set<Position>>();
  #finishedText: string | undefined;
  #reported = false;

  constructor(options: RegistryOptions) {
    const { saved, clock } = options;
    this.#options = options;
    this.#before = saved?.time ?? 0;
    this.#started = clock.monotonic();
    this.begun = new Set(saved?.begun);
    for (const position of saved?.files ?? []) this.wait(position, position.seen);
    for (const line of (saved?.finished ?? '').split('\n')) this.#decode(line);
  }

  /** How long all processes together have run: a clock that nobody sets. Milliseconds. */
  get time(): number {
    return this.#before + this.#options.clock.monotonic() - this.#started;
  }

  state(): FilePositions {
    const time = Math.round(this.time);
    const files = [...this.followed.values()].map((followed) => followed.position(time));
    this.#finishedText ??= this.#encode();
    const { begun, waiting } = this;
    return {
      time,
      begun: [...begun],
      files: [...waiting, ...this.#blank.values(), ...files],
      finished: this.#finishedText,
    };
  }

  // ---- followed files

  follow(followed: Followed): void {
    this.version++;
    this.followed.set(followed.id, followed);
    const blank = this.#blank.get(followed.id);
    // Its number may be in use again: what it held is searched where it stood.
    if (blank) this.found(blank, followed.live);
  }

  /** Whether it is followed still: its file may be another's by now. */
  isFollowed(followed: Followed): boolean {
    return this.followed.get(followed.id) === followed;
  }

  /** Whether it has bytes that are to be read before what comes after it. */
  isUnread(before: Followed | undefined): boolean {
    return before?.read === false && this.isFollowed(before);
  }

  /** What a file is, is known now. @param head its first bytes */
  recognised(followed: Followed, head: Buffer): void {
    this.version++;
    followed.head = fingerprint(head);
    this.open.add(followed as Identified);
  }

  /** Follows a file no more. From here on it can count nothing. */
  drop(followed: Followed): void {
    this.forget(followed);
    followed.cursor.close();
    this.followed.delete(followed.id);
    for (const path of [...followed.names, followed.live])
      if (path.current === followed) path.current = undefined;
    if (followed.live.latest === followed) followed.live.latest = undefined;
    followed.names.clear();
  }

  /** The content of a file is another one now. */
  forget(followed: Followed): void {
    this.version++;
    if (followed.head) this.open.delete(followed as Identified);
  }

  // ---- positions that wait

  /** @param seen when its file was seen last, on this clock */
  wait(position: Position, seen = this.time): void {
    position.seen = seen;
    this.version++;
    this.epoch++;
    if (position.head.length > 0) this.waiting.add(position);
    else {
      this.#blank.set(`${position.device}:${position.inode}`, position);
      this.blankEpoch = this.epoch;
    }
    for (const path of [position.live, position.target])
      this.#byPath.set(path, (this.#byPath.get(path) ?? new Set()).add(position));
    if (this.waiting.size > MOST_WAITING) this.giveUp([...this.waiting][0]!);
  }

  /** Those whose file a path named. */
  waitingAt({ path, target }: { path: string; target: string }): Position[] {
    return [...new Set([...(this.#byPath.get(path) ?? []), ...(this.#byPath.get(target) ?? [])])];
  }

  /** Its file is followed again. @param live beside whose files those that stood beside it are searched to the end */
  found(position: Position, live?: LivePath): void {
    this.version++;
    live?.formers.add(position.target);
    this.waiting.delete(position);
    const id = `${position.device}:${position.inode}`;
    if (this.#blank.get(id) === position) this.#blank.delete(id);
    for (const path of [position.live, position.target]) {
      const those = this.#byPath.get(path);
      those?.delete(position);
      if (those?.size === 0) this.#byPath.delete(path);
    }
  }

  /** Counts the gap that a lost file is. Its content stays known. */
  lose(position: Position, details: Record<string, unknown>): void {
    if (position.lost) return;
    position.lost = true;
    this.#options.reports.incident(position.input, 'gaps', details);
  }

  giveUp(position: Position): void {
    this.lose(position, { missing: position.path, offset: position.offset, why: 'not seen for too long' });
    this.found(position);
  }

  // ---- finished ones

  /** A content is left unread: it is old (`WHOLE`), or somebody else's (`FOREIGN`). @param head its first bytes */
  pass(head: Buffer, offset: typeof WHOLE | typeof FOREIGN): void {
    this.finish({ head: fingerprint(head), tail: digestOf(Buffer.alloc(0)), offset });
  }

  finish(content: Content): void {
    this.version++;
    this.#finishedText = undefined;
    if (content.head.length === 0) return;
    const { head, tail, offset } = content;
    this.finished.add({ head, tail, offset, seen: this.time });
    if (this.finished.size <= MOST_FINISHED) return;
    for (const oldest of this.finished) {
      this.finished.delete(oldest);
      break;
    }
    if (!this.#reported)
      this.#options.reports.notice(
        `more than ${MOST_FINISHED} finished files: the first ones are forgotten, and read again if they come back`,
        {},
      );
    this.#reported = true;
  }

  /** It goes on, at a path that is followed. */
  unfinish(finished: Finished): void {
    this.version++;
    this.#finishedText = undefined;
    this.finished.delete(finished);
  }

  see(seen: { seen: number }): void {
    if (this.time - seen.seen < SEEN_EVERY) return;
    seen.seen = this.time;
    this.#finishedText = undefined;
  }

  cannotRead(key: string, old: boolean): void {
    this.#finishedText = undefined;
    this.unreadable.set(key, { old, seen: this.time });
  }

  /** Forgets what was not seen for the time that the operator says. */
  expire(): void {
    const oldest = this.time - this.#options.retention;
    for (const position of this.waiting) if (position.seen < oldest) this.giveUp(position);
    for (const position of [...this.#blank.values()]) if (position.seen < oldest) this.found(position);
    for (const finished of this.finished) if (finished.seen < oldest) this.unfinish(finished);
    for (const [key, { seen }] of this.unreadable) if (seen < oldest) this.unreadable.delete(key);
  }

  #encode(): string {
    const digest = ({ length, sha256 }: Digest) => `${length} ${sha256}`;
    const lines: string[] = [];
    for (const { head, tail, offset, seen } of this.finished)
      lines.push(`${digest(head)} ${digest(head.line)} ${digest(tail)} ${offset} ${Math.round(seen)}`);
    for (const [key, { old, seen }] of this.unreadable)
      lines.push(`${old ? 'old' : 'reported'} ${key} ${Math.round(seen)}`);
    return lines.join('\n');
  }

  #decode(line: string): void {
    const words = line.split(' ');
    if (words.length === 3)
      this.unreadable.set(words[1]!, { old: words[0] === 'old', seen: Number(words[2]) });
    if (words.length !== 8) return;
    const digest = (at: number): Digest => ({ length: Number(words[at]), sha256: words[at + 1]! });
    const [offset, seen] = [Number(words[6]), Number(words[7])];
    this.finished.add({ head: { ...digest(0), line: digest(2) }, tail: digest(4), offset, seen });
  }
}
