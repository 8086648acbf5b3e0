/**
 * When events happened, by their own times: each minute of the last hour and each hour of the last week, by priority
 * and by series. What has no time, or one in the future, happened when it was counted.
 *
 * By priority it is exact. By series there is room for so many counts; beyond it the hours of the least grave and
 * busiest series go first, since the many must not push out the few.
 */
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { gravity } from '../../event/priority.ts';
import type { Batch } from '../../event/scan/scanner.ts';
import { OVERFLOW, type Series } from '../series.ts';
import { Cells } from './cells.ts';
import { isUnusual, Pairs, pairName } from './rarity.ts';

export const MINUTES = 60;
export const HOURS = 168;
const MINUTE = 60_000;
const MOST_CELLS = 200_000;

const row = z.tuple([z.array(z.string()), z.array(z.number()), z.array(z.number())]);
export const historyState = z.object({
  /** Since when it is kept; hours since the epoch. */
  begun: z.number().optional(),
  /** By priority: labels of one, then moment and count in turn by minutes, and by hours. */
  totals: z.array(row).optional(),
  /** The same by series. */
  rows: z.array(row).optional(),
  /** Rule, service, time of the last event, and of one that was new its time and when it was counted. */
  pairs: z.array(z.tuple([z.string(), z.string(), z.number()], z.number())).optional(),
});
export type HistoryState = z.infer<typeof historyState>;

interface Row {
  labels: readonly string[];
  /** Its pair's name. */
  pair: string;
  minutes: Cells;
  hours: Cells;
}

/** What a timeline is asked for. */
export interface Wanted {
  /** Of minutes or of hours, and how many, the current one last. */
  unit: 'minute' | 'hour';
  count: number;
  /** Each empty set passes all. */
  priority: ReadonlySet<string>;
  rule: ReadonlySet<string>;
  service: ReadonlySet<string>;
}

export class History {
  readonly pairs = new Pairs();
  readonly #clock: Clock;
  readonly #totals = new Map<string, Row>();
  readonly #rows = new Map<string, Row>();
  /** By the labels of a series, which are one object for its life. */
  #rowOf = new WeakMap<readonly string[], Row>();
  readonly #totalOf = new Map<string, Row>();
  #cells = 0;
  #begun: number;
  /** Of the batch at hand: how many events each tuple had within the minute at hand. */
  #counts = new Int32Array(64);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begun = this.#hour;
  }

  get #minute(): number {
    return Math.floor(this.#clock.now() / MINUTE);
  }

  get #hour(): number {
    return Math.floor(this.#minute / 60);
  }

  /**
   * A batch was counted.
   * @param labelsOf the labels on which the events of a tuple were counted
   * @param known whether nothing of it is new: it is part of the baseline
   */
  take(batch: Batch, labelsOf: (tuple: number) => readonly string[], known: boolean): void {
    const now = this.#clock.now();
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let met: number[] = [];
    const flush = () => {
      for (const tuple of met) {
        this.#add(labelsOf(tuple), from, this.#counts[tuple]!, known ? undefined : now);
        this.#counts[tuple] = 0;
      }
      met = [];
    };
    for (let line = 0; line < batch.lines; line++) {
      const tuple = batch.tuple[line]!;
      if (tuple < 0) continue;
      const said = batch.time[line]!;
      const time = said <= now ? said : now;
      if (!(time >= from && time < to)) {
        flush();
        from = Math.floor(time / MINUTE) * MINUTE;
        to = from + MINUTE;
      }
      if (tuple >= this.#counts.length) {
        const grown = new Int32Array(2 * (tuple + 1));
        grown.set(this.#counts);
        this.#counts = grown;
      }
      if (this.#counts[tuple]!++ === 0) met.push(tuple);
    }
    flush();
    if (this.#cells > MOST_CELLS) this.#makeRoom();
  }

  /** Events of the last minutes, the current one last. */
  minutes(labels: readonly string[], count: number): number[] {
    const sums = new Array<number>(count).fill(0);
    this.#row(labels)?.minutes.addTo(sums, this.#minute - count + 1);
    return sums;
  }

  /** Whether the last hour of a series is far above its habit. */
  unusual(labels: readonly string[]): boolean {
    const found = this.#row(labels);
    return found !== undefined && isUnusual(found.minutes, found.hours, this.#minute, this.#begun);
  }

  /** Labels of the series whose last hour is far above their habit. */
  *unusualSeries(): Generator<readonly string[]> {
    for (const { labels, minutes, hours } of this.#rows.values())
      if (isUnusual(minutes, hours, this.#minute, this.#begun)) yield labels;
  }

  /** By priority: events of each moment that was asked for; those with none are left out. */
  timeline({ unit, count, priority, rule, service }: Wanted): Map<string, number[]> {
    const from = (unit === 'minute' ? this.#minute : this.#hour) - count + 1;
    const found = new Map<string, number[]>();
    const rows = rule.size + service.size > 0 ? this.#rows : this.#totals;
    for (const { labels, minutes, hours } of rows.values()) {
      const [ruleOf, serviceOf, priorityOf] = labels as [string, string, string];
      if (priority.size > 0 && !priority.has(priorityOf)) continue;
      if (rule.size > 0 && !rule.has(ruleOf)) continue;
      if (service.size > 0 && !service.has(serviceOf)) continue;
      const cells = unit === 'minute' ? minutes : hours;
      if (cells.sum(from) === 0) continue;
      const sums = found.get(priorityOf) ?? new Array<number>(count).fill(0);
      cells.addTo(sums, from);
      found.set(priorityOf, sums);
    }
    return found;
  }

  state(): HistoryState {
    this.#forget();
    const plain = ({ labels, minutes, hours }: Row): z.infer<typeof row> => [
      [...labels],
      minutes.pairs,
      hours.pairs,
    ];
    return {
      begun: this.#begun,
      totals: [...this.#totals.values()].map(plain),
      rows: [...this.#rows.values()].map(plain),
      pairs: [...this.pairs.kept(this.#clock.now())].map(({ rule, service, last, first, seen }) => [
        rule,
        service,
        last,
        ...(first === undefined || seen === undefined ? [] : [first, seen]),
      ]),
    };
  }

  /** @param series that were counted before: none of them is new; those of a state without a history are known by them alone */
  restore(state: HistoryState | undefined, series: Iterable<Series>): void {
    const { begun, totals = [], rows = [], pairs = [] } = state ?? {};
    if (begun !== undefined) this.#begun = Math.min(this.#begun, begun);
    for (const [into, saved] of [
      [this.#totals, totals],
      [this.#rows, rows],
    ] as const)
      for (const [labels, minutes, hours] of saved) {
        const restored = { ...rowOf(labels), minutes: Cells.of(minutes), hours: Cells.of(hours) };
        into.set(JSON.stringify(labels), restored);
        this.#cells += restored.minutes.at.length + restored.hours.at.length;
      }
    for (const [rule, service, last, first, seen] of pairs)
      this.pairs.put({ rule, service, last, first, seen });
    if (state) return;
    for (const { labels, count, last } of series)
      if (count > 0) {
        const [rule, service] = labels as [string, string];
        this.pairs.met(rule, service, Number.isNaN(last) ? this.#clock.now() : last, undefined);
      }
  }

  #row(labels: readonly string[]): Row | undefined {
    return this.#rowOf.get(labels) ?? this.#rows.get(JSON.stringify(labels));
  }

  #add(labels: readonly string[], time: number, count: number, now: number | undefined): void {
    const minute = Math.floor(time / MINUTE);
    const hour = Math.floor(minute / 60);
    const lastMinute = this.#minute;
    const lastHour = Math.floor(lastMinute / 60);
    const [rule, service, priority] = labels as [string, string, string];
    // Posted events come one by one: what is found by a text is kept.
    const row = this.#rowOf.get(labels) ?? rowIn(this.#rows, labels);
    this.#rowOf.set(labels, row);
    const total = this.#totalOf.get(priority) ?? rowIn(this.#totals, ['', '', priority]);
    this.#totalOf.set(priority, total);
    if (rule !== OVERFLOW && service !== OVERFLOW) this.pairs.met(rule, service, time, now, row.pair);
    for (const { minutes, hours } of [row, total]) {
      this.#cells -= minutes.at.length + hours.at.length;
      if (hour > lastHour - HOURS) hours.add(hour, count);
      if (minute > lastMinute - MINUTES) minutes.add(minute, count);
      hours.forget(lastHour - HOURS + 1);
      minutes.forget(lastMinute - MINUTES + 1);
      this.#cells += minutes.at.length + hours.at.length;
    }
    this.#begun = Math.max(lastHour - HOURS, Math.min(this.#begun, hour));
  }

  /** Forgets what is too old of all, and series of which nothing is left. */
  #forget(): void {
    this.#cells = 0;
    for (const rows of [this.#rows, this.#totals])
      for (const [name, { minutes, hours }] of rows) {
        hours.forget(this.#hour - HOURS + 1);
        minutes.forget(this.#minute - MINUTES + 1);
        this.#cells += minutes.at.length + hours.at.length;
        if (minutes.at.length + hours.at.length === 0) rows.delete(name);
      }
    this.#rowOf = new WeakMap();
    this.#totalOf.clear();
  }

  #makeRoom(): void {
    this.#forget();
    const rows = [...this.#rows.values()].sort(
      (a, b) => gravity(b.labels[2]!) - gravity(a.labels[2]!) || b.hours.at.length - a.hours.at.length,
    );
    for (const cells of [...rows.map(({ hours }) => hours), ...rows.map(({ minutes }) => minutes)]) {
      if (this.#cells <= MOST_CELLS * 0.9) return;
      this.#cells -= cells.forget(Number.POSITIVE_INFINITY);
    }
  }
}

function rowIn(rows: Map<string, Row>, labels: readonly string[]): Row {
  const name = JSON.stringify(labels);
  let found = rows.get(name);
  if (!found) {
    found = rowOf(labels);
    rows.set(name, found);
  }
  return found;
}

function rowOf(labels: readonly string[]): Row {
  return { labels, pair: pairName(labels[0]!, labels[1]!), minutes: new Cells(), hours: new Cells() };
}
