// RFC 3339, to the bit as src/event/time.ts reads it.
import { COLON, DOT, isDigit, MINUS, ZERO } from './bytes';

const NONE = i64.MIN_VALUE;
/** Length of a date and a time of day. */
const DATE_TIME: u32 = 19;

/** Those that were last read, in blocks of 16 and 4 bytes, and what they say. No string of JSON holds zeros. */
let known: v128 = i8x16.splat(0);
let knownEnd: u32 = 0;
let knownSeconds: i64 = 0;

/** @param at after the quote @param end the closing quote; there is no backslash between */
export function readTime(at: u32, end: u32): f64 {
  // 2026-11-23T14:06:27Z is the shortest.
  if (end - at < 20) return NaN;
  const text = v128.load(at);
  const textEnd = load<u32>(at, DATE_TIME - 4);
  // Most events are of the same second as the one before.
  if (textEnd !== knownEnd || v128.any_true(v128.xor(text, known))) {
    const seconds = readDateTime(at);
    if (seconds === NONE) return NaN;
    known = text;
    knownEnd = textEnd;
    knownSeconds = seconds;
  }
  at += DATE_TIME;

  let fraction: f64 = 0;
  if (load<u8>(at) === DOT) {
    at++;
    if (!isDigit(load<u8>(at))) return NaN;
    let digits: u32 = 0;
    let scale: u32 = 1;
    for (; isDigit(load<u8>(at)); at++) {
      if (scale === 1_000_000_000) continue;
      digits = digits * 10 + (load<u8>(at) - ZERO);
      scale *= 10;
    }
    // Both are exact, so that the quotient is what reading the decimal gives.
    fraction = <f64>digits / <f64>scale;
  }

  let offset: i32 = 0;
  const zone: u32 = load<u8>(at);
  if ((zone | 0x20) === 0x7a) {
    at++;
  } else {
    if (zone !== 0x2b && zone !== MINUS) return NaN;
    const hours = two(at + 1);
    at += load<u8>(at, 3) === COLON ? 4 : 3;
    const minutes = two(at);
    if ((hours | minutes) < 0) return NaN;
    offset = (hours * 60 + minutes) * (zone === MINUS ? -60_000 : 60_000);
    at += 2;
  }
  if (at !== end) return NaN;

  return <f64>(knownSeconds * 1000) - <f64>offset + fraction * 1000;
}

/** Seconds since 1970 of a date and a time of day; NONE where they are none. */
function readDateTime(at: u32): i64 {
  const separator: u32 = load<u8>(at, 10) | 0x20;
  if (
    load<u8>(at, 4) !== MINUS ||
    load<u8>(at, 7) !== MINUS ||
    separator !== 0x74 ||
    load<u8>(at, 13) !== COLON ||
    load<u8>(at, 16) !== COLON
  )
    return NONE;
  const century = two(at);
  const years = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  const hour = two(at + 11);
  const minute = two(at + 14);
  const second = two(at + 17);
  if ((century | years | month | day | hour | minute | second) < 0) return NONE;
  let year = century * 100 + years;
  // As Date.UTC has it.
  if (year < 100) year += 1900;
  return (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
}

/** Two digits; negative if they are none. */
function two(at: u32): i32 {
  const tens: u32 = load<u8>(at) - ZERO;
  const ones: u32 = load<u8>(at, 1) - ZERO;
  return tens < 10 && ones < 10 ? tens * 10 + ones : -1;
}

/** Days since 1970-01-01 in the Gregorian calendar. Months and days beyond their range run on into the next, or back. */
function days(year: i32, month: i32, day: i32): i64 {
  // Years from March on, so that a leap day is the last of its year.
  const months = month + 9 - 12;
  const over = months < 0 ? -1 : months / 12;
  const y = year + over;
  const m = months - over * 12;
  const leaps = y / 4 - y / 100 + y / 400;
  return <i64>(y * 365 + leaps + (m * 153 + 2) / 5 + day - 1 - 719_468);
}
