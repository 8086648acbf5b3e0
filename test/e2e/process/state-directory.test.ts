/** A state directory that is missing, full or read-only for a while, or another process's: the exporter is seen anyway. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { command, Exporter, SCRAPE, temporary } from '../../support/exporter.ts';

const EVENT = `${JSON.stringify({ rule: 'r', priority: 'Error', source: 'syscall', output_fields: { 'container.name': 'web' } })}\n`;
const SERIES = 'falco_events_total{rule="r",service="web",priority="error"}';
const ERRORS = 'falco_exporter_snapshot_errors_total';

/** A directory on a file system of its own; `false` where this user can't mount one. */
function mounted(): { path: string; mount(options: string): void; remove(): void } | false {
  const { path, remove } = temporary();
  const mount = (options: string) => {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    if (status !== 0) throw new Error(String(stderr));
  };
  try {
    mount('size=256k');
  } catch {
    remove();
    return false;
  }
  return {
    path,
    mount,
    remove: () => {
      spawnSync('umount', ['-l', path]);
      remove();
    },
  };
}

const trial = mounted();
const skip = trial ? false : 'a file system can only be mounted by root';
if (trial) trial.remove();

for (const [what, breaks, mends] of [
  [
    'full',
    (path: string) =>
      assert.throws(() => writeFileSync(join(path, 'filler'), Buffer.alloc(1024 * 1024)), { code: 'ENOSPC' }),
    (path: string) => rmSync(join(path, 'filler')),
  ],
  [
    'read-only',
    (_: string, mount: (options: string) => void) => mount('remount,ro'),
    (_: string, mount: (options: string) => void) => mount('remount,rw'),
  ],
] as const) {
  test(`a state directory that is ${what} for a while`, { skip }, async () => {
    const state = mounted();
    assert.ok(state);
    const home = temporary();
    const file = join(home.path, 'events.json');
    writeFileSync(file, '');
    const args = [`--input.file=${file}`, `--state.dir=${state.path}`, '--web.hold=100ms'];
    let exporter = await Exporter.start(args);
    try {
      appendFileSync(file, EVENT);
      await exporter.until((found) => found.get(SERIES) === 1);
      breaks(state.path, state.mount);
      appendFileSync(file, EVENT.repeat(2));
      const broken = await exporter.until((found) => found.get(SERIES) === 3 && found.get(ERRORS)! >= 2);
      assert.ok(broken.get(ERRORS)! >= 2);
      assert.equal((await exporter.get('/metrics', SCRAPE)).status, 200);
      assert.equal((await exporter.get('/readyz')).status, 200);
      assert.equal(exporter.log.match(/STATE_UNUSABLE/g)?.length, 1, 'one line a minute');
      const errors = (await exporter.metrics()).get(ERRORS)!;

      mends(state.path, state.mount);
      appendFileSync(file, EVENT);
      await exporter.until((found) => found.get(SERIES) === 4);
      assert.ok((await exporter.metrics()).get(ERRORS)! <= errors + 1);
      await exporter.end('SIGKILL');
      exporter = await Exporter.start(args);
      await exporter.ready();
      assert.equal((await exporter.metrics()).get(SERIES), 4);
    } finally {
      await exporter.end('SIGKILL');
      state.remove();
      home.remove();
    }
  });
}

test('a state directory that is read-only from the start', { skip }, async () => {
  const state = mounted();
  assert.ok(state);
  state.mount('remount,ro');
  const home = temporary();
  const file = join(home.path, 'events.json');
  writeFileSync(file, '');
  const exporter = await Exporter.start([`--input.file=${file}`, `--state.dir=${state.path}`]);
  try {
    appendFileSync(file, EVENT);
    await exporter.until((found) => found.get(SERIES) === 1 && found.get(ERRORS)! > 0);
  } finally {
    await exporter.end('SIGKILL');
    state.remove();
    home.remove();
  }
});

test('a state directory that is missing, and deleted later, is made', async () => {
  const home = temporary();
  const file = join(home.path, 'events.json');
  const state = join(home.path, 'some', 'where');
  writeFileSync(file, '');
  const exporter = await Exporter.start([`--input.file=${file}`, `--state.dir=${state}`]);
  try {
    for (const count of [1, 2]) {
      appendFileSync(file, EVENT);
      const found = await exporter.until((metrics) => metrics.get(SERIES) === count);
      assert.equal(found.get(ERRORS), 0);
      assert.ok(existsSync(join(state, 'snapshot.json')));
      rmSync(state, { recursive: true });
    }
  } finally {
    await exporter.end('SIGKILL');
    home.remove();
  }
});

test('a second process on the same state is refused at once, however the first ended before; the first counts on', async () => {
  const home = temporary();
  const file = join(home.path, 'events.json');
  writeFileSync(file, EVENT);
  // Too long a path for a socket.
  const state = join(home.path, 'long'.repeat(30));
  const args = [`--input.file=${file}`, `--state.dir=${state}`, '--web.listen-address=127.0.0.1:0'];
  let exporter = await Exporter.start(args);
  try {
    for (const count of [2, 3, 4]) {
      await exporter.ready();
      const { code, stderr } = await command(args);
      assert.equal(code, 1);
      assert.equal(stderr.match(/STATE_NOT_OURS/g)?.length, 1, 'one clear line');
      appendFileSync(file, EVENT);
      await exporter.until((found) => found.get(SERIES) === count);
      await exporter.end('SIGKILL');
      exporter = await Exporter.start(args);
    }
    await exporter.end();
    assert.deepEqual(readdirSync(state), ['snapshot.json']);
  } finally {
    await exporter.end('SIGKILL');
    home.remove();
  }
});
