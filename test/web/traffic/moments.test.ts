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
  const ask = async () => (await moments.text('key', () => `${++made}`)).toString();
  assert.deepEqual(await Promise.all([ask(), ask()]), ['1', '1']);
  assert.equal(await ask(), '2');
  assert.deepEqual(await Promise.all([ask(), ask()]), ['3', '3']);
});
