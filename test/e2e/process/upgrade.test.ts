/**
 * A state that an earlier build left, in test/fixtures/state: v1 was written by one that kept no scrapers apart (0.1.0),
 * v2 by the first that did. `%` is the directory there.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Exporter, pause, SCRAPE, temporary } from '../../support/exporter.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/state/v1/', import.meta.url));
const FIXTURE_2 = fileURLToPath(new URL('../../fixtures/state/v2/', import.meta.url));
const PATH = '/var/log/falco/events.json';

const directory = temporary();
after(() => directory.remove());

/** A fixture's snapshot, of files that lie elsewhere. */
function movedTo(fixture: string, from: string, to: string): string {
  const [first, body] = readFileSync(join(fixture, 'snapshot.json'), 'utf8').split(/\n(.*)/s) as [
    string,
    string,
  ];
  const header = JSON.parse(first) as { writing: string };
  const moved = body.replaceAll(from, to);
  const sha256 = createHash('sha256').update(`${header.writing}\n${moved}`).digest('hex');
  return `${JSON.stringify({ ...header, sha256 })}\n${moved}`;
}

test('a snapshot of version 1 is read, goes on exactly, and is what every scraper begins with', async () => {
  const input = join(directory.path, 'events.json');
  const state = join(directory.path, 'state');
  copyFileSync(join(FIXTURE, 'events.json'), input);
  mkdirSync(state);
  writeFileSync(join(state, 'snapshot.json'), movedTo(FIXTURE, JSON.stringify(PATH), JSON.stringify(input)));
  const args = [`--input.file=${input}`, `--state.dir=${state}`, '--web.hold=500ms'];
  let exporter = await Exporter.start(args);
  await exporter.ready();
  const seen = async (
    agent: string,
    headers: Record<string, string> = { ...SCRAPE, 'User-Agent': agent },
  ) => {
    const metrics = await exporter.metrics(headers);
    return ['old', 'seen', 'new'].map((rule) =>
      metrics.get(`falco_events_total{rule="${rule}",service="web",priority="error"}`),
    );
  };
  assert.deepEqual(await seen('', {}), [9, 2, 1]);
  assert.deepEqual(await seen('one'), [5, 2, 0]);
  assert.deepEqual(await seen('other'), [5, 2, 0]);
  await pause(700);
  assert.deepEqual(await seen('one'), [9, 2, 1]);
  // What it writes itself tells them apart.
  await exporter.end('SIGKILL');
  assert.match(readFileSync(join(state, 'snapshot.json'), 'utf8'), /"version":2/);
  appendFileSync(input, `${readFileSync(join(FIXTURE, 'events.json'), 'utf8').split('\n', 1)[0]}\n`);
  exporter = await Exporter.start(args);
  await exporter.ready();
  assert.deepEqual(await seen('', {}), [10, 2, 1]);
  assert.deepEqual(await seen('one'), [9, 2, 1]);
  assert.deepEqual(await seen('other'), [5, 2, 0]);
  const metrics = await exporter.metrics();
  assert.equal(metrics.get(`falco_exporter_gaps_total{input="${input}"}`), 0);
  await exporter.end();
});

test('a snapshot of version 2 is read and goes on exactly: counts, rotated files, what Falco said, and what a scraper was shown', async () => {
  const at = join(directory.path, 'v2');
  const state = join(at, 'state');
  mkdirSync(state, { recursive: true });
  for (const name of ['events.json', 'events.json.1']) copyFileSync(join(FIXTURE_2, name), join(at, name));
  writeFileSync(join(state, 'snapshot.json'), movedTo(FIXTURE_2, '%', at));
  const input = join(at, 'events.json');
  const exporter = await Exporter.start([
    `--input.file=${input}`,
    `--state.dir=${state}`,
    '--web.hold=500ms',
  ]);
  await exporter.ready();
  const seen = async (headers: Record<string, string> = {}) => {
    const metrics = await exporter.metrics(headers);
    const events = ['old', 'seen', 'new'].map((rule) =>
      metrics.get(`falco_events_total{rule="${rule}",service="web",priority="error"}`),
    );
    return [
      ...events,
      metrics.get('falco_internal_events_total{event="metrics snapshot"}'),
      metrics.get(`falco_exporter_rotations_total{input="${input}"}`),
      metrics.get(`falco_exporter_gaps_total{input="${input}"}`),
    ];
  };
  // The last two lines were written after the snapshot.
  assert.deepEqual(await seen(), [9, 3, 3, 1, 1, 0]);
  const one = { ...SCRAPE, 'User-Agent': 'one' };
  assert.deepEqual(await seen(one), [9, 3, 0, 1, 1, 0]);
  // Two of its own intervals, which the view knows, and more.
  await pause(1200);
  assert.deepEqual(await seen(one), [9, 3, 3, 1, 1, 0]);
  const metrics = await exporter.metrics();
  assert.equal(metrics.get('falco_version_info{version="0.44.1"}'), 1);
  await exporter.end();
});
