/**
 * The views of all scrapers. Each has its own, so that none moves what another is shown. Whose it is follows from what
 * authentication has proven (a user, a certificate), from --web.scrapers, and from the address that asks; the User-Agent
 * keeps two programs at one address apart. `beginning.ts` has what a new view begins with.
 *
 * Bounded, and fair: a view that is established is forgotten only a week after its last scrape, no matter who else comes;
 * what has no room shares one view with its like. Those who are known have room that nobody else can take.
 */
import type { Clock } from '../../clock.ts';
import type { Series } from '../series.ts';
import { begin } from './beginning.ts';
import { Heirs } from './heirs.ts';
import type { Connection } from './rhythm.ts';
import { type Identity, View } from './view.ts';

/** Views of anyone; and more, for those who are known. */
const ANYONE = 24;
const KNOWN = 16;
/** Views of one address, or of one network of IPv6 (/64). */
const NEIGHBOURS = 8;
/** Milliseconds. */
const WEEK = 7 * 24 * 3_600_000;
/** A view that is not established is forgotten so long after its last scrape, where room is needed. */
const STRANGER = 120_000;
/** In place of an address, an agent: all who have no view of their own. */
const SHARED = '*';

export interface ViewsOptions {
  /** Every series, by its number. */
  series: readonly Series[];
  /** The least hold, in milliseconds. */
  hold: number;
  clock: Clock;
  /** A scraper has no view of its own. */
  crowded(who: Identity): void;
}

export class Views {
  readonly #options: ViewsOptions;
  readonly #views = new Map<string, View>();
  readonly #heirs = new Heirs();
  readonly #startedAt: number;

  constructor(options: ViewsOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  get size(): number {
    return this.#views.size;
  }

  all(): IterableIterator<View> {
    return this.#views.values();
  }

  /** Takes over a view that an earlier process kept. */
  restore(view: View): void {
    this.#views.set(key(view.who), view);
  }

  /**
   * A scrape.
   * @param created whether it sees when series were created
   * @returns the scraper's view, and whether what it is shown has changed
   */
  scrape(who: Identity, connection: Connection, created = false): { view: View; changed: boolean } {
    const { series, clock } = this.#options;
    const now = clock.monotonic();
    const view = this.#of(who, now);
    const changed = view.scrape(now, series, connection, created ? clock.now() : undefined);
    for (const superseded of this.#heirs.scraped(view, this.#views.values(), now, this.#startedAt))
      this.#views.delete(key(superseded.who));
    return { view, changed };
  }

  /**
   * Those that must have seen a count before its series may retire; none: nobody has. One that is new began with what
   * they were shown. Where it is known who is a scraper (a user, a certificate, --web.scrapers), nobody else is asked.
   * @param patience how far the last scrape of one may be behind that of another; milliseconds
   */
  waitedFor(patience = WEEK): View[] {
    const now = this.#options.clock.monotonic();
    const established = [...this.#views.values()].filter(
      (view) => view.established && now - view.last <= WEEK,
    );
    const known = established.filter(({ who }) => who.group !== '');
    const asked = known.length > 0 ? known : established;
    const last = Math.max(...asked.map((view) => view.last));
    return asked.filter((view) => last - view.last <= patience);
  }

  /** @param into for each series that retires, by its number, the one that has its count from now on */
  retire(into: ReadonlyMap<number, number>): void {
    for (const view of this.#views.values()) view.retire(into);
  }

  #of(who: Identity, now: number): View {
    const known = this.#views.get(key(who));
    if (known) return known;
    this.#forget(now);
    if (this.#hasRoom(who)) return this.#new(who, now);
    this.#options.crowded(who);
    const shared = { group: who.group, address: SHARED, agent: SHARED };
    return this.#views.get(key(shared)) ?? this.#new(shared, now);
  }

  #new(who: Identity, now: number): View {
    const { series, hold } = this.#options;
    const view = new View(who, hold, { first: now, last: now, scrapes: 0, interval: undefined });
    begin(view, [...this.#views.values()], series, now, this.#startedAt);
    this.#views.set(key(who), view);
    return view;
  }

  #hasRoom({ group, address }: Identity): boolean {
    const all = [...this.#views.values()];
    const like = all.filter(({ who }) => (who.group === '') === (group === ''));
    const near = like.filter(({ who }) => network(who.address) === network(address));
    return like.length < (group === '' ? ANYONE : KNOWN) && near.length < NEIGHBOURS;
  }

  /** What nobody misses. */
  #forget(now: number): void {
    const { series } = this.#options;
    for (const [name, view] of this.#views) {
      const silent = now - view.last;
      if (silent <= (view.established ? WEEK : STRANGER)) continue;
      this.#views.delete(name);
      // Should nobody be left to compare with, a new one begins here, and its counters don't fall.
      if (view.established)
        for (const [index, each] of series.entries()) each.shown = Math.max(each.shown, view.shown(index));
    }
  }
}

function key({ group, address, agent }: Identity): string {
  return JSON.stringify([group, address, agent]);
}

/** An address; of IPv6 the first half, which one machine has to itself. */
function network(address: string): string {
  if (!address.includes(':')) return address;
  const [before, after] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = after ? Array.from({ length: 8 - before!.length - after.length }, () => '0') : [];
  return [...before!, ...zeros, ...(after ?? [])].slice(0, 4).join(':');
}
