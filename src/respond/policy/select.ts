/** Which responses fit an event, and which containers they allow. */
import { hasLabel, type Judged, matches } from './deny.ts';
import type { Policy, Response } from './schema.ts';

/** What responses are chosen by; an event's text. */
export interface Described {
  rule: string;
  /** As `priorityWord` gives it. */
  priority: string;
  service: string;
}

/** Responses that fit but for tags, which stand in the event alone. */
export function fitting({ responses }: Policy, event: Described): Response[] {
  return responses.filter(
    ({ match }) =>
      (match.rule === undefined || matches(match.rule, event.rule)) &&
      (match.priority === undefined || (match.priority as readonly string[]).includes(event.priority)) &&
      (match.service === undefined || matches(match.service, event.service)),
  );
}

export function tagged(responses: readonly Response[], tags: readonly string[]): Response[] {
  return responses.filter(
    ({ match }) => match.tag === undefined || tags.some((tag) => matches(match.tag, tag)),
  );
}

/** By the engine's own words for the container. */
export function allows({ containers }: Response, { name, labels }: Judged): boolean {
  return matches(containers.name, name) || hasLabel(containers.label, labels);
}
