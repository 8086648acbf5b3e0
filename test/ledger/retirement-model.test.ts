/**
 * Pods come and go through a limit, scrapers come and go, the process is killed at each step of an answer: the series
 * never reach the limit, and what each scraper adds up is what was counted. Random sequences of commands.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Retirement } from '../../src/ledger/retirement.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { type LedgerState, restore, seriesInOrder, stateOf } from '../../src/ledger/state.ts';
import { restoreViews, viewsState } from '../../src/ledger/views/state.ts';
import { Views } from '../../src/ledger/views/views.ts';

const RUNS = Number(process.env.RETIREMENT_RUNS ?? 100);
const HOLD = 30_000;
/** Where room is scarce, who is away for an hour is waited for no longer. */
const LONGEST_AWAY = 3_000_000;

/** Where a kill comes in the making of an answer. */
const KILLS = ['before the snapshot', 'after the snapshot', 'after the answer'] as const;
type Kill = (typeof KILLS)[number];

interface Disk {
  read: number;
  state: LedgerState;
}

/** An exporter over a log that is kept, whose snapshot is written before each answer. */
class Exporter {
  now = 1_000_000;
  ledger!: Ledger;
  views!: Views;
  #retirement!: Retirement;
  #scanner!: PlainScanner;
  readonly #limit: number;
  readonly #retention: number;
  /** The file: what was written, and up to where it is counted. */
  readonly lines: string[] = [];
  #read = 0;
  #disk: Disk | undefined;
  #started = 0;
  most = 0;

  constructor(limit: number, retention: number) {
    this.#limit = limit;
    this.#retention = retention;
    this.#start();
  }

  #start(): void {
    this.now += 10;
    this.#started = this.now - 5;
    const clock = { now: () => 1_700_000_000_000 + this.now, monotonic: () => this.now - this.#started };
    const services = new ServiceResolver({ mappings: [], field: 'pod' });
    this.ledger = new Ledger({ services, extraLabels: [], seriesLimit: this.#limit });
    this.#scanner = new PlainScanner(this.ledger.wanted, 65_536);
    const { series } = this.ledger.families;
    this.views = new Views({ series, hold: HOLD, clock, crowded: () => undefined });
    this.#read = 0;
    if (this.#disk === undefined) this.ledger.endBaseline();
    else {
      const { read, state } = JSON.parse(JSON.stringify(this.#disk)) as Disk;
      restoreViews(this.views, state.views!, restore(this.ledger, state), HOLD, clock);
      this.#read = read;
    }
    this.#retirement = new Retirement({
      ledger: this.ledger,
      views: this.views,
      clock,
      retention: this.#retention,
    });
    this.ledger.expect([
      { name: 'known', priority: 'error', enabled: true, source: 'syscall', containers: [] },
    ]);
    this.read();
  }

  write(pod: string, priority: string): void {
    const time = new Date(1_700_000_000_000 + this.now).toISOString();
    this.lines.push(JSON.stringify({ rule: 'known', priority, time, output_fields: { pod } }));
  }

  read(): void {
    const text = this.lines.slice(this.#read).join('\n');
    this.#read = this.lines.length;
    if (text !== '') {
      const bytes = Buffer.from(`${text}\n`);
      this.ledger.count(this.#scanner.scan(bytes), bytes, this.#scanner);
    }
    this.most = Math.max(this.most, this.ledger.families.events.size);
  }

  restart(): void {
    this.#start();
  }

  /** @returns the answer, or undefined where the kill came before it was given */
  scrape(address: string, on: { destroyed: boolean }, kill?: Kill): Map<string, number> | undefined {
    this.read();
    const who = { group: '', address, agent: 'Prometheus/3.0.0' };
    const { view } = this.views.scrape(who, on);
    this.#retirement.sweep();
    const answer = new Map(
      [...this.ledger.families.events.all(), ...this.ledger.families.retired.all()].map((series) => [
        name(series.labels),
        view.shown(series.index),
      ]),
    );
    const { series } = this.ledger.families;
    // One assertion, as there are millions of them.
    const wrong = series.findIndex((each, index) => each.index !== index || view.shown(index) > each.count);
    assert.equal(wrong, -1, 'its number is wrong, or more is shown than was counted');
    const views = viewsState(this.views, seriesInOrder(this.ledger), {
      now: () => 1_700_000_000_000 + this.now,
      monotonic: () => this.now - this.#started,
    });
    if (kill === 'before the snapshot') {
      this.restart();
      return undefined;
    }
    this.#disk = { read: this.#read, state: stateOf(this.ledger, views) };
    if (kill) this.restart();
    return kill === 'after the snapshot' ? undefined : answer;
  }

  get overflow(): number {
    return this.ledger.families.overflow.series([]).count;
  }
}

/** Labels as one text, made once for each series. */
const names = new WeakMap<readonly string[], string>();
function name(labels: readonly string[]): string {
  const known = names.get(labels) ?? labels.join(' ');
  names.set(labels, known);
  return known;
}

/** A Prometheus: adds up what each series grew by, with falls as resets. */
class Prometheus {
  readonly #address: string;
  readonly interval: number;
  due: number;
  #connection = { destroyed: false };
  #lostLast = false;
  #away = false;
  #left = 0;
  readonly #last = new Map<string, number>();
  /** By priority. */
  readonly increments = new Map<string, number>();
  total = 0;

  constructor(address: string, interval: number, phase: number) {
    this.#address = address;
    this.interval = interval;
    this.due = 1_000_000 + phase;
  }

  scrape(exporter: Exporter, { kill, lose = false }: { kill?: Kill | undefined; lose?: boolean } = {}): void {
    this.due += this.interval;
    if (this.#away && exporter.now - this.#left > LONGEST_AWAY) this.comeBack();
    if (this.#away) return;
    const lost = lose && !this.#lostLast;
    const answer = exporter.scrape(this.#address, this.#connection, kill);
    this.#lostLast = lost || !answer;
    if (!answer || lost) return;
    let total = 0;
    for (const [series, value] of answer) {
      total += value;
      const labels = series.split(' ');
      if (labels.length === 1) continue;
      const before = this.#last.get(series);
      if (before === undefined && value !== 0) assert.equal(value, 0, `${series} is born at ${value}`);
      const grown = value < (before ?? 0) ? value : value - (before ?? 0);
      this.increments.set(labels[2]!, (this.increments.get(labels[2]!) ?? 0) + grown);
      this.#last.set(series, value);
    }
    assert.ok(total >= this.total, 'the sum of all series and of what retired falls');
    this.total = total;
  }

  leave({ now }: Exporter): void {
    if (this.#lostLast || this.#away) return;
    this.#away = true;
    this.#left = now;
  }

  comeBack(): void {
    this.#away = false;
    this.#connection = { destroyed: false };
  }
}

interface Real {
  exporter: Exporter;
  servers: Prometheus[];
}
type Command = fc.Command<object, Real>;

const command = (name: string, run: (real: Real) => void): Command => ({
  check: () => true,
  run: (_, real) => run(real),
  toString: () => name,
});

/** Time passes, and servers scrape as they do. */
function pass(
  { exporter, servers }: Real,
  milliseconds: number,
  how: Parameters<Prometheus['scrape']>[1] = {},
): void {
  const end = exporter.now + milliseconds;
  let next = how;
  for (;;) {
    const first = [...servers].sort((a, b) => a.due - b.due)[0]!;
    if (first.due > end) break;
    exporter.now = Math.max(exporter.now, first.due);
    first.scrape(exporter, next);
    next = {};
  }
  exporter.now = Math.max(exporter.now, end);
}

const PRIORITIES = ['error', 'notice'];
const write = fc
  .record({
    pod: fc.nat(60),
    priority: fc.constantFrom(...PRIORITIES),
    events: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ pod, priority, events }) =>
    command(`write ${events} ${pod} ${priority}`, ({ exporter }) => {
      for (let n = 0; n < events; n++) exporter.write(`pod-${pod}`, priority);
    }),
  );
const read = fc.constant(command('read', ({ exporter }) => exporter.read()));
const wait = fc
  .oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 1_200_000 }))
  .map((time) => command(`wait ${time}`, (real) => pass(real, time)));
const kill = fc
  .constantFrom(...KILLS)
  .map((at) => command(`kill ${at}`, (real) => pass(real, 15_000, { kill: at })));
const killNow = fc.constant(command('kill', ({ exporter }) => exporter.restart()));
const lose = fc.constant(command('lose', (real) => pass(real, 15_000, { lose: true })));
const leave = fc
  .nat(1)
  .map((n) => command(`leave ${n}`, ({ servers, exporter }) => servers[n]!.leave(exporter)));
const comeBack = fc.nat(1).map((n) => command(`come back ${n}`, ({ servers }) => servers[n]!.comeBack()));

function exact(real: Real): void {
  for (const server of real.servers) server.comeBack();
  // The hold after an absence, twice over.
  pass(real, 800_000);
  const truth = new Map<string, number>();
  for (const line of real.exporter.lines) {
    const { priority } = JSON.parse(line) as { priority: string };
    truth.set(priority, (truth.get(priority) ?? 0) + 1);
  }
  for (const [index, { increments, total }] of real.servers.entries()) {
    assert.equal(total, real.exporter.lines.length, `server ${index}: the sum`);
    for (const [priority, events] of truth)
      assert.equal(increments.get(priority), events, `server ${index}: ${priority}`);
  }
}

test('two servers with different views, one away for less than is waited for, and kills at each step', () => {
  fc.assert(
    fc.property(
      fc.commands([write, write, write, read, wait, wait, kill, killNow, lose, leave, comeBack], {
        maxCommands: 80,
        size: 'large',
      }),
      (run) => {
        const exporter = new Exporter(100, 600_000);
        const servers = [new Prometheus('10.0.0.1', 15_000, 0), new Prometheus('10.0.0.2', 60_000, 7000)];
        const real = { exporter, servers };
        pass(real, 400_000);
        fc.modelRun(() => ({ model: {}, real }), run);
        exact(real);
      },
    ),
    { numRuns: RUNS },
  );
});

test('100,000 pods through a limit of 2,000, with kills: never above it, no overflow, each event once', () => {
  const exporter = new Exporter(2000, 86_400_000);
  const servers = [new Prometheus('10.0.0.1', 15_000, 0), new Prometheus('10.0.0.2', 15_000, 6000)];
  const real = { exporter, servers };
  pass(real, 400_000);
  // Some pods go on and on, among them some that speak seldom and so retire and come again.
  for (let pod = 0; pod < 100_000; pod++) {
    exporter.write(`pod-${pod}`, PRIORITIES[pod % 2]!);
    if (pod % 3 === 0) exporter.write(`pod-${pod % 90}`, 'error');
    if (pod % 500 === 0) exporter.write(`seldom-${pod % 7000}`, 'notice');
    if (pod % 40 === 39) pass(real, 15_000, { kill: pod % 4000 === 39 ? KILLS[pod % 3] : undefined });
    if (pod % 9000 === 0) exporter.restart();
  }
  exact(real);
  assert.ok(exporter.most <= 2000, `${exporter.most} series`);
  assert.equal(exporter.overflow, 0);
});
