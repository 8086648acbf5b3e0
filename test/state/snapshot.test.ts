import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExporterError } from '../../src/errors.ts';
import { SNAPSHOT_FILE, type Snapshot, SnapshotStore } from '../../src/state/snapshot.ts';
import { temporary } from '../support/exporter.ts';

const proof = fc.record({ length: fc.nat(1024), sha256: fc.string({ unit: 'binary' }) });
const position = fc.record(
  {
    path: fc.string({ unit: 'binary' }),
    device: fc.bigInt({ min: 0n }).map(String),
    inode: fc.bigInt({ min: 0n }).map(String),
    head: fc.record({ length: fc.nat(1024), sha256: fc.string(), line: proof }),
    tail: proof,
    offset: fc.maxSafeNat(),
    pending: fc.maxSafeNat(),
    input: fc.string(),
    live: fc.string(),
    target: fc.string(),
    lines: fc.string(),
    seen: fc.maxSafeNat(),
    lost: fc.boolean(),
  },
  { requiredKeys: ['path', 'device', 'inode', 'head', 'tail', 'offset', 'input', 'live', 'target', 'seen'] },
);
const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    positions: fc.record({
      time: fc.maxSafeNat(),
      begun: fc.array(fc.string()),
      files: fc.array(position, { maxLength: 3 }),
      finished: fc.string(),
    }),
    ledger: fc.record({
      families: fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        fc.record({
          labels: fc.array(fc.string()),
          series: fc.array(
            fc.tuple(
              fc.array(fc.string({ unit: 'binary' })),
              fc.maxSafeNat(),
              fc.maxSafeNat(),
            ) as fc.Arbitrary<[string[], number, number]>,
          ),
        }),
      ),
      lastEvent: fc.array(fc.tuple(fc.string(), fc.maxSafeNat()) as fc.Arbitrary<[string, number]>),
    }),
  })
  // As JSON gives it back: no prototypes, no undefined, no -0.
  .map((value) => JSON.parse(JSON.stringify(value)) as Snapshot);

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const { path, remove } = temporary();
  await run(path).finally(remove);
}

const never = (fault: ExporterError) => assert.fail(fault.message);
const failsWith = (code: string) => (error: unknown) => error instanceof ExporterError && error.code === code;

const some: Snapshot = {
  positions: { time: 0, begun: [], files: [], finished: '' },
  ledger: { families: {}, lastEvent: [['r', 5]] },
};

test('a snapshot comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(snapshot, (value) =>
      inDirectory(async (directory) => {
        await new SnapshotStore(directory).write(value);
        assert.deepEqual(await new SnapshotStore(directory).load(never), value);
      }),
    ),
    { numRuns: 50 },
  );
});

test('a snapshot that is cut, or has a bit flipped, is set aside whole and never trusted', async () => {
  await fc.assert(
    fc.asyncProperty(snapshot, fc.nat(), fc.option(fc.nat(7), { nil: undefined }), (value, where, bit) =>
      inDirectory(async (directory) => {
        const store = new SnapshotStore(directory);
        await store.write(value);
        const bytes = fs.readFileSync(store.path);
        const at = where % bytes.length;
        if (bit !== undefined) bytes[at]! ^= 1 << bit;
        const broken = bit === undefined ? bytes.subarray(0, at) : bytes;
        fs.writeFileSync(store.path, broken);
        const faults: string[] = [];
        assert.equal(await new SnapshotStore(directory).load(({ code }) => faults.push(code)), undefined);
        assert.deepEqual(faults, ['STATE_TORN']);
        const names = fs.readdirSync(directory);
        assert.equal(names.length, 1);
        assert.deepEqual(fs.readFileSync(join(directory, names[0]!)), Buffer.from(broken));
      }),
    ),
    { numRuns: 200 },
  );
});

for (const [what, text] of [
  ['an empty file', ''],
  ['a file of another program', '{"format":"something else"}\n{}\n'],
  [
    'a snapshot of a newer version',
    '{"format":"falco-event-exporter snapshot","version":3,"writing":"w","sha256":""}\n{}\n',
  ],
] as const) {
  test(`${what} is set aside, and what is written next is read`, () =>
    inDirectory(async (directory) => {
      fs.writeFileSync(join(directory, SNAPSHOT_FILE), text);
      const store = new SnapshotStore(directory);
      const faults: ExporterError[] = [];
      assert.equal(await store.load((fault) => faults.push(fault)), undefined);
      assert.deepEqual(
        faults.map(({ code }) => code),
        ['STATE_TORN'],
      );
      await store.write(some);
      assert.deepEqual(await new SnapshotStore(directory).load(never), some);
      assert.equal(fs.readdirSync(directory).length, 2);
    }));
}

test('what could not be read again is not written, and what stood there stays', () =>
  inDirectory(async (directory) => {
    const store = new SnapshotStore(directory);
    await store.write(some);
    const families = { f: { labels: [], series: [[[], 2 ** 53, 0]] as [string[], number, number][] } };
    const unreadable = {
      positions: { time: 0, begun: [], files: [], finished: '' },
      ledger: { families, lastEvent: [] },
    };
    await assert.rejects(store.write(unreadable), failsWith('STATE_UNUSABLE'));
    assert.deepEqual(await new SnapshotStore(directory).load(never), some);
  }));

test('no snapshot is none, and no fault', () =>
  inDirectory(async (directory) => {
    assert.equal(await new SnapshotStore(join(directory, 'none')).load(never), undefined);
  }));

test('of two writers one fails, and the other goes on', () =>
  inDirectory(async (directory) => {
    await new SnapshotStore(directory).write(some);
    const [one, other] = [new SnapshotStore(directory), new SnapshotStore(directory)];
    await one.load(never);
    await other.load(never);
    await one.write(some);
    await assert.rejects(other.write(some), failsWith('STATE_NOT_OURS'));
    await one.write(some);
    await assert.rejects(other.write(some), failsWith('STATE_NOT_OURS'));
  }));

test('of two writers that found none one fails', () =>
  inDirectory(async (directory) => {
    const [one, other] = [new SnapshotStore(directory), new SnapshotStore(directory)];
    await one.write(some);
    await assert.rejects(other.write(some), failsWith('STATE_NOT_OURS'));
  }));

test('a foreign file that stands there after the start is not overwritten', () =>
  inDirectory(async (directory) => {
    const store = new SnapshotStore(directory);
    await store.write(some);
    fs.writeFileSync(store.path, 'mine');
    await assert.rejects(store.write(some), failsWith('STATE_NOT_OURS'));
    assert.equal(fs.readFileSync(store.path, 'utf8'), 'mine');
  }));

test('a snapshot, or its directory, that was deleted is written anew', () =>
  inDirectory(async (directory) => {
    const store = new SnapshotStore(join(directory, 'state'));
    await store.write(some);
    fs.rmSync(store.path);
    await store.write(some);
    fs.rmSync(join(directory, 'state'), { recursive: true });
    await store.write(some);
    assert.deepEqual(await new SnapshotStore(join(directory, 'state')).load(never), some);
  }));

test('what a killed process was writing is swept away, and nobody else can read the state', () =>
  inDirectory(async (directory) => {
    fs.writeFileSync(join(directory, `${SNAPSHOT_FILE}.1234.tmp`), 'half');
    const store = new SnapshotStore(directory);
    await store.load(never);
    await store.write(some);
    assert.deepEqual(fs.readdirSync(directory), [SNAPSHOT_FILE]);
    assert.equal(fs.statSync(store.path).mode & 0o077, 0);
  }));

test('where it cannot be written the fault is told, and no rest stays', () =>
  inDirectory(async (directory) => {
    fs.writeFileSync(join(directory, 'state'), 'a file where the directory should be');
    await assert.rejects(
      new SnapshotStore(join(directory, 'state')).write(some),
      failsWith('STATE_UNUSABLE'),
    );
    assert.deepEqual(fs.readdirSync(directory), ['state']);
  }));

test('a snapshot is on the disk before it has its name, and its name before it counts as written', async (t) => {
  await inDirectory(async (directory) => {
    const path = join(directory, SNAPSHOT_FILE);
    const store = new SnapshotStore(directory);
    await store.load(() => undefined);
    const handle = await fs.promises.open(directory);
    const prototype = Object.getPrototypeOf(handle) as { sync(): Promise<void> };
    await handle.close();
    const named: boolean[] = [];
    const { sync } = prototype;
    t.mock.method(prototype, 'sync', function (this: fs.promises.FileHandle) {
      named.push(fs.existsSync(path));
      return sync.call(this);
    });
    await store.write(fc.sample(snapshot, { numRuns: 1, seed: 1 })[0]!);
    assert.deepEqual(named, [false, true], 'the file, then the directory');
  });
});
