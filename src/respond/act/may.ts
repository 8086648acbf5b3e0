/** Whether something may be done to a container now: pure functions of what is known. */
import type { Decided, OpenResponse } from '../journal/records.ts';
import type { ResponderState } from '../journal/state.ts';
import type { Policy } from '../policy/schema.ts';
import { hasShare } from '../share.ts';
import { type Action, GRAVE, type Outcome } from '../words.ts';
import { actKey } from './cooling.ts';

export type Going = OpenResponse & { decided: Decided };

export interface Moment {
  policy: Policy;
  state: ResponderState;
  /** Milliseconds, of the journal's time and of the wall clock. */
  now: number;
  wall: number;
  /** Whether a person can say a word at all. */
  hasPeople: boolean;
}

export function isDecided(response: OpenResponse): response is Going {
  return response.decided !== undefined;
}

export function isYoung({ event }: OpenResponse, { wall, policy }: Moment): boolean {
  return event.time > wall - policy.max_event_age;
}

/**
 * By the policy alone while the event is young; by a person while the word is. What a person will be asked for may wait
 * for that.
 */
export function mayStill(response: Going, action: Action, moment: Moment): boolean {
  const { approval, decided, intent } = response;
  const { now, policy } = moment;
  if (approval?.step === action && approval.word === 'approved')
    return approval.at > now - policy.max_event_age;
  return isYoung(response, moment) || (GRAVE.includes(action) && !decided.auto && !intent);
}

/** Why an act may not be done now, or not without a person; undefined where it may. */
export function hindrance(
  response: Going,
  action: Action,
  moment: Moment,
): [outcome: Outcome, why?: string] | 'ask' | undefined {
  const { decided, approval, evidence, event } = response;
  const { policy, state, now, hasPeople } = moment;
  if (approval?.word === 'refused') return ['refused'];
  const asked = policy.responses.find(({ name }) => name === decided.response);
  if (!asked?.steps.some((step) => step === action))
    return ['refused', 'the policy does not ask for it any more'];
  if (!mayStill(response, action, moment)) return ['expired'];
  if (approval?.step === action && approval.word === 'approved') return undefined;
  const isDry = decided.dry || policy.dry_run;
  if (GRAVE.includes(action)) {
    const isComplete = isDry || evidence?.complete === true;
    if (!decided.auto || !asked.auto || !isComplete) {
      if (!isDry && !hasPeople) return ['refused', 'evidence is not complete, and no person can be asked'];
      return isAsked(response, action, state) ? ['cool_down', 'a person is asked for it already'] : 'ask';
    }
  }
  if (state.isCooling(actKey(action, decided.container), now)) return ['cool_down'];
  const left = budgetLeft(moment, isDry);
  if (left <= 0) return ['budget'];
  const { ofOne } = state.actsSince(now - policy.budget.per, isDry, {
    rule: event.rule,
    container: decided.container,
  });
  return hasShare(left, ofOne) ? undefined : ['budget', 'its share is spent: the rest is for others'];
}

/** Acts that the policy alone may still do. None, while what was done before is not known. */
export function budgetLeft(
  { state, policy, now }: Omit<Moment, 'wall' | 'hasPeople'>,
  isDry: boolean,
): number {
  const { acts, per } = policy.budget;
  if (state.unknownUntil > now - per) return 0;
  return Math.max(0, acts - state.actsSince(now - per, isDry).all);
}

/** Whether a person is asked for the same, for the same container, already. */
function isAsked(response: Going, action: Action, state: ResponderState): boolean {
  return [...state.open.values()].some(
    ({ id, decided, approval }) =>
      id !== response.id &&
      approval?.step === action &&
      decided?.container.id === response.decided.container.id,
  );
}
