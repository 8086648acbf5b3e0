import assert from 'node:assert/strict';
import { chmodSync, linkSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExporterError } from '../../src/errors.ts';
import { LOCK_FILE, StateLock } from '../../src/state/lock.ts';
import { temporary } from '../support/exporter.ts';

const never = (reason: string) => assert.fail(reason);

/** What a process that was killed leaves behind. */
async function abandon(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.dead`, resolve));
  linkSync(`${path}.dead`, path);
  await new Promise((resolve) => server.close(resolve));
}

for (const [what, prepare] of [
  ['a new directory', async () => undefined],
  ['a directory whose owner was killed', (directory: string) => abandon(join(directory, LOCK_FILE))],
] as const)
  for (let run = 0; run < 10; run++)
    test(`of many that start at once exactly one has the state: ${what}, ${run}`, async (t) => {
      const { path, remove } = temporary();
      t.after(remove);
      await prepare(path);
      const takes = await Promise.allSettled(Array.from({ length: 12 }, () => StateLock.take(path, never)));
      const taken = takes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      assert.equal(taken.length, 1);
      for (const each of takes)
        if (each.status === 'rejected')
          assert.equal((each.reason as ExporterError).code, 'STATE_NOT_OURS', String(each.reason));
      await assert.rejects(StateLock.take(path, never), ExporterError);
      assert.ok(await taken[0]!.isHeld());
      await taken[0]!.release();
      assert.deepEqual(readdirSync(path), []);
      await (await StateLock.take(path, never))!.release();
    });

test('where no lock can be made it is said, and nothing else', async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  const file = join(path, 'file');
  writeFileSync(file, '');
  const reasons: string[] = [];
  assert.equal(await StateLock.take(file, (reason) => reasons.push(reason)), undefined);
  assert.equal(reasons.length, 1);
  assert.equal(await StateLock.take('/proc', (reason) => reasons.push(reason)), undefined);
  assert.equal(reasons.length, 2);
});

test('a file of that name that is no socket is taken for no owner', async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  writeFileSync(join(path, LOCK_FILE), 'mine');
  chmodSync(join(path, LOCK_FILE), 0o400);
  const lock = await StateLock.take(path, never);
  assert.ok(await lock!.isHeld());
  await lock!.release();
});
