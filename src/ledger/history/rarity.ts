/** Which rules are new in a service, and which fire far above their own habit. */
import type { Cells } from './cells.ts';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
/** Pairs of rule and service; of those seen longest ago the history is given up. */
const MOST_PAIRS = 20_000;

/** A rule in a service. */
export interface Pair {
  rule: string;
  service: string;
  /** Time of the latest event. Milliseconds since the epoch, as the next two. */
  last: number;
  /** Time of the event that was the first ever, or the first in seven days; and when it was counted. */
  first: number | undefined;
  seen: number | undefined;
}

export class Pairs {
  readonly #pairs = new Map<string, Pair>();

  /**
   * An event was counted.
   * @param time of the event
   * @param now undefined: what is counted is nothing new, whatever it is
   */
  met(
    rule: string,
    service: string,
    time: number,
    now: number | undefined,
    name = pairName(rule, service),
  ): void {
    const known = this.#pairs.get(name);
    if (known && time - known.last < WEEK) {
      known.last = Math.max(known.last, time);
      return;
    }
    const pair: Pair = known ?? { rule, service, last: time, first: undefined, seen: undefined };
    pair.last = time;
    if (now !== undefined) Object.assign(pair, { first: time, seen: now });
    this.put(pair);
  }

  put(pair: Pair): void {
    this.#pairs.set(pairName(pair.rule, pair.service), pair);
    if (this.#pairs.size <= MOST_PAIRS) return;
    const oldest = [...this.#pairs].sort(([, a], [, b]) => a.last - b.last).slice(0, MOST_PAIRS / 10);
    for (const [name] of oldest) this.#pairs.delete(name);
  }

  of(rule: string, service: string): Pair | undefined {
    return this.#pairs.get(pairName(rule, service));
  }

  /** Those that were new within so many milliseconds. */
  *fresh(now: number, within = WEEK): Generator<Pair & { first: number; seen: number }> {
    for (const { first, seen, ...pair } of this.#pairs.values())
      if (first !== undefined && seen !== undefined && now - seen < within) yield { ...pair, first, seen };
  }

  /** Those of the last week: what was seen before that would be new again. */
  *kept(now: number): Generator<Pair> {
    for (const [name, pair] of this.#pairs)
      if (now - pair.last < WEEK || now - (pair.seen ?? 0) < WEEK) yield pair;
      else this.#pairs.delete(name);
  }
}

/** What a pair is found by. */
export function pairName(rule: string, service: string): string {
  return `${rule}\n${service}`;
}

/** So seldom would a habit give so many events by chance. */
const CHANCE = 1e-6;
const LEAST_EVENTS = 5;
/** A habit takes a day to be known; hours. */
const KNOWN_AFTER = 24;

/**
 * Whether the last hour has far more events than a Poisson distribution of the rule's own past would give. The past is
 * its mean by hour, or its second busiest hour where that is more: a job that runs once a day is a habit, one attack is
 * none.
 * @param begun the hour since which it is watched
 */
export function isUnusual(minutes: Cells, hours: Cells, minute: number, begun: number): boolean {
  const recent = minutes.sum(minute - 59);
  if (recent < LEAST_EVENTS) return false;
  const hour = Math.floor(minute / 60);
  // The last 60 minutes lie in two hours.
  const end = hour - 1;
  const from = Math.max(hour - 167, begun);
  if (end - from < KNOWN_AFTER) return false;
  const [, second = 0] = hours.counts.filter((_, place) => hours.at[place]! < end).sort((a, b) => b - a);
  const mean = hours.sum(from, end) / (end - from);
  return poissonTail(recent, Math.max(mean, second, 0.5)) < CHANCE;
}

/** The probability of so many events or more, where so many are expected. */
export function poissonTail(events: number, expected: number): number {
  if (events <= expected) return 1;
  // The terms from `events` on fall quickly; in logarithms, since the first may be below what a number can hold.
  let term = Math.exp(events * Math.log(expected) - expected - logFactorial(events));
  let sum = 0;
  for (let at = events; term > sum * 1e-12; at++) {
    sum += term;
    term *= expected / (at + 1);
  }
  return sum;
}

/** Stirling's series for large ones. */
function logFactorial(number: number): number {
  if (number < 20) {
    let sum = 0;
    for (let factor = 2; factor <= number; factor++) sum += Math.log(factor);
    return sum;
  }
  return (
    number * Math.log(number) -
    number +
    Math.log(2 * Math.PI * number) / 2 +
    1 / (12 * number) -
    1 / (360 * number ** 3)
  );
}
