// From bytes to the columns of a batch: what src/event/scan/kernel.ts calls. Whatever a line's bytes alone don't tell is
// asked: `scan` stops there, the answer is stored in the columns, and `scan` goes on.
import { BACKSLASH, BRACE, findNewline, isBlank, NEWLINE, QUOTE, same, skipBlanks } from './bytes';
import { recall, UNKNOWN } from './cache';
import { disguised, readEvent, timeEnd, timeStart } from './event';
import {
  capacity,
  ENTRY,
  ends,
  FIELDS,
  internal,
  internalLength,
  maxLine,
  PRIORITY,
  RULE,
  SOURCE,
  SPAN,
  spans,
  starts,
  times,
  tuples,
  wanted,
  wantedEnd,
} from './state';
import { readTime } from './time';

export { forget, isCrowded, layCache, learn } from './cache';
export { layKeys } from './keys';
export { layBatch, layLine, layTables } from './state';
export { unwrap, unwrapped } from './unwrap';

/** Outcomes, as src/event/scan/scanner.ts has them. */
const INTERNAL: i32 = -1;
const MALFORMED: i32 = -3;
const OVERSIZED: i32 = -4;

/** What `scan` gives. */
const DONE: i32 = 0;
/** The columns are full. */
const FULL: i32 = 1;
/** What the last line of the columns means is asked. */
const ASK: i32 = 2;
/** The same, and the answer is to be learned. */
const ASK_TUPLE: i32 = 3;

/** Lines in the columns. */
export let lines: u32 = 0;
let base: u32 = 0;
let next: u32 = 0;
let last: u32 = 0;

/** @param from where the bytes begin @param to where they end; the last of them is a newline */
export function begin(from: u32, to: u32): void {
  lines = 0;
  base = from;
  next = from;
  last = to;
}

export function scan(): i32 {
  while (next < last) {
    const start = skipBlanks(next);
    const first: u32 = load<u8>(start);
    if (first === NEWLINE) {
      next = start + 1;
      continue;
    }
    if (lines === capacity) return FULL;
    const brace = first === BRACE;
    let end: u32 = brace ? readEvent(start) : 0;
    let newline: u32 = end === 0 ? start : skipBlanks(end);
    const whole = end !== 0 && load<u8>(newline) === NEWLINE;
    if (!whole) {
      newline = findNewline(start);
      end = newline;
      while (isBlank(load<u8>(end - 1))) end--;
    }
    next = newline + 1;

    let time: f64 = NaN;
    let tuple = UNKNOWN;
    let asked = DONE;
    // There may be an event behind a prefix.
    if (!brace) asked = ASK;
    else if (end - start > maxLine) tuple = OVERSIZED;
    else if (!whole) tuple = MALFORMED;
    else if (disguised) asked = ASK;
    else if (!isText(RULE) || !isText(PRIORITY)) tuple = MALFORMED;
    else {
      if (timeStart !== 0) time = readTime(timeStart, timeEnd);
      tuple = isInternal() ? INTERNAL : tupleOf();
      if (tuple === UNKNOWN) asked = ASK_TUPLE;
    }
    store<i32>(tuples + (lines << 2), tuple);
    store<f64>(times + (lines << 3), time);
    store<u32>(starts + (lines << 2), start - base);
    store<u32>(ends + (lines << 2), end - base);
    lines++;
    if (asked !== DONE) return asked;
  }
  return DONE;
}

/** Whether the value is a string. */
function isText(which: u32): bool {
  const span = spans + which * SPAN;
  return load<u32>(span, 4) !== 0 && load<u8>(load<u32>(span)) === QUOTE;
}

/** Whether it is Falco's own, which is not said with escapes here. */
function isInternal(): bool {
  const span = spans + SOURCE * SPAN;
  return load<u32>(span, 4) === internalLength && same(load<u32>(span), internal, internalLength);
}

function tupleOf(): i32 {
  let span = spans + FIELDS * SPAN;
  for (let field = wanted; field < wantedEnd; field += ENTRY, span += SPAN) {
    const only: u32 = load<u32>(field, 12);
    if (only !== 0 && isOther(load<u32>(span), load<u32>(span, 4), load<u32>(field, 8), only))
      store<u32>(span, 0, 4);
  }
  return recall();
}

/** Whether a value is certainly not the only one that is asked for. */
function isOther(value: u32, length: u32, only: u32, onlyLength: u32): bool {
  if (length === 0 || load<u8>(value) !== QUOTE) return false;
  if (length === onlyLength && same(value, only, length)) return false;
  for (let at = value; at < value + length; at++) {
    const byte: u32 = load<u8>(at);
    // An escape, or a byte that may not be valid UTF-8, may still come to mean it.
    if (byte === BACKSLASH || byte >= 0x80) return false;
  }
  return true;
}
