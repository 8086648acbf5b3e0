/** examples/rotation/rotate.sh: renames in order, bounds the number, and loses nothing that it needn't. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pause, temporary } from '../support/exporter.ts';
import { ROOT } from './compose.ts';

const SCRIPT = `${ROOT}examples/rotation/rotate.sh`;
const directory = temporary();
after(() => directory.remove());

function start(
  name: string,
  more: NodeJS.ProcessEnv = {},
): { file: string; alive: string; child: ChildProcess } {
  const place = join(directory.path, name);
  mkdirSync(place);
  const alive = join(place, 'alive');
  const file = join(place, 'events.json');
  const env = {
    ...process.env,
    ROTATE_BYTES: '10',
    ROTATE_KEEP: '3',
    ROTATE_SECONDS: '0.05',
    ROTATE_ALIVE: alive,
  };
  return { file, alive, child: spawn('sh', [SCRIPT, file], { env: { ...env, ...more }, stdio: 'inherit' }) };
}

async function until(what: () => boolean): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!what()) {
    if (Date.now() > limit) throw new Error(`not in 20 s: ${what}`);
    await pause(20);
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  return (await exited)[0];
}

const content = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
const rotated = (file: string, text: string) =>
  until(() => content(`${file}.1`) === text && content(file) === '');

test('files are renamed in their order, and at most so many are kept', async () => {
  const { file, child } = start('order');
  for (const text of ['1st file, full', '2nd file, full', '3rd file, full', '4th file, full']) {
    await until(() => content(file) === '');
    appendFileSync(file, text);
    await rotated(file, text);
  }
  assert.deepEqual(
    [1, 2, 3].map((number) => content(`${file}.${number}`)),
    ['4th file, full', '3rd file, full', '2nd file, full'],
  );
  assert.deepEqual(readdirSync(join(file, '..')).sort(), [
    ...['alive', 'events.json', 'events.json.1', 'events.json.2', 'events.json.3'],
  ]);
  assert.equal(await end(child), 0);
});

test('what is smaller stays, and an existing file is never emptied', async () => {
  const place = join(directory.path, 'small');
  mkdirSync(place);
  writeFileSync(join(place, 'events.json'), 'short');
  const child = spawn('sh', [SCRIPT, join(place, 'events.json')], {
    env: { ...process.env, ROTATE_SECONDS: '0.05', ROTATE_ALIVE: join(place, 'alive') },
  });
  await until(() => existsSync(join(place, 'alive')));
  assert.equal(content(join(place, 'events.json')), 'short');
  await end(child);
});

test('after a rotation that was killed half-way nothing is dropped before its time', async () => {
  const place = join(directory.path, 'half');
  mkdirSync(place);
  // Killed after .1 had become .2: there is no .1.
  writeFileSync(join(place, 'events.json.2'), 'older');
  writeFileSync(join(place, 'events.json.3'), 'oldest');
  writeFileSync(join(place, 'events.json'), 'newest, full');
  const file = join(place, 'events.json');
  const child = spawn('sh', [SCRIPT, file], {
    env: {
      ...process.env,
      ...{ ROTATE_BYTES: '10', ROTATE_KEEP: '3', ROTATE_SECONDS: '0.05', ROTATE_ALIVE: join(place, 'alive') },
    },
  });
  await rotated(file, 'newest, full');
  assert.deepEqual([content(`${file}.2`), content(`${file}.3`)], ['older', 'oldest']);
  await end(child);
});

test('health says whether it still looks', async () => {
  const { alive, child } = start('health');
  const health = () =>
    spawnSync('sh', [SCRIPT, 'health'], { env: { ...process.env, ROTATE_ALIVE: alive } }).status;
  await until(() => existsSync(alive));
  assert.equal(health(), 0);
  await end(child);
  utimesSync(alive, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
  assert.equal(health(), 1);
  assert.equal(
    spawnSync('sh', [SCRIPT, 'health'], { env: { ...process.env, ROTATE_ALIVE: join(alive, 'none') } })
      .status,
    1,
  );
});
