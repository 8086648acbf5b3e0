/** Falco's own totals: ours grow by their differences, through its restarts and reloads, and never fall. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Framing } from '../../src/event/framing/framing.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { loadedFiles } from '../../src/ledger/falco.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { ledgerState, restore, stateOf } from '../../src/ledger/state.ts';

const SECOND = 1e9;
const EPOCH = 1_795_443_415 * SECOND;

interface Said {
  host?: string;
  /** Seconds after the epoch of the tests. */
  start?: number;
  reload?: number | null;
  time?: number;
  fields?: Record<string, unknown>;
}

function falco(
  ledger = new Ledger({ services: new ServiceResolver({ mappings: [] }), extraLabels: [], seriesLimit: 100 }),
) {
  const scanner = new PlainScanner(ledger.wanted, 1 << 20);
  let clock = 100;
  const count = (text: string) => {
    const { payload } = new Framing(1 << 20).push(Buffer.from(text), 0);
    ledger.count(scanner.scan(payload), payload, scanner);
  };
  return {
    ledger,
    count,
    event: (rule: string) => count(`${JSON.stringify({ rule, priority: 'Error', source: 'syscall' })}\n`),
    says({ host = 'h', start = 0, reload = start, time = clock++, fields = {} }: Said) {
      const output_fields = {
        'evt.time': EPOCH + time * SECOND,
        'falco.start_ts': EPOCH + start * SECOND,
        ...(reload !== null && { 'falco.reload_ts': EPOCH + reload * SECOND }),
        'falco.version': '0.44.1',
        ...fields,
      };
      const rule = 'Falco internal: metrics snapshot';
      count(
        `${JSON.stringify({ hostname: host, rule, priority: 'Informational', source: 'internal', output_fields })}\n`,
      );
    },
    /** Counters of Falco's that are not 0, by their labels. */
    counts: () => {
      const { kernelEvents, kernelDrops, outputDrops, matches } = ledger.families;
      const found = [kernelEvents, kernelDrops, outputDrops, matches].flatMap((family) =>
        [...family.all()].map(
          ({ labels, count: value }) => [[family.name, ...labels].join('/'), value] as const,
        ),
      );
      return Object.fromEntries(found.filter(([, value]) => value > 0));
    },
  };
}
const drops = (n: unknown) => ({ 'falco.outputs_queue_num_drops': n });
const DROPS = 'falco_output_events_dropped_total';

test('the first snapshot is where counting begins, the next ones are differences', () => {
  const { says, counts } = falco();
  says({ fields: drops(5000) });
  assert.deepEqual(counts(), {});
  says({ fields: drops(5003) });
  says({ fields: drops(5003) });
  says({ fields: drops('5004') });
  assert.deepEqual(counts(), { [DROPS]: 4 });
});

test('after a start and after a reload all is news: both begin at 0', () => {
  const { says, counts } = falco();
  says({ fields: drops(10) });
  says({ start: 150, time: 160, fields: drops(3) });
  says({ start: 150, reload: 170, time: 180, fields: drops(20) });
  says({ start: 150, reload: 170, time: 190, fields: drops(21) });
  assert.deepEqual(counts(), { [DROPS]: 24 });
});

test('a container of Falco that is made anew has another name, and all it says is news', () => {
  const { says, counts } = falco();
  says({ host: 'a', fields: drops(10) });
  says({ host: 'b', start: 150, time: 160, fields: drops(3) });
  says({ host: 'c', start: 20, time: 170, fields: drops(1000) });
  assert.deepEqual(counts(), { [DROPS]: 3 }, 'c ran before anything was heard of');
});

test('before Falco 0.41 a reload shows by totals that fall', () => {
  const { says, counts } = falco();
  const fields = (n: number, events: number) => ({ ...drops(n), 'scap.n_evts': events });
  const old = { start: 0, reload: null };
  says({ ...old, fields: fields(10, 500) });
  says({ ...old, fields: fields(12, 900) });
  says({ ...old, fields: fields(1, 20) });
  assert.deepEqual(counts(), { [DROPS]: 3, falco_kernel_events_total: 420 });
});

test('what has no reason of its own falls where one is found: that is no reload', () => {
  const { says, counts } = falco();
  const fields = (named: number, events: number) => ({
    'scap.n_evts': events,
    'scap.n_drops': 10,
    'scap.n_drops_buffer_total': named,
  });
  says({ reload: null, fields: fields(0, 1000) });
  says({ reload: null, fields: fields(1, 1005) });
  assert.equal(counts().falco_kernel_events_total, 5);
});

test('since 0.41 a lower total was only printed late: it counts nothing, and nothing twice', () => {
  const { says, counts } = falco();
  for (const n of [0, 10, 9, 11]) says({ fields: drops(n) });
  assert.deepEqual(counts(), { [DROPS]: 11 });
});

test('two Falcos in turn are each their own', () => {
  const { says, counts } = falco();
  for (const n of [0, 1, 2]) {
    says({ host: 'a', fields: drops(100 + n) });
    says({ host: 'a', start: 1, fields: drops(10 * n) });
    says({ host: 'b', fields: drops(n) });
  }
  assert.deepEqual(counts(), { [DROPS]: 2 + 20 + 2 });
});

test("the kernel's drops are told by reason and sum to n_drops; a rule goes by its own name", () => {
  const { says, counts, event } = falco();
  event('Redirect STDOUT/STDIN to Network (CVE-1)');
  const fields = {
    'scap.n_evts': 1000,
    'scap.n_drops': 10,
    'scap.n_drops_buffer_total': 6,
    'scap.n_drops_scratch_map': 1,
    'falco.rules.matches_total': 3,
    'falco.rules.Redirect_STDOUT_STDIN_to_Network_CVE_1': 2,
    'falco.rules.Never_seen': 1,
  };
  says({ fields: {} });
  says({ fields });
  assert.deepEqual(counts(), {
    falco_kernel_events_total: 1000,
    'falco_kernel_events_dropped_total/buffer': 6,
    'falco_kernel_events_dropped_total/scratch_map': 1,
    'falco_kernel_events_dropped_total/other': 3,
    'falco_rule_matches_total/Redirect STDOUT/STDIN to Network (CVE-1)': 2,
    'falco_rule_matches_total/Never_seen': 1,
  });
});

test('rules that Falco spells alike go by that spelling', () => {
  const { says, counts, event } = falco();
  event('A b');
  event('A-b');
  says({});
  says({ fields: { 'falco.rules.A_b': 2 } });
  assert.deepEqual(counts(), { 'falco_rule_matches_total/A_b': 2 });
});

test('a state restored goes on where it stood', () => {
  const before = falco();
  before.says({ fields: drops(10) });
  before.says({ fields: drops(12) });
  const state = ledgerState.parse(JSON.parse(JSON.stringify(stateOf(before.ledger))));
  const after = falco();
  restore(after.ledger, state);
  assert.deepEqual(stateOf(after.ledger), state);
  after.says({ time: 200, fields: drops(15) });
  after.says({ start: 210, time: 220, fields: drops(1) });
  assert.deepEqual(after.counts(), { [DROPS]: 2 + 3 + 1 });
});

test('which files are loaded: of each machine the last, and none of who speaks no more', () => {
  const { says, ledger } = falco();
  const files = (sha: string) => ({
    'falco.sha256_rules_file.rules_yaml': sha.repeat(64),
    'falco.sha256_config_file.falco_yaml': 'c'.repeat(64),
    'falco.sha256_rules_file.odd_yaml': 'no hash',
  });
  const loaded = () =>
    loadedFiles(ledger.falco.current(), 'rulesFiles')
      .map(({ file, sha256 }) => file + sha256[0])
      .sort();
  for (const time of [0, 60, 120]) {
    says({ host: 'a', time, fields: files('a') });
    says({ host: 'b', time, fields: files('b') });
  }
  assert.deepEqual(loaded(), ['rules_yamla', 'rules_yamlb']);
  says({ host: 'a', start: 170, time: 180, fields: files('d') });
  assert.deepEqual(loaded(), ['rules_yamlb', 'rules_yamld']);
  says({ host: 'a', start: 170, time: 400, fields: files('d') });
  assert.deepEqual(loaded(), ['rules_yamld']);
  assert.equal(loadedFiles(ledger.falco.current(), 'configFiles').length, 1);
});

test('a Falco with several sources of events prints several snapshots at once, and speaks all the same', () => {
  const { says, ledger } = falco();
  for (const time of [0, 0.01, 60, 60.01, 120, 120.01]) says({ host: 'a', time });
  says({ host: 'b', time: 200 });
  assert.deepEqual(
    ledger.falco
      .current()
      .map(({ host }) => host)
      .sort(),
    ['a', 'b'],
  );
});

test('a thousand Falcos are known; of more, the one that spoke longest ago is forgotten', () => {
  const { ledger, says } = falco();
  for (let host = 0; host < 1001; host++) {
    says({ host: `h${host}` });
    if (host === 999) assert.equal(ledger.falco.all().length, 1000);
  }
  const hosts = ledger.falco.all().map(({ host }) => host);
  assert.deepEqual([hosts.length, hosts[0], hosts.at(-1)], [1000, 'h1', 'h1000']);
});

test('hostile snapshots never throw, never make a counter fall, and are kept within bounds', () => {
  const odd = fc.oneof(
    fc.anything(),
    fc.integer(),
    fc.constant('1e400'),
    fc.constant(2 ** 60),
    fc.constant(-1),
  );
  const name = fc.constantFrom(
    'falco.outputs_queue_num_drops',
    'scap.n_drops',
    'scap.n_evts',
    'falco.start_ts',
    'falco.reload_ts',
    'evt.time',
    'falco.rules.__proto__',
    'falco.rules.',
    'falco.sha256_rules_file.x',
    '__proto__',
  );
  fc.assert(
    fc.property(fc.array(fc.record({ host: fc.string(), fields: fc.dictionary(name, odd) })), (all) => {
      const { says, ledger, counts } = falco();
      let before: Record<string, number> = {};
      for (const { host, fields } of all) {
        says({
          host,
          fields: JSON.parse(JSON.stringify(fields, (_, value) => (typeof value === 'bigint' ? 1 : value))),
        });
        const now = counts();
        for (const [series, value] of Object.entries(before)) assert.ok(now[series]! >= value, series);
        before = now;
      }
      ledgerState.parse(JSON.parse(JSON.stringify(stateOf(ledger))));
    }),
    { numRuns: 200 },
  );
  const { says, ledger } = falco();
  for (let n = 0; n < 1100; n++) says({ host: `${n}`, fields: { [`falco.rules.${n}`]: 1 } });
  assert.ok(ledger.falco.all().length <= 1000);
  const restless = falco();
  for (let n = 0; n < 50; n++) restless.says({ start: n });
  assert.equal(restless.ledger.falco.all().length, 4);
  const rules = Object.fromEntries(Array.from({ length: 6000 }, (_, n) => [`falco.rules.${n}`, 1]));
  restless.says({ start: 49, fields: rules });
  const { matches } = restless.ledger.families;
  assert.ok(matches.size <= 5001, String(matches.size));
  assert.equal(
    [...matches.all()].reduce((sum, { count }) => sum + count, 0),
    6000,
  );
});

for (const [name, most] of [
  ['falco-0.44.1/stdout.log', 69],
  ['falco-0.40.0/docker-json-file.log', 200],
] as const)
  test(`${name}: what a real Falco counted of each rule is never more than what was counted here`, () => {
    const { count, ledger } = falco();
    count(readFileSync(new URL(`../fixtures/falco/${name}`, import.meta.url), 'utf8'));
    let sum = 0;
    for (const { labels, count: matched } of ledger.families.matches.all()) {
      const ours = [...ledger.families.events.all()].filter((series) => series.labels[0] === labels[0]);
      assert.ok(matched <= ours.reduce((total, series) => total + series.count, 0), labels[0]);
      sum += matched;
    }
    assert.ok(sum > 60 && sum <= most, String(sum));
    assert.equal(ledger.falco.current().length, 1);
    assert.ok(loadedFiles(ledger.falco.current(), 'rulesFiles').length >= 2);
  });
