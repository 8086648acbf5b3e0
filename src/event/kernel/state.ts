// Where things stand in the memory. The layout is made by src/event/scan/kernel.ts, which gives it to `lay`.

/** A span is two u32: where a value's text begins, and its length; 0 where the line has none that could answer. */
export const SPAN: u32 = 8;
export const RULE: u32 = 0;
export const PRIORITY: u32 = 1;
export const SOURCE: u32 = 2;
/** The first of the wanted fields' spans. */
export const FIELDS: u32 = 3;

/** An entry of a table is four u32: a name in quotes and its length, the only text that is an answer and its length (0: any is). */
export const ENTRY: u32 = 16;

/** The keys of an event that matter: rule, priority, source; time, output_fields. */
export let eventKeys: u32 = 0;
export let eventKeysEnd: u32 = 0;
/** The wanted output fields. */
export let wanted: u32 = 0;
export let wantedEnd: u32 = 0;
/** The wanted keys of the event itself; their spans come after those of the fields. */
export let wantedTop: u32 = 0;
export let wantedTopEnd: u32 = 0;
/** The source of Falco's own events, as it stands in a line. */
export let internal: u32 = 0;
export let internalLength: u32 = 0;
export let spans: u32 = 0;
/** Where the spans of the output fields end, and all spans. */
export let fieldSpansEnd: u32 = 0;
export let spansEnd: u32 = 0;
/** Whether each open container is an object: one byte a level. */
export let levels: u32 = 0;
/** Longest line in bytes; so many levels at most. */
export let maxLine: u32 = 0;
/** The batch's columns, and how many lines they hold. */
export let tuples: u32 = 0;
export let times: u32 = 0;
export let starts: u32 = 0;
export let ends: u32 = 0;
export let capacity: u32 = 0;

export function layTables(
  keysAt: u32,
  keysCount: u32,
  wantedAt: u32,
  wantedCount: u32,
  topAt: u32,
  topCount: u32,
): void {
  eventKeys = keysAt;
  eventKeysEnd = keysAt + keysCount * ENTRY;
  wanted = wantedAt;
  wantedEnd = wantedAt + wantedCount * ENTRY;
  wantedTop = topAt;
  wantedTopEnd = topAt + topCount * ENTRY;
  // The entry of `source` says what it is in Falco's own events.
  internal = load<u32>(keysAt + SOURCE * ENTRY, 8);
  internalLength = load<u32>(keysAt + SOURCE * ENTRY, 12);
}

export function layLine(spansAt: u32, levelsAt: u32, longest: u32): void {
  spans = spansAt;
  fieldSpansEnd = spansAt + FIELDS * SPAN + ((wantedEnd - wanted) / ENTRY) * SPAN;
  spansEnd = fieldSpansEnd + ((wantedTopEnd - wantedTop) / ENTRY) * SPAN;
  levels = levelsAt;
  maxLine = longest;
}

export function layBatch(tuplesAt: u32, timesAt: u32, startsAt: u32, endsAt: u32, lines: u32): void {
  tuples = tuplesAt;
  times = timesAt;
  starts = startsAt;
  ends = endsAt;
  capacity = lines;
}

export function setSpan(which: u32, start: u32, length: u32): void {
  const span = spans + which * SPAN;
  store<u32>(span, start);
  store<u32>(span, length, 4);
}
