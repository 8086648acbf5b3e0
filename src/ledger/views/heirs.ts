/**
 * Which view goes on in another: a Prometheus that has moved scrapes in the same rhythm, to the moment, as it works out
 * the moment from its configuration and the target. Five beats in time are taken as evidence, and the old view is
 * forgotten: the next who moves is not compared with it.
 */
import type { View } from './view.ts';

const BEATS = 5;
/** How far off a beat, and an interval, may be; a share of the interval. */
const OFF = 0.05;

export class Heirs {
  /** By heir, then by the view that is overdue: beats in time so far. */
  readonly #beats = new WeakMap<View, WeakMap<View, number>>();

  /** @returns the views that this one goes on */
  scraped(heir: View, others: Iterable<View>, now: number, since: number): View[] {
    const beats = this.#beats.get(heir) ?? new WeakMap<View, number>();
    this.#beats.set(heir, beats);
    const superseded: View[] = [];
    for (const other of others) {
      if (other === heir || other.who.group !== heir.who.group) continue;
      if (other.last >= heir.first || !other.isGone(now, since)) continue;
      const count = inTime(heir, other, now) ? (beats.get(other) ?? 0) + 1 : 0;
      beats.set(other, count);
      if (count >= BEATS) superseded.push(other);
    }
    return superseded;
  }
}

function inTime(heir: View, other: View, now: number): boolean {
  if (heir.interval === undefined || other.interval === undefined) return false;
  const passed = (now - other.last) / other.interval;
  return Math.abs(passed - Math.round(passed)) < OFF && Math.abs(heir.interval / other.interval - 1) < OFF;
}
