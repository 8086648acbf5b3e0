// One line that begins with a brace: is it JSON, and what do the values say that the ledger asks for?
import { BRACE, BRACE_CLOSE, BRACKET, BRACKET_CLOSE, COMMA, QUOTE, SPACE, skipBlanks } from './bytes';
import { escaped, readScalar, readString } from './json';
import { beginKeys, DISGUISED, NOTHING, OUTPUT_FIELDS, ofEvent, ofFields, readKey, TIME } from './keys';
import { FIELDS, fieldSpansEnd, levels, maxLine, SPAN, setSpan, spans, spansEnd } from './state';

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
  clear(0, spansEnd);
  timeStart = 0;
  disguised = false;
  beginKeys();
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
      if (key) {
        at = readKey(at);
        if (at === 0) return 0;
        target = depth === 0 ? ofEvent() : depth === 1 && inFields ? ofFields() : NOTHING;
        at = skipBlanks(at);
        key = false;
        continue;
      }
      const first: u32 = load<u8>(at);
      const start = at;
      if (first === QUOTE) {
        at = readString(at + 1);
        if (at === 0) return 0;
        at++;
        if (target !== NOTHING) noteString(target, start, at);
      } else if (first === BRACE || first === BRACKET) {
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
      if (byte <= SPACE) {
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
  } else if (target === DISGUISED) disguised = true;
  else clear(FIELDS, fieldSpansEnd);
}

/** A number, true, false or null; or a container, that no text stands for. */
function noteOther(target: i32, start: u32, end: u32): void {
  if (target >= 0) setSpan(target, start, end - start);
  else if (target === TIME) timeStart = 0;
  else if (target === DISGUISED) disguised = true;
  else clear(FIELDS, fieldSpansEnd);
}

function clear(from: u32, end: u32): void {
  for (let span = spans + from * SPAN; span < end; span += SPAN) store<u32>(span, 0, 4);
}
