/**
 * A position says which file, by content, and how far it was counted. Inodes are reused and sizes come back, so
 * neither shows that a file is the same: the bytes at its beginning and those just before the offset do.
 */
import { createHash } from 'node:crypto';
import type { Carried } from '../../event/framing/pending.ts';

/** How many bytes a digest covers at most, but for that of a beginning: see `headOf`. */
export const DIGEST_BYTES = 1024;
/** A first line is looked at so far for its end. */
const MOST_HEAD = 1024 * 1024;

const [NEWLINE, BRACE, ZERO, NINE] = [0x0a, 0x7b, 0x30, 0x39];
/** A shorter line than this is no event. */
const SHORTEST = 32;

/** Proves some bytes: how many, and the first 16 bytes of their SHA-256 in base64. */
export interface Digest {
  length: number;
  sha256: string;
}

/** Of a file's first bytes: see `headOf`. */
export interface Fingerprint extends Digest {
  /** Of the first line alone, or of all of them if that is longer: it identifies a shorter copy. */
  line: Digest;
}

/** What is known of a content, wherever it stands. */
export interface Content {
  /** None beyond what was counted. */
  head: Fingerprint;
  /** The bytes just before the offset. */
  tail: Digest;
  /** In bytes of the uncompressed file, after the last whole line that was counted. */
  offset: number;
}

export interface Position extends Content {
  /** The configured text of the input that it counts for. */
  input: string;
  /** The path for which it is followed: the configured one, or one that a pattern matched. */
  live: string;
  /** What that path named really; where it is a link, rotation happens beside this. */
  target: string;
  /** Where the file was opened; for people, no evidence. */
  path: string;
  /** Device and inode as decimal text (they can be larger than 2^53); hints for the search. */
  device: string;
  inode: string;
  /** Marks of the last lines before the offset, one after another; undefined in what version 1 wrote. */
  lines?: string | undefined;
  /** Where the first piece of a wrapped line begins that waits for its end; undefined where none waits. */
  pending?: number | undefined;
  /** Its pieces that stand in files before this one. */
  carried?: Carried | undefined;
  /** When its file was seen last, on the registry's clock; milliseconds. */
  seen: number;
  /** Whether a gap was counted, as its file is nowhere. It is kept all the same, in case that comes back. */
  lost?: boolean | undefined;
}

export function digestOf(bytes: Uint8Array): Digest {
  return { length: bytes.length, sha256: shorten(createHash('sha256').update(bytes).digest()) };
}

/** @param digest a whole SHA-256 */
export function shorten(digest: Buffer): string {
  return digest.toString('base64', 0, 16).slice(0, 22);
}

/**
 * What tells a file: its first bytes, `DIGEST_BYTES` of them, and on to the end of the first line. Docker's driver writes
 * the time at the end of a line, and copytruncate may leave a hole before the first: a KiB alone can be that of many.
 * @param bytes of its beginning
 */
export function headOf(bytes: Buffer): Buffer {
  const newline = bytes.subarray(0, MOST_HEAD).indexOf(NEWLINE);
  return bytes.subarray(0, newline < 0 ? MOST_HEAD : Math.max(DIGEST_BYTES, newline + 1));
}

/** What a file's bytes can be had of. */
interface Readable {
  bytes(start: number, length: number): Promise<Buffer>;
}

/** See `headOf`. */
export async function readHead(file: Readable): Promise<Buffer> {
  for (const most of [DIGEST_BYTES, 32 * DIGEST_BYTES]) {
    const head = await file.bytes(0, most);
    if (head.length < most || head.includes(NEWLINE)) return headOf(head);
  }
  return headOf(await file.bytes(0, MOST_HEAD));
}

/** @param bytes of a file's beginning, see `headOf` */
export function fingerprint(bytes: Uint8Array): Fingerprint {
  return { ...digestOf(bytes), line: digestOf(firstLine(bytes)) };
}

/** With its newline; all of the bytes where they hold none. */
export function firstLine(bytes: Uint8Array): Uint8Array {
  const newline = bytes.indexOf(NEWLINE);
  return newline < 0 ? bytes : bytes.subarray(0, newline + 1);
}

/** How many of the last lines are known, for a file that is cut, and what the mark of one takes in characters. */
export const MARKS = { lines: 64, length: 8 };

/** Tells a line; undefined of one that may well come twice: an event carries its time in nanoseconds. */
export function markOf(line: Uint8Array): string | undefined {
  const isEvent = line[0] === BRACE || (line[0]! >= ZERO && line[0]! <= NINE);
  if (!isEvent || line.length < SHORTEST || !line.includes(BRACE)) return undefined;
  return createHash('sha256').update(line).digest().toString('base64', 0, 6);
}

/** Marks of lines, of the last first. @param bytes whole lines, but for the first */
export function* marksOf(bytes: Buffer): Generator<{ mark: string; end: number }> {
  for (let end = bytes.lastIndexOf(NEWLINE) + 1; end > 1; ) {
    const begin = bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    const mark = markOf(bytes.subarray(begin, end));
    if (mark) yield { mark, end };
    end = begin;
  }
}

/** Whether enough of a file is there to tell it by its beginning. */
export function tells(head: Uint8Array): boolean {
  return head.length >= MOST_HEAD || head.includes(NEWLINE);
}

export function matches(digest: Digest, bytes: Uint8Array): boolean {
  return bytes.length === digest.length && digestOf(bytes).sha256 === digest.sha256;
}
