// JSON's grammar, as JSON.parse has it. Every function gives where the text goes on, or 0 where it is not JSON. None
// runs past the newline: it stands in no string, and outside of strings it is no blank.
import { BACKSLASH, DOT, isDigit, MINUS, QUOTE, ZERO } from './bytes';

/** Whether the string that was read last has a backslash. */
export let escaped: bool = false;

/** @param at after the opening quote @returns the closing quote */
export function readString(at: u32): u32 {
  const marks = marked(at);
  at = marks !== 0 ? at + <u32>ctz(marks) : findMark(at + 16);
  if (load<u8>(at) === QUOTE) {
    escaped = false;
    return at;
  }
  return readEscaped(at);
}

function readEscaped(at: u32): u32 {
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte === QUOTE) {
      escaped = true;
      return at;
    }
    if (byte !== BACKSLASH || !isEscape(at + 1)) return 0;
    at = findMark(at + 2);
  }
}

/** The first quote, backslash or control character; there is one, since a newline ends the line. */
function findMark(at: u32): u32 {
  while (true) {
    const marks = marked(at) | (marked(at + 16) << 16);
    if (marks !== 0) return at + <u32>ctz(marks);
    at += 32;
  }
}

function marked(at: u32): i32 {
  const bytes = v128.load(at);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
      i8x16.le_u(bytes, i8x16.splat(0x1f)),
    ),
  );
}

/** @param at after the backslash */
function isEscape(at: u32): bool {
  switch (load<u8>(at)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    case 0x75: // u
      for (let i: u32 = 1; i <= 4; i++) if (!isHex(load<u8>(at + i))) return false;
      return true;
    default:
      return false;
  }
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6;
}

/** A number, true, false or null. */
export function readScalar(at: u32): u32 {
  const first: u32 = load<u8>(at);
  if (isDigit(first) || first === MINUS) return readNumber(at);
  const word = load<u32>(at);
  if (word === 0x6c6c756e || word === 0x65757274) return at + 4; // null, true
  if (word === 0x736c6166 && load<u8>(at, 4) === 0x65) return at + 5; // false
  return 0;
}

function readNumber(at: u32): u32 {
  if (load<u8>(at) === MINUS) at++;
  if (load<u8>(at) === ZERO) at++;
  else {
    at = readDigits(at);
    if (at === 0) return 0;
  }
  if (load<u8>(at) === DOT) {
    at = readDigits(at + 1);
    if (at === 0) return 0;
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    const sign: u32 = load<u8>(at, 1);
    at = readDigits(sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

/** At least one. */
function readDigits(at: u32): u32 {
  if (!isDigit(load<u8>(at))) return 0;
  while (isDigit(load<u8>(at))) at++;
  return at;
}
