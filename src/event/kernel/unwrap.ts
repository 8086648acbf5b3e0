// Lines as Docker's json-file driver and Kubernetes' runtimes wrap them, where that is simple: a whole line of standard
// output, with nothing in its frame but what they always print. All else is left to src/event/framing/framing.ts.
import { BACKSLASH, BRACE, BRACE_CLOSE, isDigit, MINUS, NEWLINE, QUOTE, SPACE } from './bytes';
import { findMark, hexValue, marks16 } from './json';

/** Eight bytes each, as they are loaded: `{"log":"`, `,"stream`, `":"stdou`, `t","time`, ` stdout `. */
const LOG: u64 = 0x223a22676f6c227b;
const STREAM: u64 = 0x6d6165727473222c;
const STDOUT: u64 = 0x756f647473223a22;
const TIME: u64 = 0x656d6974222c2274;
const CRI_STDOUT: u64 = 0x2074756f64747320;
/** `":"` in three bytes, `F ` in two. */
const VALUE: u32 = 0x223a22;
const WHOLE: u32 = 0x2046;

/** Longest time of a CRI line, after its date. */
const LONGEST_TIME: u32 = 40;

/** Where what was unwrapped ends. */
export let unwrapped: u32 = 0;

/**
 * Unwraps lines up to the first that is not simple.
 * @param to after a newline @param out has room for as much, and a block more @param longest bytes that a line may have
 * @returns where that line begins; `to` where there is none
 */
export function unwrap(from: u32, to: u32, out: u32, longest: u32): u32 {
  unwrapped = out;
  while (from < to) {
    const next = load<u8>(from) === BRACE ? unwrapDocker(from, longest) : unwrapCri(from, longest);
    if (next === 0) break;
    from = next;
  }
  return from;
}

/** `{"log":"…\n","stream":"stdout","time":"…"}` @returns the next line; 0 where this one is not simple */
function unwrapDocker(at: u32, longest: u32): u32 {
  if (load<u64>(at) !== LOG) return 0;
  at += 8;
  let out = unwrapped;
  while (true) {
    // A block is stored whole: what is too much of it is written over.
    const marks = marks16(at);
    v128.store(out, v128.load(at));
    if (marks === 0) {
      at += 16;
      out += 16;
      continue;
    }
    const plain: u32 = ctz(marks);
    at += plain;
    out += plain;
    if (load<u8>(at) !== BACKSLASH) return 0;
    const letter: u32 = load<u8>(at, 1);
    if (letter === QUOTE || letter === BACKSLASH) store<u8>(out, letter);
    else if (letter === 0x6e) break;
    else {
      const byte = ofEscape(at + 1, letter);
      if (byte < 0) return 0;
      store<u8>(out, byte);
      if (letter === 0x75) at += 4;
    }
    at += 2;
    out++;
  }
  // A newline in the middle makes two lines of one.
  if (load<u8>(at, 2) !== QUOTE || out - unwrapped > longest) return 0;
  at += 3;
  if (load<u64>(at) !== STREAM || load<u64>(at, 8) !== STDOUT || load<u64>(at, 16) !== TIME) return 0;
  if ((load<u32>(at, 24) & 0xffffff) !== VALUE) return 0;
  at = findMark(at + 27);
  if (load<u8>(at) !== QUOTE || load<u8>(at, 1) !== BRACE_CLOSE || load<u8>(at, 2) !== NEWLINE) return 0;
  store<u8>(out, NEWLINE);
  unwrapped = out + 1;
  return at + 3;
}

/** The one byte that an escape stands for; negative where it stands for more, or is none. */
function ofEscape(at: u32, letter: u32): i32 {
  switch (letter) {
    case 0x2f: // /
      return letter;
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x75: {
      // u
      if (load<u16>(at, 1) !== 0x3030) return -1;
      const high = hexValue(load<u8>(at, 3));
      const low = hexValue(load<u8>(at, 4));
      const byte = (high << 4) | low;
      return (high | low) < 0 || byte >= 0x80 ? -1 : byte;
    }
    default:
      return -1;
  }
}

/** `2026-11-23T14:11:55.137513955Z stdout F …` @returns the next line; 0 where this one is not simple */
function unwrapCri(at: u32, longest: u32): u32 {
  if (!isDate(at)) return 0;
  at += 11;
  const end = at + LONGEST_TIME;
  const start = at;
  while (load<u8>(at) - (SPACE + 1) < 0x7f - (SPACE + 1) && at < end) at++;
  if (at === start || load<u64>(at) !== CRI_STDOUT || load<u16>(at, 8) !== WHOLE) return 0;
  at += 10;
  let out = unwrapped;
  const text = at;
  while (true) {
    const bytes = v128.load(at);
    v128.store(out, bytes);
    const newline = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>NEWLINE)));
    if (newline !== 0) {
      at += <u32>ctz(newline);
      break;
    }
    at += 16;
    out += 16;
  }
  if (at - text > longest) return 0;
  unwrapped += at + 1 - text;
  return at + 1;
}

/** Whether `2026-11-23T` stands there, by its form. */
function isDate(at: u32): bool {
  for (let index: u32 = 0; index < 10; index++) {
    const byte: u32 = load<u8>(at + index);
    if (index === 4 || index === 7 ? byte !== MINUS : !isDigit(byte)) return false;
  }
  return load<u8>(at, 10) === 0x54;
}
