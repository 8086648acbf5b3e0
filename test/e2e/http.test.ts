/** Falco's http_output as it really posts: one object a request, no newline, and never again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Exporter, temporary } from '../support/exporter.ts';
import { counted, sorted, truth } from '../support/truth.ts';

const FIXTURE = new URL('../fixtures/falco/falco-0.40.0/http-output.txt', import.meta.url);
const BODIES = [...readFileSync(FIXTURE, 'utf8').matchAll(/^### body \(\d+ bytes\)\n(.*)$/gm)].map(
  ([, body]) => body!,
);

const directory = temporary();
after(() => directory.remove());

function post(exporter: Exporter, body: string): Promise<number> {
  const headers = { 'Content-Type': 'application/json', 'User-Agent': 'falcosecurity/falco' };
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
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="malformed"}'), 2);
  await exporter.end();
});

test('without --input.http nobody takes events', async () => {
  const exporter = await Exporter.start(['--input.file=/nowhere/events.json', '--state.dir=']);
  assert.equal(await post(exporter, BODIES[0]!), 404);
  await exporter.end();
});
