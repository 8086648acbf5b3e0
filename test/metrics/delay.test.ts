import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DelayHistogram } from '../../src/metrics/delay.ts';

async function told(times: number[], now: number): Promise<Map<string, number>> {
  const delay = new DelayHistogram();
  delay.observe(Float64Array.from(times), times.length, now);
  const { values } = await delay.get();
  return new Map(
    values.map(({ metricName, labels, value }) => {
      const name = metricName.replace(/^.*_/, '');
      return [
        (labels as { le?: unknown }).le === undefined ? name : `le ${(labels as { le: unknown }).le}`,
        value,
      ];
    }),
  );
}

test('each event is in the bucket of its delay and in all above; one without a time in none', async () => {
  const found = await told([10_000 - 300, Number.NaN, 10_000 - 3000], 10_000);
  assert.equal(found.get('count'), 2);
  assert.equal(found.get('sum'), 3.3);
  for (const [le, events] of [
    ['0.25', 0],
    ['0.5', 1],
    ['2.5', 1],
    ['5', 2],
    ['+Inf', 2],
  ] as const)
    assert.equal(found.get(`le ${le}`), events, le);
});

test('an event from the future has no delay: the sum is a counter, and must never fall', async () => {
  const found = await told([60_000], 1000);
  assert.equal(found.get('sum'), 0);
  assert.equal(found.get('le 0.01'), 1);
});
