import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const count = (...flags: string[]) => {
  const file = at('examples/recording/shop.log');
  const { stdout } = spawnSync(process.execPath, [
    ...flags,
    at('dist/main.js'),
    'count',
    '--output=json',
    file,
  ]);
  return JSON.parse(stdout.toString());
};

test('without WebAssembly lines are read by the plain scanner, and the counts are the same', () => {
  assert.deepEqual(count('--jitless'), count());
});
