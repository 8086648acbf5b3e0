import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from '../../../src/web/door/rate.ts';

test('a burst, then one for each interval, and never more than the burst', () => {
  let now = 0;
  const limit = new RateLimit({ interval: 100, burst: 3 }, { now: () => 0, monotonic: () => now });
  const allowed = (tries: number) =>
    Array.from({ length: tries }, () => limit.allow()).filter(Boolean).length;
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
