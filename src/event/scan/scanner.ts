/**
 * What the event module hands to the ledger: for each line a number, a time and its place in the bytes.
 * There is no object per event: a service is resolved, and a series found, once for each distinct tuple.
 */

/** What a line is when it is no event of a rule. Stands in `Batch.tuple` in place of a tuple's number. */
export const OUTCOME = { internal: -1, text: -2, malformed: -3, oversized: -4 } as const;

/**
 * The lines of one `scan`, in their order; blank lines are left out. The arrays are reused by the next scan and
 * may be longer than `lines`.
 */
export interface Batch {
  lines: number;
  /** The number of the line's tuple, or one of `OUTCOME`. */
  tuple: Int32Array;
  /** The event's time in milliseconds since the epoch, with fractions; NaN where the line gives none. */
  time: Float64Array;
  /**
   * Where the line begins in the bytes scanned, and where it ends (its newline not included); of an event without what
   * stood before it.
   */
  start: Int32Array;
  end: Int32Array;
}

/** One distinct combination of what the ledger looks at. The words are as the line had them. */
export interface Tuple {
  rule: string;
  priority: string;
  source: string;
  /** The wanted output fields in the order in which they were asked for; null where the event has no answer. */
  fields: (string | null)[];
}

/** A field that the scanner is to read: an output field unless it says otherwise. */
export interface WantedField {
  name: string;
  /** Where given, only this value is an answer: `container.id` is wanted for "host" alone, or each id made a tuple. */
  only?: string;
  /** Whether it is a key of the event itself, not one of its output fields; never one that each tuple has, or `time`. */
  top?: boolean;
}

export interface Scanner {
  /** Changes when the table of tuples was full and began anew: numbers given before mean nothing any more. */
  readonly generation: number;
  /** Where there is one: lines that were read into it are scanned in place, without a copy. */
  readonly buffer?: Buffer;
  /** Scans whole lines, the last newline included. Never throws, whatever the bytes. */
  scan(bytes: Uint8Array): Batch;
  /** The words of a tuple of the current generation. */
  tuple(number: number): Tuple;
}

/** How many tuples a scanner keeps before it begins anew: fields that attackers write must not fill the memory. */
export const MAX_TUPLES = 65_536;

/** The same bound on their words, together. */
export const MAX_TUPLE_CHARACTERS = 16 * 1024 * 1024;
