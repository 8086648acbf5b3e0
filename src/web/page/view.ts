/** What a reader wants to see, as it stands in the page's address. What can't be read there is left out. */
import { priorityWord } from '../../event/priority.ts';

export const WINDOWS = {
  '15m': { name: '15 minutes', unit: 'minute', count: 15 },
  '1h': { name: 'hour', unit: 'minute', count: 60 },
  '24h': { name: 'day', unit: 'hour', count: 24 },
  '7d': { name: 'week', unit: 'hour', count: 168 },
} as const;
export type WindowName = keyof typeof WINDOWS;

export const SORTS = ['priority', 'rule', 'count', 'recent', 'seen'] as const;
export type Sort = (typeof SORTS)[number];

export interface View {
  window: WindowName;
  /** Each empty set passes all. */
  priority: ReadonlySet<string>;
  rule: ReadonlySet<string>;
  service: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  from: number | undefined;
  to: number | undefined;
  sort: Sort;
  /** Of rules and services, in lower case. */
  find: string;
  /** The first is 1. */
  page: number;
}

/** Longest query that is looked at; characters. */
const LONGEST = 8192;

/** @param url path and query, as they stand in the request */
export function viewOf(url: string): View {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 || url.length > LONGEST ? '' : url.slice(at));
  const window = query.get('window') ?? '';
  const sort = SORTS.find((each) => each === query.get('sort')) ?? 'priority';
  const page = Number(query.get('page'));
  return {
    window: Object.hasOwn(WINDOWS, window) ? (window as WindowName) : '1h',
    priority: new Set(query.getAll('priority').flatMap((list) => list.split(',').map(priorityWord))),
    rule: new Set(query.getAll('rule')),
    service: new Set(query.getAll('service')),
    from: moment(query.get('from')),
    to: moment(query.get('to')),
    sort,
    find: (query.get('find') ?? '').trim().toLowerCase(),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** Milliseconds since the epoch as Grafana gives them, or RFC 3339. */
function moment(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const time = /^\d{11,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Whether labels, as they are counted, pass the filters. */
export function wants(
  { priority, rule, service }: Pick<View, 'priority' | 'rule' | 'service'>,
  of: { priority: string; rule: string; service: string },
): boolean {
  return (
    (priority.size === 0 || priority.has(of.priority)) &&
    (rule.size === 0 || rule.has(of.rule)) &&
    (service.size === 0 || service.has(of.service))
  );
}
