// JSON's grammar, as JSON.parse has it. Every function gives where the text goes on, or 0 where it is not JSON. None
// runs past the newline: it stands in no string, and outside of strings it is no blank.
import { BACKSLASH, DOT, isDigit, MINUS, QUOTE, ZERO } from './bytes';

/** Whether the string that was read last has a backslash. */
export let escaped: bool = false;

/** @param at after the opening quote @returns the closing quote */
export function readString(at: u32): u32 {
  const marks = marks32(at);
  return closing(marks !== 0 ? at + <u32>ctz(marks) : findMark(at + 32));
}

/** The same for keys that were not foreseen: with one caller alone the optimizer lays `readString` in line. */
export function readOtherString(at: u32): u32 {
  return closing(findMark(at));
}

function closing(at: u32): u32 {
  if (load<u8>(at) !== QUOTE) return readEscaped(at);
  escaped = false;
  return at;
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
export function findMark(at: u32): u32 {
  while (true) {
    const marks = marks32(at);
    if (marks !== 0) return at + <u32>ctz(marks);
    at += 32;
  }
}

function marks32(at: u32): u32 {
  return marks16(at) | (marks16(at + 16) << 16);
}

/** A bit for each of 16 bytes: whether it is a quote, a backslash or a control character. */
export function marks16(at: u32): u32 {
  const bytes = v128.load(at);
  // With that bit turned a quote comes next to the control characters, and none of them leaves its place below it.
  const low = i8x16.le_u(v128.xor(bytes, i8x16.splat(0x02)), i8x16.splat(0x20));
  return i8x16.bitmask(v128.or(low, i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))));
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
      for (let i: u32 = 1; i <= 4; i++) if (hexValue(load<u8>(at + i)) < 0) return false;
      return true;
    default:
      return false;
  }
}

/** Negative where it is no hexadecimal digit. */
export function hexValue(byte: u32): i32 {
  if (isDigit(byte)) return byte - ZERO;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? <i32>letter + 10 : -1;
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
  while (true) {
    const others = i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(at), i8x16.splat(<i8>ZERO)), i8x16.splat(9)));
    if (others !== 0) return at + <u32>ctz(others);
    at += 16;
  }
}
