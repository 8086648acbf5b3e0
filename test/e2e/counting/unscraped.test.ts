/** Nobody scrapes, and the process is killed again and again, sooner than the regular snapshot comes. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, pause, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const SERIES = 'falco_events_total{rule="R",service="web",priority="error"}';
const line = (event: number) =>
  `${JSON.stringify({ rule: 'R', priority: 'Error', event, output_fields: { 'container.name': 'web' } })}\n`;

test('a kill before any scrape, a rotation while it is down: every event is counted once', async () => {
  const input = join(directory.path, 'events.json');
  const state = join(directory.path, 'state');
  const snapshot = join(state, 'snapshot.json');
  const args = [`--input.file=${input}`, `--state.dir=${state}`];
  let events = 0;
  const write = () => appendFileSync(input, line(events++));
  writeFileSync(input, '');
  write();
  for (let kill = 0; kill < 3; kill++) {
    const before = existsSync(snapshot) ? readFileSync(snapshot, 'utf8') : '';
    const exporter = await Exporter.start(args);
    await exporter.ready();
    // The snapshot that the end of the first look asks for; nobody else does.
    while (!existsSync(snapshot) || readFileSync(snapshot, 'utf8') === before) await pause(10);
    await exporter.end('SIGKILL');
    write();
    renameSync(input, `${input}.${kill + 1}`);
    write();
  }
  const exporter = await Exporter.start(args);
  await exporter.ready();
  const metrics = await exporter.metrics();
  await exporter.end();
  assert.equal(metrics.get(SERIES), events);
  assert.equal(metrics.get(`falco_exporter_gaps_total{input="${input}"}`), 0);
});
