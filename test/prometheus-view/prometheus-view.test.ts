/**
 * What real Prometheus servers make of it, once a second with a hold of 5 s: each event is an increase, once, and no
 * counter falls, whatever is killed or away. All cases run side by side.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import { App } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log/log.ts';
import { Exporter, pause, temporary } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { Gate, Prometheus } from './prometheus.ts';

const CASES = ['first', 'down', 'newborn', 'starts', 'away', 'lost', 'two', 'old'] as const;
type Case = (typeof CASES)[number];

const directory = temporary();
const gates = {} as Record<Case, Gate>;
let servers: Prometheus[] = [];
const exporters: Exporter[] = [];

/** A file for one case, and what counts it. */
class Counted {
  readonly file: string;
  readonly #args: string[];
  readonly #gate: Gate;
  exporter: Exporter | undefined;

  constructor(name: Case) {
    const home = join(directory.path, name);
    mkdirSync(home);
    this.file = join(home, 'events.json');
    this.#args = [`--input.file=${this.file}`, `--state.dir=${join(home, 'state')}`, '--web.hold=5s'];
    this.#gate = gates[name];
  }

  get args(): readonly string[] {
    return this.#args;
  }

  write(rule: string, count: number): void {
    for (let n = 0; n < count; n++) appendFileSync(this.file, line(rule));
  }

  async start(): Promise<void> {
    this.exporter = await Exporter.start([...this.#args]);
    exporters.push(this.exporter);
    this.#gate.target = this.exporter.port;
  }

  async kill(): Promise<void> {
    await this.exporter!.end('SIGKILL');
  }

  /** Waits until it has counted so many events of a rule; anyone but Prometheus sees that at once. */
  async counts(rule: string, count: number): Promise<void> {
    await this.exporter!.until((found) => found.get(sample(rule)) === count);
  }
}

const line = (rule: string) =>
  `${JSON.stringify({
    time: '2026-11-23T14:11:55.137513955Z',
    rule,
    priority: 'Error',
    source: 'syscall',
    output_fields: { 'container.name': 'web' },
  })}\n`;
const sample = (rule: string) => `falco_events_total{rule="${rule}",service="web",priority="error"}`;

async function expectIncrease(
  job: string,
  rule: string,
  events: number,
  server = servers[0]!,
): Promise<number[]> {
  const samples = await server.until(job, rule, events);
  assert.equal(samples[0], 0, `${job}: born at ${samples[0]}`);
  assert.equal(await server.increase(job, rule), events);
  assert.equal(await server.falls(job), 0);
  return samples;
}

describe('Prometheus', { concurrency: true, skip: without('prometheus'), timeout: 85_000 }, () => {
  before(async () => {
    for (const name of CASES) gates[name] = await Gate.open();
    const jobs = CASES.map((name) => ({ name: name as string, port: gates[name].port }));
    const two = { name: 'again', port: gates.two.port };
    servers = await Promise.all([
      Prometheus.start(directory.path, [...jobs, two]),
      Prometheus.start(directory.path, [{ name: 'two', port: gates.two.port }]),
    ]);
  });

  after(async () => {
    for (const exporter of exporters) exporter.process.kill('SIGKILL');
    for (const server of servers) await server.stop();
    for (const gate of Object.values(gates)) gate.close();
    directory.remove();
  });

  test('one first event of a rule that nobody knew', async () => {
    const counted = new Counted('first');
    await counted.start();
    await gates.first.pass(2);
    counted.write('unknown', 1);
    await expectIncrease('first', 'unknown', 1);
    await counted.kill();
  });

  test('a while down, with three events in the backlog', async () => {
    const counted = new Counted('down');
    await counted.start();
    await gates.down.pass(1);
    counted.write('known', 2);
    await expectIncrease('down', 'known', 2);
    await counted.kill();
    counted.write('known', 3);
    await pause(3000);
    await counted.start();
    const samples = await expectIncrease('down', 'known', 5);
    // The first one after the start shows what the last one before it did.
    assert.ok(samples.lastIndexOf(2) > samples.indexOf(2) + 1);
    await counted.kill();
  });

  test('a new series, and kill -9 before the next scrape', async () => {
    const counted = new Counted('newborn');
    await counted.start();
    await gates.newborn.pass(1);
    gates.newborn.mode = 'shut';
    counted.write('newborn', 1);
    await counted.counts('newborn', 1);
    await counted.kill();
    await counted.start();
    gates.newborn.mode = 'open';
    await expectIncrease('newborn', 'newborn', 1);
    await counted.kill();
  });

  test('two starts between two scrapes', async () => {
    const counted = new Counted('starts');
    await counted.start();
    await gates.starts.pass(1);
    counted.write('again', 1);
    await expectIncrease('starts', 'again', 1);
    gates.starts.mode = 'shut';
    for (let n = 0; n < 2; n++) {
      await counted.kill();
      counted.write('again', 2);
      await counted.start();
    }
    gates.starts.mode = 'open';
    await expectIncrease('starts', 'again', 5);
    await counted.kill();
  });

  test('Prometheus away for some minutes while events come', async () => {
    const counted = new Counted('away');
    let skipped = 0;
    const app = await App.start({
      config: loadConfig(flags([...counted.args, '--web.listen-address=127.0.0.1:0']), {}),
      // The minutes pass in the exporter's clock alone.
      clock: { now: () => Date.now(), monotonic: () => performance.now() + skipped },
      log: createLogger({ level: 'error', format: 'logfmt' }),
      build: { version: '0', revision: '0' },
      environment: {},
      stdin: new PassThrough(),
    });
    gates.away.target = app.addresses[0]!.port;
    await gates.away.pass(1);
    counted.write('away', 1);
    await expectIncrease('away', 'away', 1);
    gates.away.mode = 'shut';
    counted.write('away', 3);
    counted.write('away too', 2);
    await pause(1000);
    skipped = 5 * 60_000;
    const before = (await servers[0]!.samples('away', 'away')).length;
    gates.away.mode = 'open';
    const samples = await expectIncrease('away', 'away', 4);
    assert.equal(samples[before], 1, 'it finds what it saw last');
    await expectIncrease('away', 'away too', 2);
    await app.stop();
  });

  test('an answer that the scraper gave up on', async () => {
    const counted = new Counted('lost');
    await counted.start();
    await gates.lost.pass(1);
    gates.lost.mode = 'swallow';
    counted.write('lost', 1);
    await counted.counts('lost', 1);
    const { swallowed } = gates.lost;
    while (gates.lost.swallowed <= swallowed) await pause(5);
    gates.lost.mode = 'open';
    await expectIncrease('lost', 'lost', 1);
    await counted.kill();
  });

  test('two servers, and two jobs of one', async () => {
    const counted = new Counted('two');
    await counted.start();
    await gates.two.pass(3);
    counted.write('two', 1);
    await counted.counts('two', 1);
    await counted.kill();
    counted.write('two', 2);
    await counted.start();
    await Promise.all([
      expectIncrease('two', 'two', 3),
      expectIncrease('again', 'two', 3),
      expectIncrease('two', 'two', 3, servers[1]),
    ]);
    await counted.kill();
  });

  test('the very first start over a large file of old events is no increase', async () => {
    const counted = new Counted('old');
    const events = 400_000;
    const file = createWriteStream(counted.file);
    const chunk = line('old').repeat(1000);
    for (let n = 0; n < events / 1000; n++) if (!file.write(chunk)) await once(file, 'drain');
    file.end();
    await finished(file);
    await counted.start();
    const samples = await servers[0]!.until('old', 'old', events);
    await gates.old.pass(3);
    assert.ok(
      (await servers[0]!.samples('old', 'old')).every((value) => value === events),
      samples.join(' '),
    );
    assert.equal(await servers[0]!.increase('old', 'old'), 0);
    // And what comes now is one.
    counted.write('old', 1);
    await servers[0]!.until('old', 'old', events + 1);
    assert.equal(await servers[0]!.increase('old', 'old'), 1);
    assert.equal(await servers[0]!.falls('old'), 0);
    await counted.kill();
  });
});

function flags(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(args.map((arg) => arg.slice(2).split('=') as [string, string]));
}
