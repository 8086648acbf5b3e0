/** Every counter that is kept across restarts: its name, help text and labels. They are contract. */
import { EVENT_LABELS } from '../config/label-names.ts';
import { DROP_REASONS } from '../event/internal/drops.ts';
import { INTERNAL_EVENTS } from '../event/internal/internal.ts';
import { PRIORITIES } from '../event/priority.ts';
import type { Incident } from '../source/source.ts';
import { Family, labelValue, OVERFLOW, type Roll, type Series, sum } from './series.ts';

/** What a line can turn out to be; values of the label `outcome`. */
export const OUTCOMES = ['event', 'internal', 'text', 'malformed', 'oversized'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export class Families {
  /** Every series, by its number. */
  readonly series: Series[] = [];
  readonly #roll: Roll = { series: this.series, now: () => 0 };
  readonly events: Family;
  readonly overflow = new Family(
    'falco_exporter_overflow_events_total',
    'Events counted under __overflow__ because the series limit was reached.',
    [],
    this.#roll,
  );
  /** Of those that left `events`, so that sums by priority stay true. */
  readonly retired = new Family(
    'falco_exporter_retired_events_total',
    'Events of series of falco_events_total that retired: they had not counted for long, and every scraper had seen that.',
    ['priority'],
    this.#roll,
  );
  readonly internal = new Family(
    'falco_internal_events_total',
    "Falco's events about itself, by name; its rule's name without 'Falco internal: '.",
    ['event'],
    this.#roll,
  );
  readonly drops = new Family(
    'falco_syscall_events_dropped_total',
    'System calls that Falco lost, by reason, from its drop events.',
    ['reason'],
    this.#roll,
  );
  readonly kernelEvents = new Family(
    'falco_kernel_events_total',
    'Events that the kernel had for Falco, lost ones among them, from its metrics snapshots.',
    [],
    this.#roll,
  );
  readonly kernelDrops = new Family(
    'falco_kernel_events_dropped_total',
    'Events that the kernel had for Falco and were lost, by reason, from its metrics snapshots.',
    ['reason'],
    this.#roll,
  );
  readonly outputDrops = new Family(
    'falco_output_events_dropped_total',
    'Events of rules that Falco threw away as its output queue was full, from its metrics snapshots.',
    [],
    this.#roll,
  );
  readonly matches = new Family(
    'falco_rule_matches_total',
    "Falco's own count of a rule's events, from its metrics snapshots.",
    ['rule'],
    this.#roll,
  );
  readonly lines = new Family(
    'falco_exporter_lines_total',
    'Lines read, by what they turned out to be.',
    ['outcome'],
    this.#roll,
  );
  readonly bytes = new Family(
    'falco_exporter_read_bytes_total',
    'Bytes of the input that were counted, uncompressed.',
    ['input'],
    this.#roll,
  );
  readonly rotations = new Family(
    'falco_exporter_rotations_total',
    'Times that reading went on to a next file.',
    ['input'],
    this.#roll,
  );
  readonly truncations = new Family(
    'falco_exporter_truncations_total',
    'Truncations of the file followed.',
    ['input'],
    this.#roll,
  );
  readonly gaps = new Family(
    'falco_exporter_gaps_total',
    'Places where bytes may have been lost unread.',
    ['input'],
    this.#roll,
  );
  readonly snapshotErrors = new Family(
    'falco_exporter_snapshot_errors_total',
    'Snapshots that could not be written in time.',
    [],
    this.#roll,
  );

  /**
   * @param extraLabels names of the labels that the configuration adds to `falco_events_total`
   * @param lean whether a label's values are at 0 only when they have counted: the hold shows the step
   * @param now the time, where the births of series are kept
   */
  constructor(extraLabels: readonly string[], lean = false, now?: () => number) {
    if (now) this.#roll.now = now;
    this.events = new Family(
      'falco_events_total',
      'Falco events by rule, service and priority.',
      [...EVENT_LABELS, ...extraLabels],
      this.#roll,
    );
    for (const family of [this.kernelEvents, this.outputDrops, this.overflow, this.snapshotErrors])
      family.series([]);
    for (const outcome of OUTCOMES) this.lines.series([outcome]);
    if (lean) return;
    for (const event of INTERNAL_EVENTS) this.internal.series([event]);
    for (const family of [this.drops, this.kernelDrops])
      for (const reason of DROP_REASONS) family.series([reason]);
    for (const priority of PRIORITIES)
      this.events.series([OVERFLOW, OVERFLOW, priority, ...extraLabels.map(() => OVERFLOW)]);
    for (const priority of [...PRIORITIES, OVERFLOW]) this.retired.series([priority]);
  }

  all(): Family[] {
    return [
      this.events,
      this.overflow,
      this.retired,
      this.internal,
      this.drops,
      this.kernelEvents,
      this.kernelDrops,
      this.outputDrops,
      this.matches,
      this.lines,
      this.bytes,
      this.rotations,
      this.truncations,
      this.gaps,
      this.snapshotErrors,
    ];
  }

  /** Puts the counters of an input at 0. */
  expectInput(input: string): void {
    for (const family of [this.bytes, this.rotations, this.truncations, this.gaps])
      family.series([labelValue(input)]);
  }

  /** Where the events of a series go when it retires. */
  retiredOf({ labels }: Series): Series {
    const priority = labels[EVENT_LABELS.indexOf('priority')]!;
    return this.retired.series([(PRIORITIES as readonly string[]).includes(priority) ? priority : OVERFLOW]);
  }

  /**
   * Takes series out of `events`. Their counts go on in `retired`; the series after them move up to their numbers, as
   * they must in each view.
   */
  retire(gone: readonly Series[]): void {
    for (const series of gone) {
      const retired = this.retiredOf(series);
      retired.count = sum(retired.count, series.count);
      retired.shown = sum(retired.shown, series.shown);
      this.events.remove(series);
    }
    const left = new Set(gone);
    const kept = this.series.filter((series) => !left.has(series));
    for (const [index, series] of kept.entries()) {
      series.index = index;
      this.series[index] = series;
    }
    this.series.length = kept.length;
  }

  incidents(incident: Incident): Family {
    return this[incident];
  }
}
