import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch } from '../../../src/event/scan/scanner.ts';
import { History, HOURS, historyState } from '../../../src/ledger/history/history.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-11-26T12:30:30Z');
const ANY = { priority: new Set<string>(), rule: new Set<string>(), service: new Set<string>() };

const LABELS = [
  ['Shell', 'db', 'error'],
  ['Shell', 'web', 'error'],
  ['Noise', 'web', 'notice'],
  ['__overflow__', '__overflow__', 'debug'],
] as const;

interface Told {
  tuple: number;
  /** NaN: the event says none. */
  time: number;
}

class World {
  now = NOW;
  history = new History({ now: () => this.now, monotonic: () => this.now });

  take(events: readonly Told[], known = false): void {
    const batch: Batch = {
      lines: events.length,
      tuple: Int32Array.from(events, ({ tuple }) => tuple),
      time: Float64Array.from(events, ({ time }) => time),
      start: new Int32Array(events.length),
      end: new Int32Array(events.length),
    };
    this.history.take(batch, (tuple) => LABELS[tuple]!, known);
  }

  /** What a process that was killed leaves to the next one, by way of its text. */
  restart(): void {
    const state = historyState.parse(JSON.parse(JSON.stringify(this.history.state())));
    this.history = new History({ now: () => this.now, monotonic: () => this.now });
    this.history.restore(state, []);
  }
}

test('counts by minute and hour are those of the events, however they come and whatever restarts between', () => {
  const told = fc.record({
    tuple: fc.integer({ min: -1, max: 3 }),
    back: fc.oneof(
      fc.integer({ min: -5, max: 70 }),
      fc.integer({ min: 0, max: 180 * 60 }),
      fc.constant(Number.NaN),
    ),
  });
  const step = fc.oneof(
    fc.array(told, { maxLength: 30 }),
    fc.constant('restart' as const),
    fc.integer({ min: 1, max: 50 }).map((minutes) => ({ minutes })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = new World();
      const model: { labels: readonly string[]; time: number }[] = [];
      for (const each of steps) {
        if (each === 'restart') world.restart();
        else if (!Array.isArray(each)) world.now += each.minutes * MINUTE;
        else {
          const events = each.map(({ tuple, back }) => ({ tuple, time: world.now - back * MINUTE }));
          world.take(events);
          for (const { tuple, time } of events)
            if (tuple >= 0)
              model.push({ labels: LABELS[tuple]!, time: time <= world.now ? time : world.now });
        }
      }
      for (const [unit, count, size] of [
        ['minute', 60, MINUTE],
        ['minute', 15, MINUTE],
        ['hour', 24, HOUR],
        ['hour', HOURS, HOUR],
      ] as const)
        for (const service of [[], ['db'], ['db', 'web'], ['none']]) {
          const wanted: Record<string, number[]> = {};
          for (const { labels, time } of model) {
            const at = Math.floor(time / size) - Math.floor(world.now / size) + count - 1;
            if (at < 0 || (service.length > 0 && !service.includes(labels[1]!))) continue;
            wanted[labels[2]!] ??= new Array(count).fill(0);
            wanted[labels[2]!]![at]!++;
          }
          const found = world.history.timeline({ ...ANY, service: new Set(service), unit, count });
          assert.deepEqual(Object.fromEntries(found), wanted);
        }
    }),
  );
});

test('what has no time, or one to come, happened when it was counted', () => {
  const world = new World();
  world.take([
    { tuple: 0, time: Number.NaN },
    { tuple: 0, time: NOW + HOUR },
    { tuple: 0, time: NOW - 20 * MINUTE },
  ]);
  assert.deepEqual(world.history.minutes(LABELS[0], 15), [...new Array(14).fill(0), 2]);
});

test('a rule is new in a service once, and again after seven days of silence; a baseline is nothing new', () => {
  const world = new World();
  const fresh = () =>
    [...world.history.pairs.fresh(world.now)].map(({ rule, service }) => `${rule} ${service}`);
  world.take([{ tuple: 2, time: NOW - HOUR }], true);
  assert.deepEqual(fresh(), []);
  world.take([0, 0, 2, 3].map((tuple) => ({ tuple, time: NOW })));
  assert.deepEqual(fresh(), ['Shell db']);
  world.restart();
  world.now += HOUR;
  world.take([0, 1].map((tuple) => ({ tuple, time: world.now })));
  assert.deepEqual(fresh(), ['Shell db', 'Shell web']);
  const first = world.history.pairs.of('Shell', 'db')!.seen;
  assert.equal(first, NOW);
  // Silence of less than a week, and then of more.
  world.now += 6 * 24 * HOUR;
  world.take([{ tuple: 0, time: world.now }]);
  assert.equal(world.history.pairs.of('Shell', 'db')!.seen, NOW);
  world.restart();
  world.now += 7 * 24 * HOUR;
  assert.deepEqual(fresh(), []);
  world.take([{ tuple: 0, time: world.now }]);
  assert.deepEqual(fresh(), ['Shell db']);
});

test('a snapshot of a build that kept no history makes nothing new of what it had counted', () => {
  const world = new World();
  const series = {
    labels: ['Shell', 'db', 'error'],
    index: 0,
    count: 3,
    shown: 3,
    last: Number.NaN,
    created: 0,
  };
  world.history.restore(undefined, [series, { ...series, labels: ['Noise', 'web', 'notice'], count: 0 }]);
  world.take([0, 2].map((tuple) => ({ tuple, time: NOW })));
  assert.deepEqual(
    [...world.history.pairs.fresh(NOW)].map(({ rule }) => rule),
    ['Noise'],
  );
});

test('unusual is what is far above its own habit, after a day of it', () => {
  const habits = (perHour: (hour: number) => number, recent: number, hours = 100) => {
    const world = new World();
    const events: Told[] = [];
    for (let hour = hours; hour >= 2; hour--)
      for (let at = 0; at < perHour(hour); at++) events.push({ tuple: 2, time: NOW - hour * HOUR });
    for (let at = 0; at < recent; at++) events.push({ tuple: 2, time: NOW - (at % 50) * MINUTE });
    events.sort((a, b) => a.time - b.time);
    world.take(events);
    return world.history.unusual(LABELS[2]);
  };
  assert.equal(
    habits(() => 100, 120),
    false,
    'a little more than always',
  );
  assert.equal(
    habits(() => 100, 250),
    true,
    'far more than always',
  );
  assert.equal(
    habits((hour) => (hour % 24 === 0 ? 50 : 0), 50),
    false,
    'what runs once a day',
  );
  assert.equal(
    habits((hour) => (hour === 90 ? 1 : 0), 30),
    true,
    'a rule that was nearly silent',
  );
  assert.equal(
    habits((hour) => (hour === 90 ? 1 : 0), 4),
    false,
    'too few to tell',
  );
  assert.equal(
    habits(() => 1, 100, 10),
    false,
    'not known for a day',
  );
});
