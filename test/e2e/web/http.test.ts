/** Falco's http_output as it really posts: one object a request, no newline, and never again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Exporter, temporary } from '../../support/exporter.ts';
import { counted, sorted, truth } from '../../support/truth.ts';

const FIXTURE = new URL('../../fixtures/falco/falco-0.40.0/http-output.txt', import.meta.url);
const BODIES = [...readFileSync(FIXTURE, 'utf8').matchAll(/^### body \(\d+ bytes\)\n(.*)$/gm)].map(
  ([, body]) => body!,
);

const directory = temporary();
after(() => directory.remove());

function post(exporter: Exporter, body: string, type = 'application/json'): Promise<number> {
  const headers = { 'Content-Type': type, 'User-Agent': 'falcosecurity/falco' };
  return fetch(exporter.url('/events'), { method: 'POST', headers, body }).then(({ status }) => status);
}

test('each post is counted before it is answered, and kept across a restart', async () => {
  assert.ok(BODIES.length > 1);
  const args = ['--input.http', `--state.dir=${directory.path}`];
  const exporter = await Exporter.start(args);
  await exporter.ready();
  for (const [index, body] of BODIES.entries()) {
    assert.ok((await post(exporter, body)) < 300);
    const sent = truth(BODIES.slice(0, index + 1).join('\n'));
    assert.deepEqual(sorted(counted(await exporter.metrics())), sorted(sent));
  }
  assert.equal(await exporter.end('SIGKILL'), 'SIGKILL');
  const again = await Exporter.start(args);
  assert.deepEqual(sorted(counted(await again.metrics())), sorted(truth(BODIES.join('\n'))));
  await again.end();
});

test('what is no event is refused and counted as malformed; a body of several lines is one event', async () => {
  const exporter = await Exporter.start(['--input.http', '--state.dir=']);
  for (const body of ['{', '{"rule":1}', '[]', 'text']) assert.equal(await post(exporter, body), 400, body);
  assert.ok((await post(exporter, JSON.stringify(JSON.parse(BODIES[0]!), undefined, 2))) < 300);
  const metrics = await exporter.metrics();
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="event"}'), 1);
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="malformed"}'), 4);
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="text"}'), 0);
  await exporter.end();
});

test('what is wrapped counts as it is answered; several events are all counted, or none', async () => {
  const exporter = await Exporter.start(['--input.http', '--state.dir=']);
  const event = JSON.stringify({ rule: 'R', priority: 'Error' });
  const docker = (log: string) => JSON.stringify({ log, stream: 'stdout', time: 't' });
  const internal = JSON.stringify({ rule: 'Falco internal: x', priority: 'Debug', source: 'internal' });
  for (const body of [event, `\ufeff${event}`, docker(`${event}\n`), internal])
    assert.equal(await post(exporter, body), 204, body);
  for (const body of [
    `${event}\n${event}`,
    `${event}\r\n\n${event}\n`,
    `[${event}]`,
    ` [${event},\n${event}]`,
  ])
    assert.equal(await post(exporter, body), 204, body);
  for (const type of ['application/x-ndjson', 'application/json; charset=utf-8', 'application/ndjson'])
    assert.equal(await post(exporter, event, type), 204, type);
  for (const body of [
    docker(`${event}\n${event}\n`),
    docker(event),
    `${event}\n{}\n${event}`,
    `${event}\n[${event}]`,
    `[${event},{}]`,
    `[${event},1]`,
    `[${event},`,
    `${event}\n${event.slice(0, -1)}`,
    `{\n"rule":\n${event},\n"priority":1}`,
    `2026-01-02T03:04:05Z stderr F ${event}`,
    '',
  ])
    assert.equal(await post(exporter, body), 400, body);
  const metrics = await exporter.metrics();
  assert.deepEqual(
    ['event', 'internal', 'malformed', 'text'].map((outcome) =>
      metrics.get(`falco_exporter_lines_total{outcome="${outcome}"}`),
    ),
    [13, 1, 11, 0],
  );
  await exporter.end();
});

test("Falco's text format is refused with 415, counts as malformed, and the log names json_output once", async () => {
  const exporter = await Exporter.start(['--input.http', '--state.dir=']);
  const text = '14:07:33.890134940: Warning Unexpected process (user=root)';
  for (let n = 0; n < 3; n++) assert.equal(await post(exporter, text, 'text/plain'), 415);
  assert.equal(await post(exporter, `"${'x'.repeat(1024 * 1024)}"`), 413);
  const metrics = await exporter.metrics();
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="malformed"}'), 3);
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="oversized"}'), 1);
  assert.equal(exporter.log.match(/json_output/g)?.length, 1);
  await exporter.end();
});

test('without --input.http nobody takes events', async () => {
  const exporter = await Exporter.start(['--input.file=/nowhere/events.json', '--state.dir=']);
  assert.equal(await post(exporter, BODIES[0]!), 404);
  await exporter.end();
});
