import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectory, stateDirectory } from '../../src/state/directory.ts';
import { temporary } from '../support/exporter.ts';

test("the configured directory goes before systemd's, of which the first is taken; an empty one asks for none", async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  const [first, second] = [join(path, 'first'), join(path, 'second')];
  const find = (configured: string | undefined, given: string) =>
    stateDirectory(configured, { STATE_DIRECTORY: given }, (fault) => assert.fail(fault.message));
  assert.equal(await find(undefined, `${first}:${second}`), first);
  assert.equal(existsSync(second), false);
  assert.equal(await find(undefined, second), second);
  assert.equal(await find(path, first), path);
  assert.equal(await find('', first), undefined);
});

test('one that can not be made is told, and nothing is kept', async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  writeFileSync(join(path, 'file'), '');
  const faults: string[] = [];
  const given = { STATE_DIRECTORY: join(path, 'file/state') };
  assert.equal(await stateDirectory(undefined, given, ({ code }) => faults.push(code)), undefined);
  assert.deepEqual(faults, ['STATE_UNUSABLE']);
});

test('below /proc none can be made, and that is said at once', { timeout: 10_000 }, async (t) => {
  const faults: string[] = [];
  const given = { STATE_DIRECTORY: '/proc/none/state' };
  assert.equal(await stateDirectory(undefined, given, ({ code }) => faults.push(code)), undefined);
  assert.deepEqual(faults, ['STATE_UNUSABLE']);
  const { path, remove } = temporary();
  t.after(remove);
  await makeDirectory(join(path, 'a/b/c'));
  await makeDirectory(join(path, 'a/b/c'));
  assert.ok(existsSync(join(path, 'a/b/c')));
});
