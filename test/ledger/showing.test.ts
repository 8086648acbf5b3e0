import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { Showing } from '../../src/ledger/showing.ts';
import { restore, stateOf } from '../../src/ledger/state.ts';

const HOLD = 30_000;
const AWAY = 120_000;

const newLedger = () =>
  new Ledger({ services: new ServiceResolver({ mappings: [] }), extraLabels: [], seriesLimit: 100 });

type Step = { rule: number } | { wait: number } | 'scrape' | 'restart';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ rule: fc.nat(3) }),
  fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: HOLD * 1.5 }), fc.integer({ min: 0, max: AWAY * 2 })),
  }),
  fc.constant('scrape' as const),
  fc.constant('restart' as const),
);

/** A ledger, and what one Prometheus server got to see of it. */
class Seen {
  readonly #values = new Map<string, number[]>();
  ledger = newLedger();
  now = 0;
  #showing: Showing;
  lastScrape: number | undefined;

  constructor() {
    this.ledger.endBaseline();
    this.#showing = new Showing(this.ledger.families, HOLD);
  }

  count(rule: number): void {
    this.ledger.families.events.series([`r${rule}`, 'web', 'error']).count++;
  }

  /** As after a kill -9 right after an answer: what was answered is in the snapshot. */
  restart(): void {
    const state = stateOf(this.ledger);
    this.ledger = newLedger();
    restore(this.ledger, state);
    this.#showing = new Showing(this.ledger.families, HOLD);
    this.now += 1;
    this.lastScrape = undefined;
  }

  scrape(): void {
    this.#showing.scrape(this.now);
    for (const { labels, shown, count } of this.ledger.families.events.all()) {
      assert.ok(shown <= count, 'shown is above the count');
      const values = this.#values.get(labels.join()) ?? [];
      values.push(shown);
      this.#values.set(labels.join(), values);
    }
    this.lastScrape = this.now;
  }

  /** The values of a series, scrape after scrape; undefined before the first. */
  of(labels: readonly string[]): number[] | undefined {
    return this.#values.get(labels.join());
  }
}

test('a server that scrapes sees each event as an increase, and never a fall', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const seen = new Seen();
      for (const each of steps) {
        if (each === 'scrape') seen.scrape();
        else if (each === 'restart') seen.restart();
        else if ('wait' in each) seen.now += each.wait;
        else seen.count(each.rule);
      }
      // Then it scrapes on, as servers do.
      for (let n = 0; n < 6; n++) {
        seen.scrape();
        seen.now += HOLD / 2;
      }
      for (const { labels, count } of seen.ledger.families.events.all()) {
        const values = seen.of(labels)!;
        assert.equal(values[0], 0, 'the first value was not 0');
        assert.equal(values.at(-1), count, 'an event stays hidden');
        assert.ok(
          values.every((value, index) => index === 0 || value >= values[index - 1]!),
          'a fall',
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test('the first scrape after a restart, or after two minutes without one, shows what the last one showed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, restarts) => {
      const seen = new Seen();
      for (const each of steps) {
        if (each === 'scrape') seen.scrape();
        else if (each === 'restart') seen.restart();
        else if ('wait' in each) seen.now += each.wait;
        else seen.count(each.rule);
      }
      seen.scrape();
      seen.now += HOLD;
      seen.scrape();
      const before = new Map(
        [...seen.ledger.families.events.all()].map(({ labels, shown }) => [labels.join(), shown]),
      );
      for (let rule = 0; rule < 4; rule++) seen.count(rule);
      if (restarts) seen.restart();
      else seen.now += AWAY + 1;
      seen.scrape();
      for (const { labels, shown } of seen.ledger.families.events.all())
        assert.equal(shown, before.get(labels.join()) ?? 0);
    }),
    { numRuns: 2000 },
  );
});

test('a server that is away in the middle of a hold finds what it saw before', () => {
  const seen = new Seen();
  seen.count(0);
  seen.scrape();
  seen.now += AWAY + 1;
  seen.scrape();
  seen.now += HOLD;
  seen.scrape();
  assert.deepEqual(seen.of(['r0', 'web', 'error']), [0, 0, 1]);
});

test('a server that scrapes every three minutes sees what happens', () => {
  const seen = new Seen();
  for (let n = 0; n < 10; n++) {
    seen.count(0);
    seen.scrape();
    seen.now += 180_000;
  }
  assert.deepEqual(seen.of(['r0', 'web', 'error']), [0, 0, 3, 3, 5, 5, 7, 7, 9, 9]);
});

test('a series that was at 0 for long shows its first event at once', () => {
  const seen = new Seen();
  const series = seen.ledger.families.events.series(['r0', 'web', 'error']);
  seen.scrape();
  seen.now += HOLD;
  seen.scrape();
  seen.now += HOLD;
  seen.scrape();
  series.count++;
  seen.now += 1000;
  seen.scrape();
  assert.equal(series.shown, 1);
});

test('what the very first start found is shown as it is', () => {
  const ledger = newLedger();
  const series = ledger.families.events.series(['r0', 'web', 'error']);
  series.count = 5;
  ledger.endBaseline();
  new Showing(ledger.families, HOLD).scrape(0);
  assert.equal(series.shown, 5);
});
