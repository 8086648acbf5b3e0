// One line that begins with a brace: is it JSON, and what do the values say that the ledger asks for?
import {
  BRACE,
  BRACE_CLOSE,
  BRACKET,
  BRACKET_CLOSE,
  COLON,
  COMMA,
  isBlank,
  QUOTE,
  same,
  skipBlanks,
} from './bytes';
import { escaped, readScalar, readString } from './json';
import {
  ENTRY,
  eventKeys,
  eventKeysEnd,
  FIELDS,
  levels,
  maxLine,
  SPAN,
  setSpan,
  spans,
  spansEnd,
  wanted,
  wantedEnd,
} from './state';

/** What a key's value is read for: a span, or one of these. */
const NOTHING: i32 = -1;
const TIME: i32 = -2;
const OUTPUT_FIELDS: i32 = -3;

/** Where the event's time stands, without its quotes; 0 where it has none. */
export let timeStart: u32 = 0;
export let timeEnd: u32 = 0;
/** Whether a key or a value that matters is spelled with escapes, so that its bytes don't tell what it says. */
export let disguised: bool = false;

/**
 * Reads an object, and notes where the wanted values stand. The last of duplicate keys counts.
 * @param at the brace @returns after the closing brace; 0 where it isn't JSON
 */
export function readEvent(at: u32): u32 {
  clear(0);
  timeStart = 0;
  disguised = false;
  let depth: u32 = 0;
  let object = true;
  let inFields = false;
  let target = NOTHING;
  store<u8>(levels, 1);
  at = skipBlanks(at + 1);
  let key = true;
  let empty = load<u8>(at) === BRACE_CLOSE;
  while (true) {
    if (!empty) {
      const first: u32 = load<u8>(at);
      const start = at;
      if (first === QUOTE) {
        // Keys and values come by one way, so that the compiler lays this in line.
        at = readString(at + 1);
        if (at === 0) return 0;
        at++;
        if (key) {
          target = NOTHING;
          if (depth === 0 || (depth === 1 && inFields)) {
            if (escaped) disguised = true;
            target = depth === 0 ? ofEvent(start, at - start) : ofFields(start, at - start);
          }
          at = skipBlanks(at);
          if (load<u8>(at) !== COLON) return 0;
          at = skipBlanks(at + 1);
          key = false;
          continue;
        }
        if (target !== NOTHING) noteString(target, start, at);
      } else if (key) return 0;
      else if (first === BRACE || first === BRACKET) {
        if (target !== NOTHING) noteOther(target, start, start);
        depth++;
        // A line so deep is longer than the longest.
        if (depth === maxLine) return 0;
        object = first === BRACE;
        store<u8>(levels + depth, object);
        if (depth === 1) inFields = object && target === OUTPUT_FIELDS;
        target = NOTHING;
        key = object;
        at = skipBlanks(at + 1);
        empty = load<u8>(at) === (object ? BRACE_CLOSE : BRACKET_CLOSE);
        continue;
      } else {
        at = readScalar(at);
        if (at === 0) return 0;
        if (target !== NOTHING) noteOther(target, start, at);
      }
    }
    empty = false;
    while (true) {
      let byte: u32 = load<u8>(at);
      if (isBlank(byte)) {
        at = skipBlanks(at);
        byte = load<u8>(at);
      }
      if (byte === COMMA) {
        at = skipBlanks(at + 1);
        key = object;
        break;
      }
      if (byte !== (object ? BRACE_CLOSE : BRACKET_CLOSE)) return 0;
      at++;
      if (depth === 0) return at;
      depth--;
      object = load<bool>(levels + depth);
    }
  }
}

function noteString(target: i32, start: u32, end: u32): void {
  if (target >= 0) setSpan(target, start, end - start);
  else if (target === TIME) {
    timeStart = start + 1;
    timeEnd = end - 1;
    if (escaped) disguised = true;
  } else clear(FIELDS);
}

/** A number, true, false or null; or a container, that no text stands for. */
function noteOther(target: i32, start: u32, end: u32): void {
  if (target >= 0) setSpan(target, start, end - start);
  else if (target === TIME) timeStart = 0;
  else clear(FIELDS);
}

function clear(from: u32): void {
  for (let span = spans + from * SPAN; span < spansEnd; span += SPAN) store<u32>(span, 0, 4);
}

function ofEvent(key: u32, length: u32): i32 {
  const index = find(key, length, eventKeys, eventKeysEnd);
  if (index < <i32>FIELDS) return index;
  return index === <i32>FIELDS ? TIME : OUTPUT_FIELDS;
}

function ofFields(key: u32, length: u32): i32 {
  const index = find(key, length, wanted, wantedEnd);
  return index < 0 ? NOTHING : <i32>FIELDS + index;
}

/** The index of a name in a table; negative if it isn't there. */
function find(name: u32, length: u32, table: u32, tableEnd: u32): i32 {
  for (let entry = table; entry < tableEnd; entry += ENTRY) {
    if (load<u32>(entry, 4) !== length) continue;
    const known = load<u32>(entry);
    // The first letter tells most of them apart.
    if (load<u16>(known) === load<u16>(name) && same(name, known, length)) return (entry - table) / ENTRY;
  }
  return -1;
}
