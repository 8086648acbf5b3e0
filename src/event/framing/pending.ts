/** A line whose end was not read yet, only pieces of it. If the end never comes, the next line is joined to it. */
import { Payload } from './payload.ts';

const BRACE = 0x7b;
const QUOTE = 0x22;

export interface Pending {
  /** Offset in the input of the first piece. */
  since: number;
  /** What the pieces held, as one: they may be many, and hold nothing. */
  held: Payload;
  /** Where in it the last pieces begin that look like an event's first. */
  starts: readonly number[];
  /** Of all pieces; beyond the limit nothing is held. */
  length: number;
  /** Those of them that are in files before this one: a restart need not find these again. */
  carried?: Carried;
}

/** Pieces as a snapshot holds them. */
export interface Carried {
  length: number;
  starts: readonly number[];
  /** In base64. */
  held: string;
}

/** Pieces go on in another file. */
export function carry({ held, starts, length }: Pending): Pending {
  return { since: 0, held, starts, length, carried: { length, starts, held: held.bytes.toString('base64') } };
}

export function uncarry(carried: Carried): Pending {
  const held = new Payload();
  held.add(Buffer.from(carried.held, 'base64'));
  return { since: 0, held, starts: carried.starts, length: carried.length, carried };
}

/** Pieces tried as an event's beginning: hostile text may begin each as one. */
const TRIES = 4;

/** Copied: the bytes given are reused by the next read. */
export function hold(pending: Pending, bytes: Buffer): void {
  if (pending.length > 0 && beginsEvent(bytes))
    pending.starts = [...pending.starts, pending.length].slice(-TRIES);
  pending.held.add(bytes);
}

/**
 * The end of a line may never come: its runtime was killed, or the piece was in a file that is lost. Then the next line is
 * joined to what is left of it.
 * @returns where in what is held, with the last piece, an event begins that is whole, where all together is none; else 0
 */
export function eventWithin(waiting: Pending, last: Buffer): number {
  const starts = [...waiting.starts, ...(beginsEvent(last) ? [waiting.length] : [])];
  if (starts.length === 0) return 0;
  const line = Buffer.concat([waiting.held.bytes, last]);
  if (isJson(line)) return 0;
  return starts.slice(-TRIES).findLast((start) => isJson(line.subarray(start))) ?? 0;
}

function beginsEvent(bytes: Buffer): boolean {
  return bytes[0] === BRACE && bytes[1] === QUOTE;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** Whether these bytes alone are an event. */
export function isEvent(bytes: Buffer): boolean {
  return beginsEvent(bytes) && isJson(bytes);
}
