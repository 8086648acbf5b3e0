import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz/difference.ts';

/** More with `npm run test:fuzz`. A seed that failed comes back with FUZZ_SEED. */
const lines = Number(process.env.FUZZ_LINES ?? 100_000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));

test(`kernel and JSON.parse agree on ${lines} mutated lines`, (t) => {
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const { found, outcomes } = fuzz(seed, lines);
  assert.equal(found, undefined, `FUZZ_SEED=${seed}`);
  t.diagnostic(`outcomes: ${JSON.stringify(Object.fromEntries(outcomes))}`);
  // A fuzz that only makes rubbish would find nothing either.
  for (const outcome of [0, -1, -2, -3, -4])
    assert.ok((outcomes.get(outcome) ?? 0) > lines / 10_000, `outcome ${outcome}`);
});
