/** The lines of the journal. Times in milliseconds since the epoch, steady ones; those of events by the wall clock. */
import * as z from 'zod';
import { ACTIONS, OUTCOMES, STEPS, VERDICTS } from '../words.ts';

const time = z.number();
const id = z.string();
const container = z.object({ id, name: z.string(), image: z.string() });

const event = z.object({
  /** Of the event's bytes: what proves that it is the same. */
  key: z.string(),
  time,
  rule: z.string(),
  priority: z.string(),
  service: z.string(),
  /** What it says of its container; checked for its form, and no more. */
  claim: z.object({ id: z.string().optional(), name: z.string().optional() }),
  /** The event itself, cut where it is very long. */
  line: z.string(),
});

const approval = z.object({
  /** Names the question: a word for an earlier one is none for this. */
  ask: id,
  step: z.enum(STEPS),
  at: time,
  /** Undefined: nobody has said a word yet. */
  word: z.enum(['approved', 'refused']).optional(),
  by: z.string().optional(),
});

/** A response that is not over. */
export const openResponse = z.object({
  id,
  at: time,
  event,
  /** Responses of the policy that fit the event, by name. */
  candidates: z.array(z.string()),
  /** Undefined until it is decided. */
  decided: z
    .object({
      response: z.string(),
      container,
      steps: z.array(z.enum(STEPS)),
      dry: z.boolean(),
      auto: z.boolean(),
      /** How long a pause lasts; undefined: until a person ends it. */
      unpauseAfter: z.number().optional(),
    })
    .optional(),
  outcomes: z.partialRecord(z.enum(ACTIONS), z.enum(OUTCOMES)),
  /** Begun, and no outcome yet. */
  intent: z.object({ action: z.enum(ACTIONS), at: time, startedAt: z.string() }).optional(),
  approval: approval.optional(),
  evidence: z.object({ directory: z.string(), complete: z.boolean() }).optional(),
  /** When a pause of ours ends. */
  unpauseAt: time.optional(),
});
export type OpenResponse = z.output<typeof openResponse>;
export type EventRef = OpenResponse['event'];
export type Decided = NonNullable<OpenResponse['decided']>;

/** One that was acted on: for people. */
const acted = z.object({
  id,
  at: time,
  action: z.enum(ACTIONS),
  outcome: z.enum(OUTCOMES),
  container,
  rule: z.string(),
  evidence: z.string(),
});
export type Acted = z.output<typeof acted>;

/** All that a journal adds up to: what a compacted one begins with. */
export const savedState = z.object({
  /** Events up to this time are never acted on. */
  floor: time,
  anchor: z.object({ boot: z.string(), base: time }).optional(),
  /** Acts up to this time are not known. */
  unknownUntil: time,
  keys: z.array(z.tuple([z.string(), time])),
  open: z.array(openResponse),
  /** Acts by the policy alone. */
  acts: z.array(z.object({ at: time, dry: z.boolean(), rule: z.string(), container })),
  /** What is not to be done again, and until when. */
  cooling: z.array(z.tuple([z.string(), time])),
  verdicts: z.array(z.tuple([z.enum(VERDICTS), z.number()])),
  outcomes: z.array(z.tuple([z.enum(ACTIONS), z.enum(OUTCOMES), z.number()])),
  recent: z.array(acted),
});
export type SavedState = z.output<typeof savedState>;

const base = { at: time };
const ofResponse = { ...base, id };

export const record = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), ...base, state: savedState }),
  /** An event that leads to nothing. */
  z.object({ kind: z.literal('event'), ...base, key: z.string(), time, verdict: z.enum(VERDICTS) }),
  z.object({ kind: z.literal('open'), ...ofResponse, event, candidates: z.array(z.string()) }),
  z.object({
    kind: z.literal('decide'),
    ...ofResponse,
    verdict: z.enum(VERDICTS),
    decided: openResponse.shape.decided,
    /** What is not to be done again, and until when. */
    cooling: z.array(z.tuple([z.string(), time])),
  }),
  z.object({
    kind: z.literal('intent'),
    ...ofResponse,
    action: z.enum(ACTIONS),
    /** Whether it takes one of the budget: no person asked for it. */
    counts: z.boolean(),
    startedAt: z.string(),
    cooling: z.array(z.tuple([z.string(), time])),
  }),
  z.object({
    kind: z.literal('outcome'),
    ...ofResponse,
    action: z.enum(ACTIONS),
    outcome: z.enum(OUTCOMES),
    detail: z.string().optional(),
    unpauseAt: time.optional(),
    evidence: openResponse.shape.evidence,
  }),
  z.object({ kind: z.literal('ask'), ...ofResponse, ask: id, step: z.enum(STEPS) }),
  z.object({
    kind: z.literal('word'),
    ...ofResponse,
    word: z.enum(['approved', 'refused']),
    by: z.string(),
  }),
  z.object({ kind: z.literal('close'), ...ofResponse }),
]);
export type JournalRecord = z.output<typeof record>;
