/** The words of a response: what can be done, and what came of it. They are values of labels and of the journal: contract. */

/** What a policy may ask for, in the only order in which it is done. */
export const STEPS = ['evidence', 'pause', 'disconnect', 'restart', 'stop'] as const;
export type Step = (typeof STEPS)[number];

/** All that is done to a container, or with it. */
export const ACTIONS = [...STEPS, 'unpause'] as const;
export type Action = (typeof ACTIONS)[number];

/** Steps that change a container: each takes one of the budget. */
export const ACTS: readonly Action[] = ['pause', 'disconnect', 'restart', 'stop'];
/** What can't be undone: memory is lost. A person's word is asked for, unless the policy says `auto`. */
export const GRAVE: readonly Action[] = ['restart', 'stop'];

export const OUTCOMES = [
  'done',
  'already', // the container was in that state: nothing was done
  'partial', // evidence: a part of it could not be had
  'dry_run', // would have been done
  'budget', // not done: the budget is spent
  'cool_down', // not done: the same was done to this container a short while ago
  'denied', // not done: the deny list holds
  'refused', // not done: a person said no, or evidence is not complete
  'expired', // not done: the event, or the approval, is too old
  'gone', // not done: there is no such container any more
  'failed', // the engine refused, or gave no answer in time
  'unclear', // the engine was asked, and whether it was done stays unknown
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What was decided of an event that the policy matches. */
export const VERDICTS = [
  'response',
  'duplicate', // decided before
  'stale', // older than max_event_age, or of a time that is yet to come
  'no_container', // of the host, or one that is no id and no name
  'cool_down',
  'denied',
  'not_allowed', // no response that fits allows this container
  'gone', // there is no such container, or it was made after the event
  'overflow', // too many wait
  'expired', // the engine gave no answer while the event was young
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A container as the engine tells of it. */
export interface ContainerRef {
  /** 64 hexadecimal digits. */
  id: string;
  name: string;
  image: string;
}
