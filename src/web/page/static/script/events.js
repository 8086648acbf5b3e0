/**
 * The events that came, oldest first: kept by weight as the exporter keeps them, so that no noise pushes out what is
 * grave or rare. What comes is only put into a queue; it is parsed a few milliseconds at a time.
 */
import { passes } from './filters.js';

/** When there are so many they are sifted; of what stays there are no more than of the exporter: 500, 9 × 100, 1000. */
const MOST = 3000;
const NEWEST = 500;
const OF_A_PRIORITY = 100;
const LAST_OF_SERIES = 1000;
/** A queue that nobody empties (a window in the background) is emptied at once. */
const MOST_WAITING = 2000;

export const events = {
  all: [],
  /** Those that pass the filters. */
  matching: [],
  byId: new Map(),
  /** What is newer waits to be shown; and how many of those pass the filters. */
  seen: -1,
  fresh: 0,
  /** Called with each. */
  met: (_event) => {},
};
let waiting = [];
let life = '';
let last;

/** @returns whether the exporter is another one than before: what stands here is of no stream any more */
export function receive(data, id) {
  const from = id.split('-')[0];
  const another = from !== life;
  if (another) {
    life = from;
    last = undefined;
    waiting = [];
    Object.assign(events, { all: [], matching: [], byId: new Map(), seen: -1, fresh: 0 });
  }
  waiting.push(data);
  if (waiting.length > MOST_WAITING) take(Number.POSITIVE_INFINITY);
  return another;
}

/** @param budget milliseconds. @returns whether more wait */
export function take(budget) {
  const until = performance.now() + budget;
  let at = 0;
  while (at < waiting.length && performance.now() < until) {
    const event = JSON.parse(waiting[at++]);
    if (last !== undefined && event.id > last + 1) event.gap = event.id - last - 1;
    last = event.id;
    events.all.push(event);
    events.byId.set(event.id, event);
    events.met(event);
    if (!passes(event)) continue;
    events.matching.push(event);
    events.fresh++;
  }
  waiting = waiting.slice(at);
  if (events.all.length > MOST) sift();
  return waiting.length > 0;
}

/** What came is shown from now on. */
export function see() {
  events.seen = last ?? -1;
  events.fresh = 0;
}

/** The filters are others. */
export function match() {
  events.matching = events.all.filter((event) => passes(event));
  events.fresh = events.matching.filter(({ id }) => id > events.seen).length;
}

function sift() {
  const ofPriority = new Map();
  const series = new Set();
  const kept = [];
  for (let at = events.all.length - 1; at >= 0; at--) {
    const event = events.all[at];
    const { priority, rule, service } = event;
    const before = ofPriority.get(priority) ?? 0;
    if (ofPriority.size < 20) ofPriority.set(priority, before + 1);
    const name = `${rule}\n${service}`;
    const isLast = !series.has(name) && series.size < LAST_OF_SERIES;
    if (isLast) series.add(name);
    if (isLast || before < OF_A_PRIORITY || kept.length < NEWEST) kept.push(event);
    else events.byId.delete(event.id);
  }
  events.all = kept.reverse();
  events.matching = events.matching.filter(({ id }) => events.byId.has(id));
}
