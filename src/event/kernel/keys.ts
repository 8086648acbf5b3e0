// Keys met before. Falco prints a rule's fields in one order, so that the key that came after this one the last time
// most often comes again: it is compared as a whole, and neither its end nor its meaning is looked for.
import { COLON, head, QUOTE, same, skipBlanks } from './bytes';
import { escaped, readOtherString } from './json';
import { ENTRY, eventKeys, eventKeysEnd, FIELDS, wanted, wantedEnd, wantedTop, wantedTopEnd } from './state';

/** What a key's value is read for: a span, or one of these. */
export const NOTHING: i32 = -1;
export const TIME: i32 = -2;
export const OUTPUT_FIELDS: i32 = -3;
/** The key is spelled with escapes: its bytes don't tell what it says. */
export const DISGUISED: i32 = -4;

/** A kept key: its text's length (0: none is kept), which one came after it, what its value is read for, its text. */
const NEXT: usize = 4;
const OF_EVENT: usize = 8;
const OF_FIELDS: usize = 12;
const TEXT: u32 = 16;
/** Longest text that is kept: a key with its quotes and its colon. */
const LONGEST: u32 = 80;
const KEY: u32 = TEXT + LONGEST;

/** The first place is what stands before a line's first key, the second is for keys that aren't kept. */
const BEFORE: u32 = 0;
const PASSING: u32 = KEY;
const KEPT: u32 = 2 * KEY;

let keys: u32 = 0;
let places: u32 = 0;
/** The key that was read last. */
let current: u32 = 0;

/** @param at all zero @param size room for all of them, in bytes */
export function layKeys(at: u32, size: u32): void {
  keys = at;
  places = (size - KEPT) / KEY;
  for (let key = keys; key < keys + KEPT + places * KEY; key += KEY) store<u32>(key, keys + BEFORE, NEXT);
}

/** Before a line's first key. */
export function beginKeys(): void {
  current = keys + BEFORE;
}

/** What the value is read for, after a key of the event itself. */
export function ofEvent(): i32 {
  return load<i32>(current, OF_EVENT);
}

/** And after one of its output fields. */
export function ofFields(): i32 {
  return load<i32>(current, OF_FIELDS);
}

/** Reads a key and its colon. @returns what follows; 0 where it isn't JSON */
export function readKey(at: u32): u32 {
  const foreseen = load<u32>(current, NEXT);
  const length = load<u32>(foreseen);
  if (!begins(at, foreseen + TEXT, length)) return readOther(at);
  current = foreseen;
  return at + length;
}

/** Whether a kept text stands there; there is none of length 0. May read a block beyond it. */
function begins(at: u32, text: u32, length: u32): bool {
  while (length > 16) {
    if (differing(at, text) !== 0) return false;
    at += 16;
    text += 16;
    length -= 16;
  }
  return length !== 0 && differing(at, text) << (32 - length) === 0;
}

function differing(a: u32, b: u32): u32 {
  return i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b)));
}

/** A key that was not foreseen. */
function readOther(start: u32): u32 {
  if (load<u8>(start) !== QUOTE) return 0;
  let at = readOtherString(start + 1);
  if (at === 0) return 0;
  at++;
  const name = at - start;
  at = skipBlanks(at);
  if (load<u8>(at) !== COLON) return 0;
  at++;
  const length = at - start;
  const before = current;
  current = keys + PASSING;
  if (length <= LONGEST && !escaped) {
    // Two of one place take it from each other: what is kept is compared before it is believed.
    current = keys + KEPT + KEY * placeOf(start, length);
    store<u32>(before, current, NEXT);
    if (load<u32>(current) === length && same(start, current + TEXT, length)) return at;
    store<u32>(current, length);
    memory.copy(current + TEXT, start, length);
  }
  store<i32>(current, escaped ? DISGUISED : asEvent(start, name), OF_EVENT);
  store<i32>(current, escaped ? DISGUISED : asField(start, name), OF_FIELDS);
  return at;
}

function placeOf(at: u32, length: u32): u32 {
  let hash: u32 = length;
  for (; length >= 4; at += 4, length -= 4) hash = (hash ^ load<u32>(at)) * 0x9e3779b1;
  hash = (hash ^ <u32>head(at, length)) * 0x9e3779b1;
  return (hash >> 16) % places;
}

function asEvent(name: u32, length: u32): i32 {
  const index = find(name, length, eventKeys, eventKeysEnd);
  if (index === NOTHING) {
    const top = find(name, length, wantedTop, wantedTopEnd);
    return top === NOTHING ? NOTHING : <i32>(FIELDS + (wantedEnd - wanted) / ENTRY) + top;
  }
  if (index < <i32>FIELDS) return index;
  return index === <i32>FIELDS ? TIME : OUTPUT_FIELDS;
}

function asField(name: u32, length: u32): i32 {
  const index = find(name, length, wanted, wantedEnd);
  return index < 0 ? NOTHING : <i32>FIELDS + index;
}

/** The index of a name in a table; NOTHING if it isn't there. */
function find(name: u32, length: u32, table: u32, tableEnd: u32): i32 {
  for (let entry = table; entry < tableEnd; entry += ENTRY)
    if (load<u32>(entry, 4) === length && same(name, load<u32>(entry), length))
      return (entry - table) / ENTRY;
  return NOTHING;
}
