/**
 * What a view begins with: Kubernetes gives a Prometheus that moves another address, and its counters must neither fall
 * (a fall is a reset, and counts everything again) nor jump over what it has not seen.
 *
 * Compared with are the established views of the same user, certificate or entry of --web.scrapers, else of the same
 * address, else all; of these the ones that scraped within an hour of the last one.
 *
 * - Among those who are known (a user, a certificate, --web.scrapers) it goes on where the last one stood whose scrape
 *   is due: Prometheus keeps the moment of its scrapes, wherever it moves to.
 * - Among anyone it may be any of those that are overdue: it begins with the least that they were shown. So nothing is
 *   hidden from it; where two have moved, its counters may fall, which is loud.
 * - If none is due or overdue, it begins with the most that one was shown, of which it can't have missed much.
 * - Where there is nothing to compare with, it begins with what the first start found.
 */
import type { Series } from '../series.ts';
import type { View } from './view.ts';

const HOUR = 3_600_000;

/** @param since nobody could scrape before; by the monotonic clock in milliseconds, as is `now` */
export function begin(
  view: View,
  others: readonly View[],
  series: readonly Series[],
  now: number,
  since: number,
): void {
  const like = comparable(view, others);
  const before = predecessors(view, like, now, since);
  for (const [index, { shown }] of series.entries()) {
    if (like.length === 0) view.begin(index, shown);
    else if (before.length > 0) view.begin(index, Math.min(...before.map((other) => other.shown(index))));
    else if (like.some((other) => index >= other.known)) view.begin(index, 0);
    else view.begin(index, Math.max(...like.map((other) => other.shown(index))));
  }
}

function predecessors({ who }: View, like: readonly View[], now: number, since: number): View[] {
  if (who.group === '' || like.some((other) => other.who.group !== who.group))
    return like.filter((other) => other.isGone(now, since));
  const due = like.filter((other) => other.isDue(now));
  return due.filter((other) => due.every(({ last }) => last <= other.last));
}

function comparable({ who }: View, others: readonly View[]): View[] {
  const established = others.filter((other) => other.established);
  const sameGroup = established.filter((other) => other.who.group === who.group);
  const sameAddress = established.filter((other) => other.who.address === who.address);
  const closer = [
    ...(who.group === '' ? [sameAddress, sameGroup] : [sameGroup, sameAddress]),
    established,
  ].find((some) => some.length > 0);
  const last = Math.max(...(closer ?? []).map((other) => other.last));
  return (closer ?? []).filter((other) => last - other.last < HOUR);
}
