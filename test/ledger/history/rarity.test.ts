import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poissonTail } from '../../../src/ledger/history/rarity.ts';

test("the tail of Poisson's distribution is that of its tables", () => {
  // By sums of 60 digits: one less the probability of fewer.
  for (const [events, expected, wanted] of [
    [1, 0.5, 0.3934693402873666],
    [5, 1, 0.003659846827343713],
    [10, 1, 1.114254783387207e-7],
    [30, 10, 2.509951201527908e-7],
    [150, 100, 1.88421046603867e-6],
    [3, 5, 1],
  ] as const) {
    const found = poissonTail(events, expected);
    assert.ok(Math.abs(found / wanted - 1) < 1e-6, `${events} of ${expected}: ${found}`);
  }
  assert.ok(poissonTail(1e6, 1) >= 0);
});
