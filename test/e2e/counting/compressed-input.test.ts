/** A live path, or a file that a pattern matches, may be compressed: it is read as what it holds, once. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Exporter, type samples, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const line = (n: number) =>
  `${JSON.stringify({ time: `2026-11-26T01:00:00.${String(n).padStart(9, '0')}Z`, rule: 'R', priority: 'Error', source: 'syscall', output_fields: { 'container.name': 'web' } })}\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => line(from + n)).join('');
const EVENTS = 'falco_events_total{rule="R",service="web",priority="error"}';
const events = (found: ReturnType<typeof samples>) => found.get(EVENTS) ?? 0;
const gaps = (found: ReturnType<typeof samples>) =>
  [...found]
    .filter(([name]) => name.startsWith('falco_exporter_gaps_total'))
    .reduce((sum, [, n]) => sum + n, 0);

/** As a program leaves it that ended a while ago. */
function put(path: string, bytes: Buffer): void {
  writeFileSync(path, bytes);
  utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
}

test('a compressed live file is read once, through a kill and under another name', async () => {
  const home = join(directory.path, 'one');
  mkdirSync(home);
  const path = join(home, 'events.json.gz');
  put(path, gzipSync(lines(0, 500)));
  const state = `--state.dir=${join(home, 'state')}`;
  let exporter = await Exporter.start([`--input.file=${path}`, state]);
  await exporter.ready();
  const found = await exporter.metrics();
  assert.deepEqual([events(found), gaps(found)], [500, 0]);
  assert.equal(found.get('falco_exporter_lines_total{outcome="text"}'), 0);
  await exporter.end('SIGKILL');
  const renamed = join(home, 'again.gz');
  renameSync(path, renamed);
  exporter = await Exporter.start([`--input.file=${renamed}`, state]);
  await exporter.ready();
  // One more beside it, that a writer has not finished yet, then has.
  const whole = gzipSync(lines(500, 900));
  const pattern = join(home, '*.gz');
  await exporter.end();
  exporter = await Exporter.start([`--input.file=${pattern}`, state]);
  await exporter.ready();
  assert.equal(events(await exporter.metrics()), 500);
  const written = join(home, 'next.gz');
  writeFileSync(written, whole.subarray(0, whole.length / 2));
  appendFileSync(written, whole.subarray(whole.length / 2));
  copyFileSync(written, join(home, 'copy.gz'));
  const last = await exporter.until((each) => events(each) >= 900);
  assert.deepEqual([events(last), gaps(last)], [900, 0]);
  assert.equal(await exporter.end(), 0);
});

test('one that nothing here can read is told: a gap, and not ready', async () => {
  const home = join(directory.path, 'two');
  mkdirSync(home);
  const path = join(home, 'events.json.xz');
  put(path, Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.alloc(200, 7)]));
  const exporter = await Exporter.start([`--input.file=${path}`, `--state.dir=${join(home, 'state')}`]);
  await exporter.logged(/INPUT_UNREADABLE|can't be read here/);
  const ready = await exporter.get('/readyz');
  assert.equal(ready.status, 503);
  assert.match(ready.body, /xz/);
  assert.equal(await exporter.end(), 0);
});
