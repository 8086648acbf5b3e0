/** The process from outside: what it needs, what it says where that is missing, and how it ends. */
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command, Exporter, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const EVENT = JSON.stringify({
  rule: 'Terminal shell in container',
  priority: 'Notice',
  source: 'syscall',
  output_fields: { 'container.name': 'web' },
});
const SERIES = 'falco_events_total{rule="Terminal shell in container",service="web",priority="notice"}';

test('an input that is missing is waited for, said once, and read as soon as it appears', async () => {
  const file = join(directory.path, 'later.json');
  const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
  const up = `falco_exporter_input_up{input="${file}"}`;
  await exporter.until((metrics) => metrics.get(up) === 0);
  const { status, body } = await exporter.get('/readyz');
  assert.equal(status, 503);
  assert.match(body, /INPUT_MISSING/);
  assert.match(body, /later\.json/);
  assert.equal((await exporter.get('/healthz')).status, 200);
  await exporter.logged(/INPUT_MISSING/);
  writeFileSync(file, `${EVENT}\n`);
  const metrics = await exporter.until((found) => found.get(SERIES) === 1);
  assert.equal(metrics.get(up), 1);
  await exporter.ready();
  assert.equal(await exporter.end(), 0);
  assert.equal(exporter.log.match(/INPUT_MISSING/g)?.length, 1);
});

test('a directory is no input, and is said to be none', async () => {
  const file = join(directory.path, 'directory');
  mkdirSync(file);
  const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
  await exporter.until((metrics) => metrics.get(`falco_exporter_input_up{input="${file}"}`) === 0);
  assert.match((await exporter.get('/readyz')).body, /INPUT_NOT_A_FILE/);
  await exporter.end();
});

test('an unreadable file is said to be one', {
  skip: process.getuid?.() === 0 && 'root may read all',
}, async () => {
  const file = join(directory.path, 'unreadable.json');
  writeFileSync(file, '');
  chmodSync(file, 0);
  const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
  await exporter.until((metrics) => metrics.get(`falco_exporter_input_up{input="${file}"}`) === 0);
  assert.match((await exporter.get('/readyz')).body, /INPUT_UNREADABLE/);
  await exporter.end();
});

test('a growing file is followed, and SIGTERM exits 0 within 5 s', async () => {
  const file = join(directory.path, 'growing.json');
  writeFileSync(file, '');
  const exporter = await Exporter.start([
    `--input.file=${file}`,
    `--state.dir=${join(directory.path, 'state')}`,
  ]);
  for (let events = 1; events <= 3; events++) {
    appendFileSync(file, `${EVENT}\n`);
    await exporter.until((metrics) => metrics.get(SERIES) === events);
  }
  const before = Date.now();
  assert.equal(await exporter.end('SIGTERM'), 0);
  assert.ok(Date.now() - before < 5000);
});

test('a port in use is one clear line, exit 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const { code, stderr } = await command([`--web.listen-address=127.0.0.1:${port}`, '--state.dir=']);
  server.close();
  assert.equal(code, 1);
  assert.match(stderr, /WEB_ADDRESS_IN_USE/);
  assert.match(stderr, new RegExp(`:${port}`));
});

test('a flag that there is not, exit 2', async () => {
  const { code, stderr } = await command(['--input.fiel=x']);
  assert.equal(code, 2);
  assert.match(stderr, /CONFIG_FLAG/);
  assert.match(stderr, /--input\.fiel/);
});

test('a wrong configuration: each fault with its place, exit 2', async () => {
  const file = join(directory.path, 'wrong.yml');
  writeFileSync(file, 'web:\n  hold: soon\ninptu:\n  file: x\n');
  const { code, stderr } = await command([`--config.file=${file}`]);
  assert.equal(code, 2);
  assert.match(stderr, /wrong\.yml:2:9: .*\[CONFIG_TYPE\]/);
  assert.match(stderr, /wrong\.yml:3:1: .*\[CONFIG_UNKNOWN_KEY\]/);
});

test('unknown paths are 404, wrong methods 405', async () => {
  const exporter = await Exporter.start(['--input.file=/nowhere/events.json', '--state.dir=']);
  assert.equal((await exporter.get('/nothing')).status, 404);
  const answer = await fetch(exporter.url('/metrics'), { method: 'POST' });
  assert.equal(answer.status, 405);
  await exporter.end();
});

test('standard input: counted, and at its end served on with input_up 0', async () => {
  const exporter = await Exporter.start(['--input.file=-', '--state.dir='], { stdin: 'pipe' });
  exporter.process.stdin!.write(`${EVENT}\n${EVENT.slice(0, 20)}`);
  await exporter.until((metrics) => metrics.get(SERIES) === 1);
  await exporter.ready();
  exporter.process.stdin!.end(`${EVENT.slice(20)}\n${EVENT}`);
  const metrics = await exporter.until((found) => found.get('falco_exporter_input_up{input="-"}') === 0);
  assert.equal(metrics.get(SERIES), 3);
  assert.match((await exporter.get('/readyz')).body, /INPUT_ENDED/);
  assert.equal(await exporter.end(), 0);
});
