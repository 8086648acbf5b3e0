/**
 * How far one file is counted. Bytes go in where `readAt` says, whole lines go out to the sink, and the offset moves
 * past them in the same step.
 *
 * Every read begins `guard` bytes early. If these are not what stood there before, the file was truncated and has grown
 * again since: the check and the new bytes come from one read, so that there is no moment between them.
 */
import { type Framed, Framing } from '../../event/framing/framing.ts';
import {
  type Content,
  DIGEST_BYTES,
  digestOf,
  fingerprint,
  headOf,
  MARKS,
  marksOf,
} from '../rotated/position.ts';

const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);
/** The last lines are marked among so many bytes. */
const RECENT = 64 * 1024;

/** Bytes of the buffer that a cursor is fed from: the guard, and at least one line of the greatest length. */
export function bufferSize(maxLine: number): number {
  return DIGEST_BYTES + Math.max(1024 * 1024, maxLine + 1);
}

export class Cursor {
  /** After the last whole line that was counted. */
  offset = 0;
  /** Bytes up to here were looked at; beyond the offset only in the middle of a line that is too long. */
  readAt = 0;
  /** The file's first bytes. */
  head: Buffer = EMPTY;
  /** The bytes just before `offset`. */
  tail: Buffer = EMPTY;
  /** The bytes just before `readAt`. */
  guard: Buffer = EMPTY;
  /** What the file must begin with, until something of it is counted: it was chosen for these bytes. */
  expected: Buffer = EMPTY;
  readonly framing: Framing;
  /** Of the file before this one, until something of this one is counted: pieces that wait there go on here. */
  before: Framing | undefined;
  readonly #halt: AbortSignal | undefined;
  #closed = false;
  #content: (Content & { lines: string }) | undefined;
  /** What was counted since `content` was asked for, the last of it. */
  #recent: Buffer = EMPTY;
  #lines = '';
  readonly #sink: (framed: Framed, bytes: number) => void;
  /** The most bytes that one `feed` may bring: where so many hold no newline, the line is too long. */
  readonly capacity: number;

  /**
   * @param maxLine longest line in bytes
   * @param halt where it is aborted, reading ends with the piece at hand
   * @param sink takes lines, and of how many bytes of the file they were, synchronously
   */
  constructor(maxLine: number, sink: (framed: Framed, bytes: number) => void, halt?: AbortSignal) {
    this.#halt = halt;
    this.framing = new Framing(maxLine);
    this.#sink = sink;
    this.capacity = bufferSize(maxLine) - DIGEST_BYTES;
  }

  /** Whether reading is to end although there may be more. */
  get halted(): boolean {
    return this.#closed || this.#halt?.aborted === true;
  }

  /** Its file is followed no more: a read that is under way counts nothing. */
  close(): void {
    this.#closed = true;
  }

  /** Where the next read begins, and how many bytes it may take. */
  get next(): { at: number; length: number } {
    return { at: this.readAt - this.guard.length, length: this.guard.length + this.capacity };
  }

  /**
   * Takes what a read at `next.at` gave. The bytes are not kept.
   * @returns 'more' if reading on may give more, 'end' if the file ends here, 'truncated' if it is not the same any more
   */
  take(bytes: Buffer): 'more' | 'end' | 'truncated' {
    if (this.#closed) return 'end';
    const guard = this.guard.length;
    const { expected } = this;
    if (this.readAt === 0 && !bytes.subarray(0, expected.length).equals(expected)) return 'truncated';
    if (bytes.length < guard || !bytes.subarray(0, guard).equals(this.guard)) return 'truncated';
    const fresh = bytes.subarray(guard);
    const full = fresh.length === this.capacity;
    this.feed(fresh, full);
    return full && !this.halted ? 'more' : 'end';
  }

  /**
   * Takes the bytes at `readAt`.
   * @param full whether so many came as fit: then no newline in them means a line that is too long
   * @returns how many of them are done with; the rest is the beginning of a line, and must come again
   */
  feed(fresh: Buffer, full: boolean): number {
    let from = 0;
    if (this.readAt > this.offset) {
      const newline = fresh.indexOf(NEWLINE);
      from = newline < 0 ? fresh.length : newline + 1;
      this.#passed(fresh.subarray(0, from));
      if (newline < 0) return from;
      this.#sink({ payload: EMPTY, text: 0, oversized: 1 }, this.readAt - this.offset);
      this.offset = this.readAt;
      this.tail = this.guard;
    }
    const lines = fresh.subarray(from, fresh.lastIndexOf(NEWLINE) + 1);
    if (lines.length > 0) {
      if (this.before) this.framing.adopt(this.before);
      this.before = undefined;
      this.#sink(this.framing.push(lines, this.offset), lines.length);
      this.#passed(lines);
      this.offset = this.readAt;
      this.tail = this.guard;
    } else if (full && from === 0) {
      // NULs before an event are a hole that copytruncate left: however many, they are no part of the line.
      const hole = holeAt(fresh);
      this.#passed(fresh.subarray(0, hole || fresh.length));
      if (hole === 0) return fresh.length;
      this.#sink({ payload: EMPTY, text: 0, oversized: 0 }, hole);
      this.offset = this.readAt;
      this.tail = this.guard;
      return hole;
    }
    return from + lines.length;
  }

  /** Gives up the rest of a file that is finished, from the offset on: a last line with no newline counts as what it says as it stands. */
  finish(rest: Buffer): void {
    const isOversized = this.readAt > this.offset;
    if (isOversized) this.#sink({ payload: EMPTY, text: 0, oversized: 1 }, this.readAt - this.offset);
    const last = isOversized ? EMPTY : rest.subarray(this.feed(rest, false));
    if (last.length > 0)
      this.#sink(this.framing.push(Buffer.concat([last, Buffer.from('\n')]), this.offset), last.length);
    const waiting = this.framing.flush();
    if (waiting) this.#sink(waiting, 0);
  }

  /** Goes on at an offset. @param head the file's first bytes @param tail the bytes just before the offset */
  restore(offset: number, head: Buffer, tail: Buffer, lines = ''): void {
    this.#lines = lines;
    this.offset = offset;
    this.readAt = offset;
    this.head = Buffer.from(head);
    this.tail = Buffer.from(tail);
    this.guard = this.tail;
  }

  /** What it has counted: the same value until it counts more, as a snapshot of ten thousand files must be quick. */
  content(): Content & { lines: string } {
    const { offset, head, tail } = this;
    if (this.#content?.offset === offset && this.#content.head.length === head.length) return this.#content;
    const recent = [...marksOf(this.#recent)].slice(0, MARKS.lines).map(({ mark }) => mark);
    this.#recent = EMPTY;
    this.#lines = (this.#lines + recent.reverse().join('')).slice(-MARKS.lines * MARKS.length);
    this.#content = { head: fingerprint(head), tail: digestOf(tail), offset, lines: this.#lines };
    return this.#content;
  }

  #passed(bytes: Buffer): void {
    if (this.head.length === this.readAt) this.head = Buffer.from(headOf(Buffer.concat([this.head, bytes])));
    this.readAt += bytes.length;
    const recent = bytes.length >= RECENT ? bytes : Buffer.concat([this.#recent, bytes]);
    this.#recent = Buffer.from(recent.subarray(-RECENT));
    const joined = bytes.length >= DIGEST_BYTES ? bytes : Buffer.concat([this.guard, bytes]);
    this.guard = Buffer.from(joined.subarray(Math.max(0, joined.length - DIGEST_BYTES)));
  }
}

/** How many NULs the bytes begin with. */
function holeAt(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at;
}
