import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExporterError } from '../../src/errors.ts';
import { Keeper } from '../../src/state/keeper.ts';
import type { Snapshot, SnapshotStore } from '../../src/state/snapshot.ts';

/** A store whose writes end when the test says so, and a value that counts up. */
function setting() {
  const writes: { value: number; done(): void; fail(error: Error): void }[] = [];
  const faults: string[] = [];
  let value: number | undefined = 0;
  const store = {
    write: (snapshot: Snapshot) =>
      new Promise<void>((done, fail) => writes.push({ value: snapshot.ledger.lastEvent[0]![1], done, fail })),
  } as unknown as SnapshotStore;
  const keeper = new Keeper({
    store,
    clock: { now: () => 42, monotonic: () => 0 },
    take: () => ({
      positions: { time: 0, begun: [], files: [], finished: '' },
      ledger: { families: {}, lastEvent: [['', value!]] },
    }),
    version: () => value,
    failed: ({ code }) => faults.push(code),
  });
  return { keeper, writes, faults, set: (next: number | undefined) => (value = next) };
}

test('all who ask while one is being written share the next', async () => {
  const { keeper, writes, set } = setting();
  const first = keeper.keep();
  set(1);
  const second = keeper.keep();
  const third = keeper.keep();
  set(2);
  const fourth = keeper.keep();
  assert.equal(writes.length, 1);
  writes[0]!.done();
  assert.equal(await first, true);
  assert.equal(writes.length, 2);
  assert.equal(writes[1]!.value, 2, 'it holds all that there was when they asked');
  writes[1]!.done();
  assert.deepEqual(await Promise.all([second, third, fourth]), [true, true, true]);
  assert.equal(keeper.lastWritten, 42);
});

test('who asks for what is being written already waits for it, and it is not written twice', async () => {
  const { keeper, writes } = setting();
  const first = keeper.keep();
  const second = keeper.keep();
  writes[0]!.done();
  assert.deepEqual(await Promise.all([first, second]), [true, true]);
  assert.equal(await keeper.keep(), true);
  assert.equal(writes.length, 1, 'a write that nobody waits for would go on after the end');
});

test('what is kept already is not written again, and nothing is before the baseline', async () => {
  const { keeper, writes, set } = setting();
  const kept = keeper.keep();
  writes[0]!.done();
  await kept;
  assert.equal(await keeper.keep(), true);
  set(undefined);
  const baseline = setting();
  baseline.set(undefined);
  assert.equal(await baseline.keeper.keep(), true);
  assert.equal(writes.length + baseline.writes.length, 1);
});

test('a failure is told, and the next who asks tries again', async () => {
  const { keeper, writes, faults } = setting();
  const kept = keeper.keep();
  writes[0]!.fail(new ExporterError('STATE_UNUSABLE', 'full'));
  assert.equal(await kept, false);
  assert.deepEqual(faults, ['STATE_UNUSABLE']);
  const again = keeper.keep();
  writes[1]!.done();
  assert.equal(await again, true);
});

test('an answer waits a second for a slow disk, and no longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { keeper, faults } = setting();
  const answer = keeper.keepForAnswer();
  t.mock.timers.tick(1000);
  await answer;
  assert.deepEqual(faults, ['STATE_UNUSABLE']);
});
