import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Family } from '../../src/ledger/series.ts';
import { Trend } from '../../src/web/trend.ts';

const MINUTE = 60_000;

function made() {
  const family = new Family('f', '', ['l'], []);
  const time = { now: 0 };
  const clock = { now: () => 0, monotonic: () => time.now };
  const old = family.series(['old']);
  old.count = 1000;
  const trend = new Trend(() => family.all(), clock);
  const minutes = (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      time.now += MINUTE;
      trend.advance();
    }
  };
  return { family, time, trend, old, minutes };
}

test('15 minutes, the current one last; what was counted before is no part of them', () => {
  const { old, trend, minutes } = made();
  assert.deepEqual(trend.of(old), Array(15).fill(0));
  old.count += 3;
  assert.deepEqual(trend.of(old), [...Array(14).fill(0), 3]);
  minutes(1);
  old.count += 2;
  assert.deepEqual(trend.of(old), [...Array(13).fill(0), 3, 2]);
  minutes(13);
  assert.deepEqual(trend.of(old), [3, 2, ...Array(13).fill(0)]);
  minutes(2);
  assert.deepEqual(trend.of(old), Array(15).fill(0));
});

test('a series that is born later counts from 0', () => {
  const { family, trend, minutes } = made();
  minutes(3);
  const born = family.series(['born']);
  born.count = 5;
  assert.equal(trend.of(born).at(-1), 5);
  minutes(1);
  assert.deepEqual(trend.of(born).slice(-2), [5, 0]);
});

test('after a long sleep nothing old is left, and nothing is counted twice', () => {
  const { old, trend, time } = made();
  old.count += 7;
  time.now += 1000 * MINUTE;
  trend.advance();
  assert.deepEqual(trend.of(old), Array(15).fill(0));
  old.count += 1;
  time.now += 2 * MINUTE;
  trend.advance();
  assert.equal(
    trend.of(old).reduce((a, b) => a + b),
    1,
  );
});

test('a new start makes all that was counted old', () => {
  const { old, trend } = made();
  old.count += 7;
  trend.restart();
  assert.deepEqual(trend.of(old), Array(15).fill(0));
});
