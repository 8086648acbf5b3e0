/** After a start the page shows what an earlier process counted, and counts none of it again. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

function line(rule: string): string {
  return `${JSON.stringify({ output: rule, output_fields: { 'container.name': 'db' }, priority: 'Critical', rule, time: '2026-11-25T10:00:00.000000000Z' })}\n`;
}

interface Listed {
  rule: string;
  service: string;
  earlier?: true;
}

async function listed(exporter: Exporter): Promise<[string, string, boolean][]> {
  const { events } = JSON.parse((await exporter.get('/api/events')).body) as { events: Listed[] };
  return events.map(({ rule, service, earlier }) => [rule, service, earlier === true]);
}

async function start(input: string): Promise<Exporter> {
  const exporter = await Exporter.start([
    `--input.file=${input}`,
    `--state.dir=${join(directory.path, 'state')}`,
  ]);
  await exporter.ready();
  return exporter;
}

test('what was there before the start is listed, marked so, and counted once', async () => {
  const input = join(directory.path, 'events.json');
  writeFileSync(input, line('Baseline'));
  const first = await start(input);
  assert.deepEqual(await listed(first), [['Baseline', 'db', true]]);
  appendFileSync(input, line('Live'));
  await first.until((metrics) => metrics.get('falco_exporter_lines_total{outcome="event"}') === 2);
  assert.deepEqual(await listed(first), [
    ['Live', 'db', false],
    ['Baseline', 'db', true],
  ]);
  await first.end('SIGTERM');
  const second = await start(input);
  const before: [string, string, boolean][] = [
    ['Live', 'db', true],
    ['Baseline', 'db', true],
  ];
  assert.deepEqual(await listed(second), before);
  const { events } = JSON.parse((await second.get('/api/summary')).body) as {
    events: { rule: string; count: number; lastEvent: string }[];
  };
  const live = events.find(({ rule }) => rule === 'Live')!;
  assert.deepEqual([live.count, live.lastEvent], [1, '2026-11-25T10:00:00.000Z']);
  appendFileSync(input, line('News'));
  await second.until((metrics) => metrics.get('falco_exporter_lines_total{outcome="event"}') === 3);
  assert.deepEqual(await listed(second), [['News', 'db', false], ...before]);
  await second.end('SIGTERM');

  // Another file of that name and size: it is not what was counted, so nothing of it passes for earlier events.
  const whole = readFileSync(input, 'utf8');
  writeFileSync(input, whole.replaceAll('Baseline', 'Imposter'));
  const third = await start(input);
  assert.equal((await listed(third)).filter(([, , earlier]) => earlier).length, 0);
  await third.end('SIGTERM');
});
