/** A ledger, the views of it, and scrapers that see it as `increase()` does; all on one clock that the test moves. */
import assert from 'node:assert/strict';
import { Ledger } from '../../../src/ledger/ledger.ts';
import type { Series } from '../../../src/ledger/series.ts';
import { ServiceResolver } from '../../../src/ledger/service.ts';
import { restore, seriesInOrder, stateOf } from '../../../src/ledger/state.ts';
import { restoreViews, viewsState } from '../../../src/ledger/views/state.ts';
import type { Identity } from '../../../src/ledger/views/view.ts';
import { Views } from '../../../src/ledger/views/views.ts';

export const HOLD = 30_000;
/** The window of an alert: what lies further apart is no increase. */
export const WINDOW = 300_000;

const EPOCH = 1_700_000_000_000;

export const connection = () => ({ destroyed: false });
export const who = (address: string, more: Partial<Identity> = {}): Identity => ({
  group: '',
  address,
  agent: 'Prometheus/2.42.0',
  ...more,
});

export class Scene {
  now = 1_000_000;
  ledger!: Ledger;
  views!: Views;
  crowded = 0;
  /** How often a server has moved. */
  moves = 0;
  readonly clock = { now: () => EPOCH + this.now, monotonic: () => this.now - this.#started };
  #started = 0;

  constructor() {
    this.ledger = this.#newLedger();
    this.ledger.endBaseline();
    this.views = this.#newViews();
  }

  count(rule: string, events = 1): void {
    this.series(rule).count += events;
  }

  series(rule: string): Series {
    return this.ledger.families.events.series([rule, 'web', 'error']);
  }

  /** @param created whether who scrapes sees when series were created */
  scrape(identity: Identity, on = connection(), created = false): Map<string, number> {
    const { view } = this.views.scrape(identity, on, created);
    for (const { index, count } of this.ledger.families.series)
      assert.ok(view.shown(index) <= count, 'more is shown than was counted');
    return new Map(
      [...this.ledger.families.events.all()].map(({ labels, index }) => [labels[0]!, view.shown(index)]),
    );
  }

  /** As after a kill -9: what was answered is in the snapshot, and what was counted since is read again. */
  restart(): void {
    const views = viewsState(this.views, seriesInOrder(this.ledger), this.clock);
    const state = JSON.parse(JSON.stringify(stateOf(this.ledger, views))) as ReturnType<typeof stateOf>;
    this.ledger = this.#newLedger();
    // The rules of the catalogue are there first, in whatever order.
    this.series('catalogue');
    this.now += 10;
    this.#started = this.now - 5;
    this.views = this.#newViews();
    restoreViews(this.views, state.views!, restore(this.ledger, state), HOLD, this.clock);
  }

  #newLedger(): Ledger {
    return new Ledger({
      services: new ServiceResolver({ mappings: [] }),
      extraLabels: [],
      seriesLimit: 100,
      now: () => this.clock.now(),
    });
  }

  #newViews(): Views {
    const { ledger, clock } = this;
    const crowded = () => this.crowded++;
    return new Views({ series: ledger.families.series, hold: HOLD, clock, crowded });
  }
}

/** A Prometheus server: it scrapes in its rhythm, and keeps what came. */
export class Server {
  readonly interval: number;
  who: Identity;
  #due: number;
  #away = false;
  #lost = false;
  #lostLast = false;
  #connection = connection();
  readonly #zeros: number | undefined;
  readonly #samples = new Map<string, { at: number; value: number }[]>();

  /** @param zeros by how much its clock is ahead, where it takes the moment in which a series was created for a sample of 0 */
  constructor(identity: Identity, interval: number, phase: number, zeros?: number) {
    this.#zeros = zeros;
    this.who = identity;
    this.interval = interval;
    this.#due = 1_000_000 + phase;
  }

  get due(): number {
    return this.#away ? Number.POSITIVE_INFINITY : this.#due;
  }

  scrape(scene: Scene): void {
    const found = scene.scrape(this.who, this.#connection, this.#zeros !== undefined);
    this.#due += this.interval;
    this.#lostLast = this.#lost;
    this.#lost = false;
    if (this.#lostLast) return;
    const at = scene.now + (this.#zeros ?? 0);
    for (const [rule, value] of found) {
      const samples = this.#samples.get(rule) ?? [];
      const created = scene.series(rule).created - EPOCH;
      if (this.#zeros !== undefined && created > (samples.at(-1)?.at ?? 0) && created < at)
        samples.push({ at: created, value: 0 });
      samples.push({ at, value });
      this.#samples.set(rule, samples);
    }
  }

  /** The next answer never arrives; the one after it does. */
  lose(): void {
    this.#lost = !this.#lostLast;
  }

  /** Stops in the middle of nothing: an answer that was lost just before is the one thing that can't be made good. */
  leave(): void {
    if (!this.#lost && !this.#lostLast) this.#away = true;
  }

  /** Prometheus works out the moment of its scrapes from its configuration: a restart changes the phase in nothing. */
  comeBack(scene: Scene): void {
    if (!this.#away) return;
    this.#away = false;
    this.#connection = connection();
    while (this.#due <= scene.now) this.#due += this.interval;
  }

  /** Restarts at another address. */
  move(scene: Scene, address: string): void {
    if (this.#lost || this.#lostLast) return;
    this.who = { ...this.who, address };
    this.#away = true;
    this.comeBack(scene);
  }

  /** What `increase()` saw of a rule in all, window by window. */
  increase(rule: string): number {
    let sum = 0;
    const samples = this.#samples.get(rule) ?? [];
    for (const [index, { at, value }] of samples.entries()) {
      const before = samples[index - 1];
      if (!before || at - before.at > WINDOW) continue;
      // A fall is a reset to it.
      sum += value < before.value ? value : value - before.value;
    }
    return sum;
  }

  first(rule: string): number | undefined {
    return this.#samples.get(rule)?.[0]?.value;
  }
}

/** Time passes, and servers scrape as they do. */
export function pass(scene: Scene, servers: readonly Server[], milliseconds: number): void {
  const end = scene.now + milliseconds;
  for (;;) {
    const next = [...servers].sort((a, b) => a.due - b.due)[0];
    if (!next || next.due > end) break;
    scene.now = Math.max(scene.now, next.due);
    next.scrape(scene);
  }
  scene.now = Math.max(scene.now, end);
}
