/** Why a line that may have been an event is none. Only called for refused lines, and only for some of them. */
import { findEvent, skipColoursAtEnd, skipMarks } from '../line/prefix.ts';
import { type Batch, OUTCOME } from '../scan/scanner.ts';

/** The kinds, and what to say of each. */
export const REFUSALS = {
  text: 'Falco prints text, which is not counted: set json_output: true in falco.yaml',
  behind: 'what looks like an event stands behind something that is no known prefix, and is not counted',
  list: 'a list of events is not counted: Falco prints each on a line of its own',
  spread: 'an event that is spread over several lines is not counted: Falco prints each on one',
  object: 'a JSON object without a rule and a priority, both texts, is no event',
  broken: 'a line begins as an event and is no JSON: cut, torn, or two that were written into each other',
  words: 'what was posted is no event',
  several: 'what was posted is not one whole event',
  type: 'a post that is no application/json, or is compressed, is not read',
  large: 'a post is larger than is taken',
  oversized: 'a line is longer than input.max_line_bytes, and was skipped',
} as const;
export type RefusalKind = keyof typeof REFUSALS;

export interface Refusal {
  kind: RefusalKind;
  /** What stood before what looks like an event, cut. */
  before?: string;
  /** The line's beginning; as attackers may have written it. */
  line?: string;
}

/** As what a refused line counts. */
export function outcomeOf({ kind }: Refusal): 'malformed' | 'oversized' {
  return kind === 'oversized' || kind === 'large' ? 'oversized' : 'malformed';
}

/** Longest text that is logged, in bytes. */
const LONGEST = 200;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Says why lines of a batch are no events, those that may have been; each is looked at again, up to `most` of them. */
export function* refusals(
  batch: Batch,
  payload: Uint8Array,
  most = Number.POSITIVE_INFINITY,
): Generator<Refusal, void, void> {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let line = 0, left = most; line < batch.lines && left > 0; line++) {
    const outcome = batch.tuple[line]!;
    if (outcome !== OUTCOME.malformed && outcome !== OUTCOME.oversized) continue;
    left--;
    yield outcome === OUTCOME.oversized
      ? { kind: 'oversized' }
      : explain(bytes, batch.start[line]!, batch.end[line]!);
  }
}

/** Says why a line, without blanks at its ends, was found to be malformed. */
export function explain(bytes: Buffer, start: number, ending: number): Refusal {
  const at = skipMarks(bytes, start, ending);
  const end = bytes[start] === BRACE ? ending : skipColoursAtEnd(bytes, at, ending);
  const line = bytes.toString('utf8', at, Math.min(end, at + LONGEST));
  if (bytes[at] === BRACE) return { kind: kindOfObject(bytes.subarray(at, end)), line };
  const found = findEvent(bytes, at, end);
  if (found === 'text format') return { kind: 'text', line };
  if (found === 'text') return { kind: 'words', line };
  if (typeof found === 'number') return { kind: kindOfObject(bytes.subarray(found, end)), line };
  if (bytes[at] === BRACKET && json(bytes.subarray(at, end)) !== undefined) return { kind: 'list', line };
  const brace = bytes.subarray(at, end).indexOf(BRACE);
  return { kind: 'behind', before: bytes.toString('utf8', at, at + Math.min(brace, LONGEST)), line };
}

function kindOfObject(object: Buffer): RefusalKind {
  if (object.length === 1) return 'spread';
  const value = json(object);
  if (typeof value !== 'object' || value === null) return 'broken';
  const holdsEvents = object.includes('"rule"') && object.includes('"priority"');
  return holdsEvents && !('rule' in value) ? 'list' : 'object';
}

/** Undefined for what is none. */
function json(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
