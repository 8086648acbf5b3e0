// Which tuple the spans of a line are: a hash table that only remembers what was answered before. What it doesn't know,
// or has no room for, is asked of the one who reads the line with JSON.parse.
import { head, same } from './bytes';
import { SPAN, spans, spansEnd } from './state';

/** A slot is four u32: hash, tuple's number, its key, and the key's length (0: the slot is free). */
const SLOT: u32 = 16;
/** So many slots are looked at: an attacker who finds texts of one hash must not make the search long. */
const PROBES: u32 = 8;
/** Longest key that is kept. */
const LONGEST: u32 = 4096;

export const UNKNOWN: i32 = i32.MIN_VALUE;

let slots: u32 = 0;
let mask: u32 = 0;
let keys: u32 = 0;
let keysEnd: u32 = 0;
let free: u32 = 0;
let used: u32 = 0;
let seed: u64 = 0;
let hash: u32 = 0;

/** @param slotsAt all zero @param count of slots, a power of 2 @param secret makes the hashes, so that nobody outside can foresee them */
export function layCache(slotsAt: u32, count: u32, keysAt: u32, keysSize: u32, secret: u64): void {
  slots = slotsAt;
  mask = count - 1;
  keys = keysAt;
  keysEnd = keysAt + keysSize;
  seed = secret;
  free = keysAt;
}

export function forget(): void {
  memory.fill(slots, 0, (mask + 1) * SLOT);
  free = keys;
  used = 0;
}

/** Whether there is room for the tuples that another batch may bring. */
export function isCrowded(): bool {
  return used > (mask + 1) / 2 || keysEnd - free < (keysEnd - keys) / 8;
}

/** The number that was learned for the spans of the line, or UNKNOWN. */
export function recall(): i32 {
  hash = hashed();
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const slot = slots + ((hash + probe) & mask) * SLOT;
    if (load<u32>(slot, 12) === 0) return UNKNOWN;
    if (load<u32>(slot) === hash && isKey(load<u32>(slot, 8))) return load<i32>(slot, 4);
  }
  return UNKNOWN;
}

/** Remembers the number of the spans that were last looked up. */
export function learn(number: i32): void {
  let length: u32 = 0;
  for (let span = spans; span < spansEnd; span += SPAN) length += 4 + load<u32>(span, 4);
  if (length > LONGEST || free + length > keysEnd) return;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const slot = slots + ((hash + probe) & mask) * SLOT;
    if (load<u32>(slot, 12) !== 0) continue;
    store<u32>(slot, hash);
    store<i32>(slot, number, 4);
    store<u32>(slot, free, 8);
    store<u32>(slot, <u32>length, 12);
    for (let span = spans; span < spansEnd; span += SPAN) {
      const size: u32 = load<u32>(span, 4);
      store<u32>(free, size);
      memory.copy(free + 4, load<u32>(span), size);
      free += 4 + size;
    }
    used++;
    return;
  }
}

function isKey(key: u32): bool {
  for (let span = spans; span < spansEnd; span += SPAN) {
    const size: u32 = load<u32>(span, 4);
    if (load<u32>(key) !== size || !same(key + 4, load<u32>(span), size)) return false;
    key += 4 + size;
  }
  return true;
}

function hashed(): u32 {
  let state = seed;
  for (let span = spans; span < spansEnd; span += SPAN) {
    let at: u32 = load<u32>(span);
    let size: u32 = load<u32>(span, 4);
    while (size >= 8) {
      state = mixed(state, load<u64>(at));
      at += 8;
      size -= 8;
    }
    // The length too, or what ends in zeros would look alike.
    state = mixed(state, head(at, size) | ((<u64>size) << 56));
  }
  return <u32>(state ^ (state >> 32));
}

function mixed(state: u64, word: u64): u64 {
  const product = (state ^ word) * 0x9e3779b97f4a7c15;
  return product ^ (product >> 29);
}
