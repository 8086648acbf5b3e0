export const TAB: u32 = 0x09;
export const NEWLINE: u32 = 0x0a;
export const RETURN: u32 = 0x0d;
export const SPACE: u32 = 0x20;
export const QUOTE: u32 = 0x22;
export const COMMA: u32 = 0x2c;
export const MINUS: u32 = 0x2d;
export const DOT: u32 = 0x2e;
export const ZERO: u32 = 0x30;
export const COLON: u32 = 0x3a;
export const BRACKET: u32 = 0x5b;
export const BACKSLASH: u32 = 0x5c;
export const BRACKET_CLOSE: u32 = 0x5d;
export const BRACE: u32 = 0x7b;
export const BRACE_CLOSE: u32 = 0x7d;

export function isDigit(byte: u32): bool {
  return byte - ZERO < 10;
}

export function isBlank(byte: u32): bool {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

/** The first byte at or after `at` that is no blank. A newline is none: it ends the line. */
export function skipBlanks(at: u32): u32 {
  return load<u8>(at) > SPACE ? at : skipSome(at);
}

function skipSome(at: u32): u32 {
  while (isBlank(load<u8>(at))) at++;
  return at;
}

/** The newline at or after `at`; there is one. */
export function findNewline(at: u32): u32 {
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>NEWLINE)));
    if (found !== 0) return at + <u32>ctz(found);
    at += 16;
  }
}

/** Whether two texts of one length are the same. */
export function same(a: u32, b: u32, length: u32): bool {
  while (length >= 8) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    a += 8;
    b += 8;
    length -= 8;
  }
  return head(a, length) === head(b, length);
}

/** The first bytes, up to 7, as a number. Reads beyond them, but not beyond the memory. */
export function head(at: u32, length: u32): u64 {
  return load<u64>(at) & (((<u64>1) << ((<u64>length) << 3)) - 1);
}
