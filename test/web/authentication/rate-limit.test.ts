import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from '../../../src/web/authentication/rate-limit.ts';

test('a burst, then one for each interval, and never more than the burst', () => {
  let now = 0;
  const limit = new RateLimit({ interval: 100, burst: 3 }, { now: () => 0, monotonic: () => now });
  const allowed = (tries: number) =>
    Array.from({ length: tries }, () => limit.allow('a')).filter(Boolean).length;
  assert.equal(allowed(10), 3);
  now += 99;
  assert.equal(allowed(10), 0);
  now += 1;
  assert.equal(allowed(10), 1);
  now += 250;
  assert.equal(allowed(10), 2);
  now += 1_000_000;
  assert.equal(allowed(10), 3);
});

test('each has its own: who asks too often keeps nobody else out', () => {
  const limit = new RateLimit({ interval: 1000, burst: 2 }, { now: () => 0, monotonic: () => 0 });
  for (let asked = 0; asked < 100; asked++) limit.allow('attacker');
  assert.deepEqual([limit.allow('scraper'), limit.allow('attacker')], [true, false]);
});

test('only so many are remembered, those that asked last', () => {
  const limit = new RateLimit({ interval: 1000, burst: 1 }, { now: () => 0, monotonic: () => 0 });
  limit.allow('first');
  for (let other = 0; other < 4095; other++) limit.allow(`other ${other}`);
  assert.equal(limit.allow('first'), false);
  limit.allow('one more');
  assert.deepEqual([limit.allow('first'), limit.allow('other 0')], [false, true]);
});
