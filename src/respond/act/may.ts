/** Whether something may be done to a container now: pure functions of what is known. */
import type { Decided, OpenResponse } from '../journal/records.ts';
import type { ResponderState } from '../journal/state.ts';
import type { Policy } from '../policy/schema.ts';
import { type Action, GRAVE, type Outcome } from '../words.ts';
import { actKey } from './cooling.ts';

export type Going = OpenResponse & { decided: Decided };

export interface Moment {
  policy: Policy;
  state: ResponderState;
  /** Milliseconds since the epoch. */
  now: number;
  /** Whether a person can say a word at all. */
  hasPeople: boolean;
}

export function isDecided(response: OpenResponse): response is Going {
  return response.decided !== undefined;
}

export function isYoung({ event }: OpenResponse, { now, policy }: Moment): boolean {
  return event.time > now - policy.max_event_age;
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
  const { decided, approval, evidence } = response;
  const { policy, state, now, hasPeople } = moment;
  if (approval?.word === 'refused') return ['refused'];
  if (!mayStill(response, action, moment)) return ['expired'];
  if (approval?.step === action && approval.word === 'approved') return undefined;
  const isDry = decided.dry || policy.dry_run;
  if (GRAVE.includes(action)) {
    const isComplete = isDry || evidence?.complete === true;
    if (!decided.auto || !isComplete) {
      if (!isDry && !hasPeople) return ['refused', 'evidence is not complete, and no person can be asked'];
      return isAsked(response, action, state) ? ['cool_down', 'a person is asked for it already'] : 'ask';
    }
  }
  if (state.isCooling(actKey(action, decided.container), now)) return ['cool_down'];
  const { acts, per } = policy.budget;
  return state.actsSince(now - per, isDry) >= acts ? ['budget'] : undefined;
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
