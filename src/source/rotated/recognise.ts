/** What a file is, by its content: one that is followed, one that was, one that was read, or one that nobody knows. */

import type { Followed } from '../follow/followed.ts';
import { type Finished, FOREIGN, type Registry, WHOLE } from '../follow/registry.ts';
import type { OpenFile } from '../read/open-file.ts';
import {
  type Content,
  DIGEST_BYTES,
  headOf,
  marksOf,
  matches,
  type Position,
  readHead,
  tells,
} from './position.ts';

const NEWLINE = 10;
/** The last line that was counted is looked for in so many bytes of a file that was cut. */
const MOST_CUT = 8 * 1024 * 1024;
/** So many lines in their order show that a file holds what was counted. */
const PROVEN_LINES = 4;

/** Where reading goes on. */
export interface At {
  offset: number;
  head: Buffer;
  tail: Buffer;
  /** See `Position.lines`. */
  lines?: string | undefined;
  /** Whether the file was cut to where less was counted: what was not yet read went, too. */
  short?: boolean;
}

export type Recognised =
  /** It holds all that was counted of a position. */
  | { is: 'waited for'; position: Position; at: At }
  /** It begins as a position does whose rest it doesn't hold: cut, or a copy made before. */
  | { is: 'part'; position: Position }
  /** Beside a followed file the same content, `at` where it holds all that was counted of that. */
  | { is: 'copy'; of: Followed; at: At | undefined }
  | { is: 'finished'; finished: Finished; at: At | undefined }
  | { is: 'unknown' };

/** Whether its beginning can identify a file: a compressed one is complete, whatever it holds. */
export function canTell({ grows }: OpenFile, head: Buffer): boolean {
  return tells(head) || (!grows && head.length > 0);
}

/** @param head the file's first bytes, enough to tell it */
export async function recognise(registry: Registry, file: OpenFile, head: Buffer): Promise<Recognised> {
  const waiting = [...registry.waiting.alike(head)];
  for (const position of waiting) {
    const at = await provedBy(file, position);
    if (at) return { is: 'waited for', position, at };
  }
  for (const of of registry.open.alike(head))
    if (of.file !== file) return { is: 'copy', of, at: await provedBy(file, of.cursor.content()) };
  if (waiting[0]) return { is: 'part', position: waiting[0] };
  let best: Extract<Recognised, { is: 'finished' }> | undefined;
  for (const finished of registry.finished.alike(head)) {
    if (finished.offset === FOREIGN) continue;
    const at = await provedBy(file, finished);
    if (!best?.at || (at && at.offset > best.at.offset)) best = { is: 'finished', finished, at };
  }
  return best ?? { is: 'unknown' };
}

/** The bytes of a file that show what was counted of it; undefined if they don't, or if nothing was. */
export async function provedBy(
  file: OpenFile,
  { head, tail, offset, lines }: Content & { lines?: string | undefined },
): Promise<At | undefined> {
  if (head.length === 0 || offset === WHOLE) return undefined;
  const first = await file.bytes(0, head.length);
  if (!matches(head, first)) return undefined;
  const last = await file.bytes(offset - tail.length, tail.length);
  return matches(tail, last) ? { offset, head: first, tail: last, lines } : undefined;
}

/**
 * Where a file that was cut to a part of its content goes on: after the last line of it that is known to be counted.
 * One line that is known shows nothing by itself, as a text may come twice: it must be one of its kind, and those
 * before it must be the ones that came before it, `PROVEN_LINES` of them or all that the file holds.
 * @param least how many lines must be known: one where the file's beginning is known already
 * @returns undefined where none is in it
 */
export async function afterCut(file: OpenFile, lines = '', least = 2): Promise<At | undefined> {
  if (lines === '' || !file.grows || (await file.length()) > MOST_CUT) return undefined;
  const known = lines.match(/.{8}/g)!;
  const bytes = await file.bytes(0, MOST_CUT);
  const found = [...marksOf(bytes)];
  for (const [index, { mark, end }] of found.entries()) {
    const at = known.indexOf(mark);
    if (at < 0 || known.lastIndexOf(mark) !== at) continue;
    const before = found.slice(index + 1, index + Math.min(PROVEN_LINES, at + 1));
    if (before.length + 1 >= least && before.every((line, back) => line.mark === known[at - back - 1]))
      return { ...atEnd(bytes, end), lines, short: !lines.endsWith(mark) };
  }
  return undefined;
}

/** After the last whole line of a file. */
export async function afterLastLine(file: OpenFile): Promise<At> {
  const size = await file.length();
  for (const most of [DIGEST_BYTES, 64 * DIGEST_BYTES, MOST_CUT]) {
    const from = Math.max(0, size - most);
    const bytes = await file.bytes(from, size - from);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (from === 0) return atEnd(bytes, end);
    const offset = from + end;
    if (end >= DIGEST_BYTES || most === MOST_CUT)
      return { ...atEnd(bytes, end), offset, head: await readHead(file) };
  }
  throw new RangeError('unreachable');
}

function atEnd(bytes: Buffer, end: number): At {
  const tail = bytes.subarray(Math.max(0, end - DIGEST_BYTES), end);
  return { offset: end, head: headOf(bytes.subarray(0, end)), tail };
}
