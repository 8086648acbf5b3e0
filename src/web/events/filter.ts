/** The query of /api/events: which recent events it gives. It is read strictly, since a parameter that is silently ignored misleads. */
import { parseDuration } from '../../config/duration.ts';
import { PRIORITIES, priorityWord } from '../../event/priority.ts';
import { present } from './present.ts';
import type { RecentEvent } from './recent.ts';

export interface EventFilter {
  /** Each empty set passes all. */
  priority: ReadonlySet<string>;
  rule: ReadonlySet<string>;
  service: ReadonlySet<string>;
  /** In lower case; the event must hold all of them. */
  q: readonly string[];
  /** Milliseconds since the epoch. */
  since: number | undefined;
  /** How many at most, the newest. */
  limit: number | undefined;
}

const NAMES = ['priority', 'rule', 'service', 'q', 'since', 'limit'];
/** The same name more than once: any of the values, for `q` all of them. */
const ONCE = new Set(['since', 'limit']);
/** A date is its beginning in UTC. A time is RFC 3339; without a zone it would be of this machine's. */
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads the query of a request.
 * @param url path and query, as in the request
 * @param now milliseconds since the epoch, which a duration in `since` goes back from
 * @returns what is wrong with it, in words, where something is
 */
export function eventFilter(url: string, now: number): EventFilter | string {
  const query = url.indexOf('?');
  const parameters = new URLSearchParams(query < 0 ? '' : url.slice(query));
  for (const [name, value] of parameters) {
    if (!NAMES.includes(name)) return `${JSON.stringify(name)} is not known here: ${NAMES.join(', ')} are`;
    if (value.trim() === '') return `${name} is empty: leave it out, or give it a value`;
    if (ONCE.has(name) && parameters.getAll(name).length > 1) return `${name} is given more than once`;
  }
  const priority = parameters.getAll('priority').flatMap((list) => list.split(',').map(priorityWord));
  const unknown = priority.find((word) => !(PRIORITIES as readonly string[]).includes(word));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is no priority: ${PRIORITIES.join(', ')} are`;
  const since = moment(parameters.get('since'), now);
  if (since === 'wrong')
    return 'since is a duration such as 15m or 1h, or a time such as 2026-11-25T19:50:00Z';
  const limit = parameters.get('limit');
  if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit)) return 'limit is a whole number of 1 or more';
  return {
    priority: new Set(priority),
    rule: new Set(parameters.getAll('rule')),
    service: new Set(parameters.getAll('service')),
    q: parameters.getAll('q').map((text) => text.toLowerCase()),
    since,
    limit: limit === null ? undefined : Number(limit),
  };
}

function moment(text: string | null, now: number): number | undefined | 'wrong' {
  if (text === null) return undefined;
  const back = parseDuration(text);
  if (back !== undefined) return now - back;
  const time = DATE.test(text) || TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? 'wrong' : time;
}

/** Those that pass, the newest first. An event without a time passes `since`: nothing says that it is older. */
export function filtered(events: readonly RecentEvent[], filter: EventFilter): RecentEvent[] {
  const found: RecentEvent[] = [];
  for (const event of events.toReversed()) {
    if (found.length === filter.limit) break;
    if (passes(event, filter)) found.push(event);
  }
  return found;
}

function passes(event: RecentEvent, { priority, rule, service, q, since }: EventFilter): boolean {
  const [ruleOf, serviceOf, priorityOf] = event.labels as [string, string, string];
  if (priority.size > 0 && !priority.has(priorityOf)) return false;
  if (rule.size > 0 && !rule.has(ruleOf)) return false;
  if (service.size > 0 && !service.has(serviceOf)) return false;
  if (since !== undefined && event.time < since) return false;
  return q.length === 0 || says(event, q);
}

/** Looked for in what a person sees of it and in the line as it was read, whatever the case of letters. */
function says(event: RecentEvent, words: readonly string[]): boolean {
  const { rule, service, priority, output, fields } = present(event);
  const seen = [rule, service, priority, output, ...fields.flat(), event.line ?? ''].join('\n').toLowerCase();
  return words.every((word) => seen.includes(word));
}
