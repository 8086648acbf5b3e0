/**
 * What one scraper was shown. `increase()` can't see a series that is born at 1, and misses what happened in a gap if
 * the first sample after it holds it already. So a scrape gets `shown`, which follows the count except in a hold:
 *
 * - a series that this scraper never got is held at 0;
 * - after a start, when the scraper is new, and when it did not come for two minutes, all are held at what they were.
 *
 * A hold begins with the first scrape that shows it and ends with the first one at least the hold's time later: two of
 * the scraper's own intervals, so that one lost answer does no harm. What is shown never falls.
 *
 * A scraper that takes the moment in which a series was created for a sample of 0 needs no hold of new ones: it sees the
 * first event at once, if that moment is before the scrape by its own clock, too.
 */
import { type Series, sum } from '../series.ts';
import { type Connection, Rhythm } from './rhythm.ts';

/** Without a scrape for so long, the alert's window may have passed over what was last seen; milliseconds. */
const AWAY = 120_000;
/** Longest hold that is learned: with longer intervals an alert over five minutes sees nothing anyway. Milliseconds. */
const LONGEST = 300_000;
/** Two intervals, and a little less: a scrape that comes a moment early ends the hold too. */
const INTERVALS = 1.9;
/** Who comes when it likes, and rarely, must see something too: a hold begins anew so often before it ends. */
const ANEW = 3;
/** After so many of its intervals a scrape is due, and overdue. */
const DUE = 0.9;
const OVERDUE = 1.5;
/** What is so young at a scrape may be younger than it by the scraper's clock; milliseconds. */
const CLOCKS = 1000;
/** Scrapes after which, and a hold's time, a view is what others may be compared with. */
const ESTABLISHED = 3;

/** Whose view it is. */
export interface Identity {
  /** Which of those who are known: a user, a certificate, an entry of --web.scrapers, or '' for anyone. */
  group: string;
  address: string;
  agent: string;
}

/** Times by the monotonic clock in milliseconds. */
export interface Past {
  first: number;
  last: number;
  scrapes: number;
  interval: number | undefined;
}

export class View {
  readonly who: Identity;
  readonly #hold: number;
  readonly #rhythm: Rhythm;
  /** By the series' number. */
  #shown = new Float64Array(0);
  /** When that changed last, or the series was first shown: the scrape's time. */
  #changed = new Float64Array(0);
  /** The first scrape of this process: what was shown before it may have been so for long, or never have arrived. */
  #since: number | undefined;
  /** Series with smaller numbers were shown. */
  #known = 0;
  /** Series that were shown first less than a hold ago: up to which number, and when. */
  #newborn: { upTo: number; at: number }[] = [];
  #settled = 0;
  /** When the hold of all series began; 'due' before its first scrape. */
  #held: number | 'due' | undefined = 'due';
  /** How often it began anew before it could end. */
  #anew = 0;
  first: number;
  last: number;
  scrapes: number;

  /**
   * @param hold the least, in milliseconds
   * @param past of a view that an earlier process kept, or one that begins now
   */
  constructor(who: Identity, hold: number, past: Past) {
    this.who = who;
    this.#hold = hold;
    this.#rhythm = new Rhythm(past.interval);
    this.first = past.first;
    this.last = past.last;
    this.scrapes = past.scrapes;
  }

  get interval(): number | undefined {
    return this.#rhythm.interval;
  }

  /** How many series it was shown: those with smaller numbers. */
  get known(): number {
    return this.#known;
  }

  /** Whether what it is shown are the counts themselves. */
  isLevel(series: readonly Series[]): boolean {
    return this.#known === series.length && series.every(({ count }, index) => count === this.#shown[index]);
  }

  get established(): boolean {
    return this.scrapes >= ESTABLISHED && this.last - this.first >= this.#holds();
  }

  /** Whether it is time for its next scrape, or was. */
  isDue(now: number): boolean {
    return now - this.last > DUE * (this.interval ?? this.#hold / 2);
  }

  /** Whether its scrape is overdue. @param since nobody could scrape before */
  isGone(now: number, since: number): boolean {
    return now - Math.max(this.last, since) > OVERDUE * (this.interval ?? this.#hold / 2);
  }

  /** What it was last shown of a series. */
  shown(index: number): number {
    return index < this.#known ? this.#shown[index]! : 0;
  }

  /**
   * Whether it has seen this count of a series: it was shown for two of the intervals at which it scrapes, so in two
   * answers at least, of which one may have been lost.
   */
  hasSeen({ index, count }: Series): boolean {
    if (index >= this.#known || this.#shown[index] !== count || this.#since === undefined) return false;
    const shownAt = Math.max(this.#since, this.#changed[index]!);
    return this.last - shownAt >= Math.max(this.#hold, 2 * (this.interval ?? 0)) && this.last > shownAt;
  }

  /**
   * Series retire: what was shown of each goes on in another, so that sums don't change; those after it move up.
   * @param into for each series that goes, by its number, the one that has its count from now on
   */
  retire(into: ReadonlyMap<number, number>): void {
    for (const [from, to] of into)
      if (from < this.#known) this.begin(to, sum(this.shown(to), this.shown(from)));
    const shown = this.#shown;
    let kept = 0;
    const moved = (upTo: number) => {
      let gone = 0;
      for (const from of into.keys()) if (from < upTo) gone++;
      return upTo - gone;
    };
    for (let index = 0; index < this.#known; index++) {
      if (into.has(index)) continue;
      shown[kept] = shown[index]!;
      this.#changed[kept] = this.#changed[index]!;
      kept++;
    }
    shown.fill(0, kept, this.#known);
    this.#settled = moved(this.#settled);
    for (const each of this.#newborn) each.upTo = moved(each.upTo);
    this.#known = kept;
  }

  /** What it begins with. */
  begin(index: number, value: number): void {
    this.#reserve(index + 1);
    this.#shown[index] = value;
    this.#known = Math.max(this.#known, index + 1);
  }

  /**
   * A scrape: brings what is shown of every series to what this scrape may see.
   * @param now the monotonic clock in milliseconds
   * @param wall the time in milliseconds since the epoch, where it sees when series were created
   * @returns whether any changed
   */
  scrape(now: number, series: readonly Series[], connection: Connection, wall?: number): boolean {
    const away = this.scrapes > 0 && now - this.last > Math.max(AWAY, OVERDUE * (this.interval ?? 0));
    this.#rhythm.scrape(now, connection);
    this.last = now;
    this.scrapes++;
    const hold = this.#holds();
    if (this.#held === 'due' || (away && this.#anew < ANEW)) {
      this.#anew += this.#held === undefined ? 0 : 1;
      this.#held = now;
    } else if (this.#held !== undefined && now - this.#held >= hold) {
      this.#held = undefined;
      this.#anew = 0;
    }
    this.#since ??= now;
    this.#meet(now, hold, series.length);
    return this.#follow(now, series, wall === undefined ? 0 : wall - CLOCKS);
  }

  #holds(): number {
    return Math.max(this.#hold, Math.min(LONGEST, INTERVALS * (this.interval ?? 0)));
  }

  /** Series are numbered as they are born: those that this scrape is the first to show are the last ones. */
  #meet(now: number, hold: number, length: number): void {
    this.#reserve(length);
    this.#changed.fill(now, this.#known, length);
    this.#known = length;
    const met = this.#newborn.at(-1)?.upTo ?? this.#settled;
    if (length > met) this.#newborn.push({ upTo: length, at: now });
    while (this.#newborn.length > 0 && now - this.#newborn[0]!.at >= hold)
      this.#settled = this.#newborn.shift()!.upTo;
  }

  /** @param old series that were created until then are not held for being new */
  #follow(now: number, series: readonly Series[], old: number): boolean {
    let changed = false;
    for (const [index, { count, created }] of series.entries()) {
      const shown = this.#shown[index]!;
      if (shown === count) continue;
      if (
        this.#held !== undefined ||
        (shown === 0 && index >= this.#settled && (created === 0 || created > old))
      )
        continue;
      this.#shown[index] = count;
      this.#changed[index] = now;
      changed = true;
    }
    return changed;
  }

  #reserve(length: number): void {
    if (length <= this.#shown.length) return;
    const room = Math.max(length, Math.ceil(this.#shown.length * 1.25));
    const larger = (values: Float64Array) => {
      const copy = new Float64Array(room);
      copy.set(values);
      return copy;
    };
    this.#shown = larger(this.#shown);
    this.#changed = larger(this.#changed);
  }
}
