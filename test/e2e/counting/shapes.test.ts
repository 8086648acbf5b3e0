/** A hundred shapes of lines through the real process: by file, standard input, HTTP and `count`, each gives the same. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rows } from '../../event/shapes.ts';
import { command, Exporter, samples, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const ROWS = rows();
const ALL = Buffer.concat(ROWS.flatMap(({ line }) => [line, Buffer.from('\n')]));
const FILE = join(directory.path, 'shapes.log');
writeFileSync(FILE, ALL);
const count = (outcome: string) => ROWS.filter(({ gives }) => gives === outcome).length;

/** The rules that were counted, and the lines that were no events. */
function check(
  metrics: Map<string, number>,
  { malformed, text }: { malformed: number; text: number },
  events = ROWS.filter(({ gives }) => gives === 'event'),
): void {
  const counted = ROWS.filter(({ rule }) =>
    [...metrics].some(([name, value]) => value > 0 && name.startsWith(`falco_events_total{rule="${rule}",`)),
  );
  assert.deepEqual(
    counted.map(({ name }) => name),
    events.map(({ name }) => name),
  );
  const lines = (outcome: string) => metrics.get(`falco_exporter_lines_total{outcome="${outcome}"}`);
  assert.deepEqual(
    { event: lines('event'), malformed: lines('malformed'), text: lines('text') },
    { event: events.length, malformed, text },
  );
}
const AS_LINES = { malformed: count('malformed'), text: count('text') };

test('there are more than a hundred', () => {
  assert.ok(ROWS.length > 200);
  for (const outcome of ['event', 'malformed', 'text']) assert.ok(count(outcome) > 3, outcome);
});

test('by file', async () => {
  const exporter = await Exporter.start([`--input.file=${FILE}`, '--state.dir=']);
  await exporter.ready();
  check(await exporter.metrics(), AS_LINES);
  // The first of each kind, and never more of it at once.
  const told = [...exporter.log.matchAll(/^.* level=warn msg="([^"]*)".* line=.*$/gm)].map(
    ([, what]) => what,
  );
  assert.ok(told.length > 3);
  assert.equal(new Set(told).size, told.length);
  assert.match(exporter.log, /known prefix.* before="Oct {2}7 07:24:30 w1 sshd\[9\]: Invalid user "/);
  await exporter.end();
});

test('by standard input', async () => {
  const exporter = await Exporter.start(['--input.file=-', '--state.dir='], { stdin: 'pipe' });
  exporter.process.stdin!.write(ALL);
  const lines = 'falco_exporter_lines_total{outcome="event"}';
  check(await exporter.until((metrics) => metrics.get(lines) === count('event')), AS_LINES);
  await exporter.end();
});

test('by HTTP: what is no event is refused, and counts as malformed', async () => {
  const exporter = await Exporter.start(['--input.http', '--state.dir=']);
  // What sends several events in one request sends them as a list.
  const events = ROWS.filter(({ name, gives }) => gives === 'event' || name === 'in a list, bare');
  for (const row of ROWS) {
    const { status } = await fetch(exporter.url('/events'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: new Uint8Array(row.line),
    });
    assert.equal(status, events.includes(row) ? 204 : 400, row.name);
  }
  check(await exporter.metrics(), { malformed: ROWS.length - events.length, text: 0 }, events);
  await exporter.end();
});

test('by count', async () => {
  const { code, stdout } = await command(['count', '--output=prometheus', FILE]);
  // The one tally among them knows nothing of these events.
  assert.equal(code, 1);
  check(samples(stdout), AS_LINES);
});

const CASES: Record<string, Record<string, number>> = {
  'byte-order-mark': { 'falco_exporter_lines_total{outcome="event"}': 2 },
  'compose-and-kubectl-prefixes': {
    'falco_events_total{rule="Terminal shell in container",service="web",priority="notice"}': 3,
  },
  'timestamps-prefix': {
    'falco_events_total{rule="Terminal shell in container",service="web",priority="notice"}': 1,
    'falco_events_total{rule="PostgreSQL Shell Access",service="ecommerce-postgres",priority="error"}': 1,
  },
  'syslog-prefix': {
    'falco_events_total{rule="Run shell untrusted",service="web",priority="notice"}': 1,
    'falco_events_total{rule="Read sensitive file untrusted",service="web",priority="warning"}': 1,
  },
  'internal-without-source': {
    'falco_exporter_lines_total{outcome="internal"}': 2,
    'falco_exporter_lines_total{outcome="event"}': 0,
    'falco_internal_events_total{event="syscall event drop"}': 2,
    'falco_syscall_events_dropped_total{reason="buffer"}': 815_508,
    'falco_syscall_events_dropped_total{reason="other"}': 7,
  },
};
for (const [name, expected] of Object.entries(CASES))
  test(`${name}: as people have it`, async () => {
    const file = new URL(`../../fixtures/lines/${name}.log`, import.meta.url).pathname;
    const { stdout } = await command(['count', '--output=prometheus', file]);
    const metrics = samples(stdout);
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, metrics.get(key)]));
    assert.deepEqual(found, expected);
    for (const outcome of ['text', 'malformed', 'oversized'])
      assert.equal(metrics.get(`falco_exporter_lines_total{outcome="${outcome}"}`), 0);
    assert.ok(readFileSync(file).length > 0);
  });
