/** Hostile and broken lines, from the file to /metrics. */
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { appendFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { App } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createLogger } from '../../../src/log/log.ts';
import { Exporter, pause, samples, temporary } from '../../support/exporter.ts';

const event = (rule: string, priority: unknown = 'Error') =>
  JSON.stringify({ rule, priority, source: 'syscall' });
const series = (rule: string, priority = 'error') =>
  `falco_events_total{rule="${rule}",service="unknown",priority="${priority}"}`;
const lines = (outcome: string) => `falco_exporter_lines_total{outcome="${outcome}"}`;

/** Has the process read these bytes, and gives what it says when it is ready. */
async function read(bytes: string | Buffer): Promise<Map<string, number>> {
  const home = temporary();
  const file = join(home.path, 'events.json');
  writeFileSync(file, bytes);
  const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
  try {
    await exporter.ready();
    const { body } = await exporter.get('/metrics');
    for (const line of body.split('\n'))
      assert.match(
        line,
        /^(#.*|\w+(\{(\w+="(\\["\\n]|[^"\\\n])*",?)*\})? [\d.e+Na-]+|)$/,
        'one sample a line',
      );
    return samples(body);
  } finally {
    await exporter.end();
    home.remove();
  }
}

test('each kind of broken line is counted as what it is', async () => {
  const nested = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);
  const long = 'x'.repeat(10_000);
  const found = await read(
    Buffer.concat([
      Buffer.from(
        [
          `{"rule":"deep","priority":"Error","x":${nested('[', ']')}}`,
          nested('[', ']'),
          nested('{"a":', '1}').slice(0, 600_000),
          '{"rule":"first","priority":"Error","rule":"last"}',
          event('numeric', 3),
          event('object', { a: 1 }),
          '{"priority":"Error"}',
          '{"rule":"no priority"}',
          event('unknown word', 'WOBBLE'),
          event('a "quoted"\nrule \\ {x="y"}'),
          event(long),
          event('__proto__'),
          `{"rule":"nul\0byte","priority":"Error"}`,
          event('nul\0escaped'),
          '{"rule":"lone \\ud800 surrogate","priority":"Error"}',
          '14:11:55.137513955: Error Falco prints text',
          'Events detected: 3',
          '',
        ].join('\n'),
      ),
      Buffer.from('{"rule":"bad \xff utf-8","priority":"Error"}\n', 'latin1'),
      Buffer.from('{"rule":"half of \xe2\x82","priority":"Error"}\n', 'latin1'),
    ]),
  );
  assert.equal(found.get(series('deep')), 1);
  assert.equal(found.get(series('last')), 1);
  assert.equal(found.get(series('unknown word', 'wobble')), 1);
  assert.equal(found.get(series('a \\"quoted\\"\\nrule \\\\ {x=\\"y\\"}')), 1);
  assert.equal(found.get(series('__proto__')), 1);
  assert.equal(found.get(series('bad \ufffd utf-8')), 1);
  assert.equal(found.get(series('half of \ufffd')), 1);
  assert.equal(found.get(series('lone \ufffd surrogate')), 1);
  const longest = Math.max(...[...found.keys()].map((name) => name.length));
  assert.ok(longest < 1000, 'a name is cut');
  assert.equal(found.get(lines('event')), 10);
  assert.equal(found.get(lines('malformed')), 7);
  assert.equal(found.get(lines('text')), 2);
});

test('binary garbage is counted line by line, and hides nothing', async () => {
  const garbage = randomFillSync(Buffer.alloc(2 * 1024 * 1024));
  const found = await read(Buffer.concat([garbage, Buffer.from(`\n${event('after')}\n`)]));
  const isBlank = /^[ \t\r]*$/;
  const nonBlank = garbage
    .toString('latin1')
    .split('\n')
    .filter((line) => !isBlank.test(line)).length;
  const outcomes = ['event', 'internal', 'text', 'malformed', 'oversized'].map(
    (outcome) => found.get(lines(outcome))!,
  );
  assert.equal(
    outcomes.reduce((sum, count) => sum + count),
    nonBlank + 1,
  );
  assert.equal(found.get(series('after')), 1);
});

test('a line of 1 GB is counted once as too long, and never held', async () => {
  const home = temporary();
  const file = join(home.path, 'events.json');
  writeFileSync(file, `${event('before')}\nx`);
  // A hole: read as NUL bytes, and no disk.
  truncateSync(file, 1024 ** 3);
  const exporter = await Exporter.start([`--input.file=${file}`, `--state.dir=${join(home.path, 'state')}`]);
  try {
    await exporter.ready();
    const waiting = await exporter.metrics();
    assert.equal(waiting.get(lines('oversized')), 0, 'it may still come to its end');
    assert.ok(waiting.get('process_resident_memory_bytes')! < 250 * 1024 ** 2);
    appendFileSync(file, `\n${event('after')}\n`);
    const found = await exporter.until((metrics) => metrics.get(series('after')) === 1);
    assert.equal(found.get(lines('oversized')), 1);
    assert.equal(found.get(lines('malformed')), 0);
    assert.ok(found.get('process_resident_memory_bytes')! < 250 * 1024 ** 2);
  } finally {
    await exporter.end();
    home.remove();
  }
});

test('an event behind a hole is found however large the hole: copytruncate leaves it under a writer that does not append', async () => {
  const home = temporary();
  const file = join(home.path, 'events.json');
  writeFileSync(file, '');
  truncateSync(file, 20 * 1024 ** 2 + 5);
  appendFileSync(file, `${event('after')}\n${event('next')}\n`);
  const exporter = await Exporter.start([`--input.file=${file}`, `--state.dir=${join(home.path, 'state')}`]);
  try {
    await exporter.ready();
    const found = await exporter.metrics();
    assert.equal(found.get(series('after')), 1);
    assert.equal(found.get(series('next')), 1);
    for (const outcome of ['text', 'malformed', 'oversized']) assert.equal(found.get(lines(outcome)), 0);
    assert.equal(found.get(`falco_exporter_read_bytes_total{input="${file}"}`), statSync(file).size);
  } finally {
    await exporter.end();
    home.remove();
  }
});

test('a clock that jumps back loses nothing and repeats nothing', async () => {
  const home = temporary();
  const file = join(home.path, 'events.json');
  let behind = 0;
  const start = () =>
    App.start({
      config: loadConfig(
        {
          'input.file': file,
          'state.dir': join(home.path, 'state'),
          'web.listen-address': '127.0.0.1:0',
        },
        {},
      ),
      clock: { now: () => Date.now() - behind, monotonic: () => performance.now() },
      log: createLogger({ level: 'error', format: 'logfmt' }),
      build: { version: '0', revision: '0' },
      environment: {},
      stdin: new PassThrough(),
    });
  let number = 0;
  const at = (minutes: number) => {
    // No two events of Falco's are the same: their time has nanoseconds.
    const time = new Date(Date.now() + minutes * 60_000).toISOString();
    return `${JSON.stringify({ time, rule: 'r', priority: 'Error', source: 'syscall', n: number++ })}\n`;
  };
  const counts = async (app: App, count: number) => {
    const limit = Date.now() + 20_000;
    for (;;) {
      const found =
        samples(await (await fetch(`http://127.0.0.1:${app.addresses[0]!.port}/metrics`)).text()).get(
          series('r'),
        ) ?? 0;
      if (found === count) return;
      assert.ok(found < count && Date.now() < limit, `${found} of ${count}`);
      await pause(30);
    }
  };
  let app: App | undefined;
  try {
    writeFileSync(file, at(60));
    app = await start();
    await counts(app, 1);
    await app.stop();
    // While it was down: an hour back, two rotations, and the file that it knew compressed away.
    behind = 3_600_000;
    renameSync(file, `${file}.2`);
    writeFileSync(`${file}.1`, at(0) + at(0));
    writeFileSync(file, at(0));
    app = await start();
    await counts(app, 4);
    behind = 7_200_000;
    appendFileSync(file, at(-60));
    await counts(app, 5);
  } finally {
    await app?.stop();
    home.remove();
  }
});
