/** What is decided of an event once the engine has said which container it is: a pure function. */
import type { Container, Listed } from '../docker/container.ts';
import type { Decided, OpenResponse } from '../journal/records.ts';
import type { ResponderState } from '../journal/state.ts';
import { denied } from '../policy/deny.ts';
import type { Policy, Response } from '../policy/schema.ts';
import { allows } from '../policy/select.ts';
import type { Verdict } from '../words.ts';
import { claimKey, responseKeys } from './cooling.ts';

/** An answer that leads to nothing holds so long for events that say the same; milliseconds. */
const NEGATIVE = 10_000;

export interface Decision {
  verdict: Verdict;
  decided: Decided | undefined;
  cooling: [string, number][];
  /** For the log. */
  why?: string | undefined;
}

/** The id of the container that an event names; undefined where there is none. Looked up once: acts go by the id. */
export function resolveClaim(
  { id, name }: OpenResponse['event']['claim'],
  list: readonly Listed[],
): string | undefined {
  const found = list.filter((each) =>
    id === undefined ? each.names.includes(name!) : each.id.startsWith(id),
  );
  // Two that begin alike: which one acted stays unknown.
  return found.length === 1 ? found[0]!.id : undefined;
}

/** @param own ids of the responder's own container, or their beginnings */
export function decide(
  { event, candidates }: OpenResponse,
  container: Container | undefined,
  { policy, state, now, own }: { policy: Policy; state: ResponderState; now: number; own: readonly string[] },
): Decision {
  const claimed = claimKey(event.claim, candidates);
  const nothing = (verdict: Verdict, why?: string): Decision => ({
    ...{ verdict, decided: undefined, why },
    cooling: [[claimed, now + NEGATIVE]],
  });
  // A name may have gone to another one meanwhile: that was made after the event.
  if (!container || (event.claim.id === undefined && !(container.created <= event.time)))
    return nothing('gone');
  const reason = denied(container, policy, own);
  if (reason !== undefined) return nothing('denied', reason);
  const fits = candidates.map((name) => policy.responses.find((each) => each.name === name));
  const response = fits.find((each): each is Response => each !== undefined && allows(each, container));
  if (!response) return nothing('not_allowed');
  const { id, name, image } = container;
  const keys = responseKeys(response.name, { id, name, image });
  if (keys.some((key) => state.isCooling(key, now))) return nothing('cool_down');
  const until = now + (response.cool_down ?? policy.cool_down);
  return {
    verdict: 'response',
    decided: {
      response: response.name,
      container: { id, name, image },
      steps: response.steps,
      dry: policy.dry_run,
      auto: response.auto,
      unpauseAfter: response.unpause_after ?? policy.unpause_after,
    },
    cooling: [...keys, claimed].map((key) => [key, until]),
  };
}
