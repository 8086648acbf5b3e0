import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Moments } from '../../../src/web/traffic/moments.ts';
import { Pace } from '../../../src/web/traffic/pace.ts';

test('a text is of its moment: made once for all who wait, and anew for who asks later', async (t) => {
  // Rests keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(alive));
  let made = 0;
  const moments = new Moments(new Pace({ now: () => 0, monotonic: () => 0 }));
  const ask = async () =>
    (await moments.text({ peer: 'p', scrapes: false }, 'key', () => `${++made}`)).toString();
  assert.deepEqual(await Promise.all([ask(), ask()]), ['1', '1']);
  assert.equal(await ask(), '2');
  assert.deepEqual(await Promise.all([ask(), ask()]), ['3', '3']);
});

test('scrapes go first, then each peer in its turn; long work is followed by a rest', async (t) => {
  const alive = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(alive));
  let now = 0;
  const pace = new Pace({ now: () => 0, monotonic: () => now });
  const done: string[] = [];
  const ask = (peer: string, scrapes: boolean) =>
    pace.do({ peer, scrapes }, async () => {
      done.push(`${peer}${scrapes ? ' scrapes' : ''}`);
      now += 11;
    });
  await Promise.all([
    ...[1, 2, 3].map(() => ask('greedy', false)),
    ask('modest', false),
    ask('greedy', true),
    ask('greedy', true),
    ask('modest', true),
  ]);
  assert.deepEqual(done, [
    'greedy scrapes',
    'modest scrapes',
    'greedy scrapes',
    'greedy',
    'modest',
    'greedy',
    'greedy',
  ]);
});
