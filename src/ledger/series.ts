/** Counters: families of series, each with its count and with what a new scraper is shown first. */
import { createHash } from 'node:crypto';
import { replaceUnsafe, safeLabel } from '../safe.ts';

export interface Series {
  /** Values of the family's labels, in their order. */
  readonly labels: readonly string[];
  /** Its number among all series, in the order in which they were born; it falls when one before it retires. */
  index: number;
  count: number;
  /** What a scraper begins with where there is none to compare it with. Never above `count`. See `views/`. */
  shown: number;
  /** Time of the last event counted, in milliseconds since the epoch; NaN where none is known. */
  last: number;
  /** When it was born, at 0: milliseconds since the epoch. 0: it is not known, or what it then held was not new. */
  created: number;
}

/** All series of a ledger. */
export interface Roll {
  /** By their numbers. */
  readonly series: Series[];
  /** When one is born that is born now; 0 where that is not kept. */
  now(): number;
}

/** What an event is counted under when there is no room for a series of its own. */
export const OVERFLOW = '__overflow__';

/** Longest label value, in characters. Event text is written by attackers, and 10,000 series are all kept in memory. */
const MAX_LABEL = 512;

export class Family {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly #series = new Map<string, Series>();
  readonly #roll: Roll;
  #changes = 0;

  /** @param roll where each series is put when it is born; its place there is its number */
  constructor(name: string, help: string, labelNames: readonly string[], roll: Roll) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#roll = roll;
  }

  get size(): number {
    return this.#series.size;
  }

  /** Changes with every series that is born or retires. */
  get changes(): number {
    return this.#changes;
  }

  all(): IterableIterator<Series> {
    return this.#series.values();
  }

  find(labels: readonly string[]): Series | undefined {
    return this.#series.get(key(labels));
  }

  /** The series of these label values, made at 0 if there is none yet. */
  series(labels: readonly string[]): Series {
    const known = this.find(labels);
    if (known) return known;
    const series: Series = {
      labels: [...labels],
      index: this.#roll.series.length,
      count: 0,
      shown: 0,
      last: Number.NaN,
      created: this.#roll.now(),
    };
    this.#roll.series.push(series);
    this.#series.set(key(labels), series);
    this.#changes++;
    return series;
  }

  /** Only by who takes it from all series, too. */
  remove({ labels }: Series): void {
    if (this.#series.delete(key(labels))) this.#changes++;
  }
}

function key(labels: readonly string[]): string {
  return JSON.stringify(labels);
}

/** A count and what is added to it: never more than a snapshot can hold. */
export function sum(count: number, more: number): number {
  return Math.min(count + more, Number.MAX_SAFE_INTEGER);
}

/**
 * Text as a label value: valid Unicode (two broken characters would print alike, and Prometheus refuses a whole answer
 * that has a series twice), with nothing in it that ends a line for those who read /metrics, and no longer than 512
 * characters. What is cut ends in a hash of the whole, so that different texts stay different.
 */
export function labelValue(text: string): string {
  return bounded(safeLabel(text.toWellFormed()));
}

/** A label value that an earlier build kept: the same, but what that one spelled out stays as it is. */
export function keptLabel(text: string): string {
  return bounded(replaceUnsafe(text.toWellFormed()));
}

function bounded(wellFormed: string): string {
  if (wellFormed.length <= MAX_LABEL) return wellFormed;
  const hash = createHash('sha256').update(wellFormed).digest('hex').slice(0, 16);
  return `${wellFormed.slice(0, MAX_LABEL - hash.length - 1).toWellFormed()}…${hash}`;
}
