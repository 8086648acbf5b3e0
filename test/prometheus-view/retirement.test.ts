/**
 * Pods come and go, series retire, the exporter is killed now and then: what two real Prometheus servers add up is what
 * was written. RETIREMENT_PODS=100000 is the long run, with a limit of 2,000, scraped ten times a second.
 */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, pause, temporary } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { Gate, Prometheus } from './prometheus.ts';

const PODS = Number(process.env.RETIREMENT_PODS ?? 0);
const { pods, limit, retention, interval, hold, rate } =
  PODS > 0
    ? { pods: PODS, limit: 2000, retention: '1d', interval: '100ms', hold: '200ms', rate: 400 }
    : { pods: 250, limit: 200, retention: '2s', interval: '500ms', hold: '1s', rate: 20 };
const PRIORITIES = ['Error', 'Notice'] as const;

const directory = temporary();
const servers: Prometheus[] = [];
after(async () => {
  for (const server of servers) await server.stop();
  directory.remove();
});

test('series retire: none is lost or seen twice by two servers, with kills', {
  skip: without('prometheus'),
  timeout: 900_000,
}, async () => {
  const file = join(directory.path, 'events.json');
  const args = [
    `--input.file=${file}`,
    `--state.dir=${join(directory.path, 'state')}`,
    `--web.hold=${hold}`,
    `--series-limit=${limit}`,
    `--series-retention=${retention}`,
  ];
  const gate = await Gate.open();
  let exporter = await Exporter.start(args);
  gate.target = exporter.port;
  for (let n = 0; n < 2; n++)
    servers.push(await Prometheus.start(directory.path, [{ name: 'falco', port: gate.port }], interval));
  await gate.pass(12);

  const written = new Map<string, number>();
  const write = (pod: string, priority: (typeof PRIORITIES)[number]) => {
    const time = new Date().toISOString();
    const event = { rule: 'r', priority, time, output_fields: { 'container.name': pod } };
    appendFileSync(file, `${JSON.stringify(event)}\n`);
    written.set(priority.toLowerCase(), (written.get(priority.toLowerCase()) ?? 0) + 1);
  };
  const began = performance.now();
  let most = 0;
  let room = limit;
  let retired = 0;
  const look = async () => {
    const found = await exporter.metrics();
    const series = found.get('falco_exporter_series')!;
    most = Math.max(most, series);
    const all = [...written.values()].reduce((sum, events) => sum + events, 0);
    // What is not read yet may be new series, all of it.
    room = limit - series - (all - found.get('falco_exporter_lines_total{outcome="event"}')!);
    assert.equal(found.get('falco_exporter_overflow_events_total'), 0);
    retired = [...found].reduce(
      (sum, [name, value]) => sum + (name.includes('_retired_events_') ? value : 0),
      0,
    );
  };
  for (let pod = 0; pod < pods; pod++) {
    write(`pod-${pod}`, PRIORITIES[pod % 2]!);
    // Some speak on, some seldom: these retire and come again.
    if (pod % 7 === 0) write(`steady-${pod % 5}`, 'Error');
    if (pod % 60 === 0) write('seldom', 'Notice');
    // As quickly as scrapes make room, whatever the machine's load: more would have to overflow.
    while (--room < 10) {
      await look();
      if (room < 20) await pause(100);
    }
    if (pod % Math.round(pods / 8) === 50) {
      await exporter.end('SIGKILL');
      exporter = await Exporter.start(args);
      gate.target = exporter.port;
    }
    const behind = (pod / rate) * 1000 - (performance.now() - began);
    if (behind > 0) await pause(behind);
  }
  for (const server of servers)
    for (const [priority, events] of written)
      assert.equal(await server.settled('falco', priority, events), events, priority);
  await look();
  console.log(`${pods} pods, ${most} series at most, ${retired} events retired`);
  assert.ok(most <= limit, `${most} series`);
  assert.ok(retired > pods / 4, `${retired} events retired`);
  for (const server of servers) assert.equal(await server.bornAbove0('falco'), 0);
  gate.close();
  await exporter.end();
});
