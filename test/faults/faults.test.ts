/**
 * The process is killed with -9 at random moments while its file is written and rotated: the counts are the truth, and no
 * counter falls. `npm run test:faults` runs 200 seeds; FAULT_SEED and FAULT_WAY run one of them again.
 */
import { test } from 'node:test';
import { faultRun, WAYS, type Way } from './run.ts';

const RUNS = Number(process.env.FAULT_RUNS ?? WAYS.length);
const FIRST = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1e6));
const ONLY = process.env.FAULT_WAY as Way | undefined;

test(`killed while it reads, ${RUNS} seeds from ${FIRST}`, { concurrency: 2 }, async (t) => {
  const runs = Array.from({ length: RUNS }, (_, n) => {
    const way = ONLY ?? WAYS[n % WAYS.length]!;
    return t.test(`${way}, seed ${FIRST + n}`, async (run) => {
      const { events, kills, scrapes } = await faultRun(way, FIRST + n);
      run.diagnostic(`${events} events, ${kills} kills, ${scrapes} answers`);
    });
  });
  await Promise.all(runs);
});
