import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScanner } from '../../src/event/scan/create.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import type { ExtraLabel } from '../../src/ledger/labels.ts';
import { type KnownRule, Ledger } from '../../src/ledger/ledger.ts';
import { Family, labelValue } from '../../src/ledger/series.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { ledgerState, restore, stateOf } from '../../src/ledger/state.ts';

interface Event {
  rule: string;
  container?: string;
  priority?: string;
  pod?: string;
}

function counter(options: { seriesLimit?: number; extraLabels?: ExtraLabel[] } = {}) {
  const services = new ServiceResolver({ mappings: [] });
  const ledger = new Ledger({ services, extraLabels: [], seriesLimit: 100, ...options });
  const scanner = new PlainScanner(ledger.wanted, 1 << 20);
  return {
    ledger,
    count(...events: Event[]) {
      const lines = events.map(({ rule, container, priority = 'Warning', pod }) =>
        JSON.stringify({
          rule,
          priority,
          output_fields: { 'container.name': container, 'k8s.pod.name': pod },
        }),
      );
      const bytes = Buffer.from(lines.join('\n'));
      ledger.count(scanner.scan(bytes), bytes, scanner);
    },
    /** Counts of series that are not at 0, by their labels joined. */
    counts() {
      const found = [...ledger.families.events.all()].filter(({ count }) => count > 0);
      return Object.fromEntries(found.map(({ labels, count }) => [labels.join('/'), count]));
    },
    zeros() {
      const found = [...ledger.families.events.all()].filter(({ count }) => count === 0);
      return found
        .map(({ labels }) => labels.join('/'))
        .filter((labels) => !labels.startsWith('__overflow__'));
    },
  };
}
const rule = (name: string, containers: string[], enabled = true): KnownRule => ({
  name,
  priority: 'error',
  enabled,
  source: 'syscall',
  containers,
});

test('rules are at 0 before they fire, for each service that their condition names and no other', () => {
  const { ledger, zeros, count, counts } = counter();
  ledger.expect([rule('A', ['web']), rule('B', ['web', 'db']), rule('C', []), rule('D', ['web'], false)]);
  assert.deepEqual(zeros(), ['A/web/error', 'B/web/error', 'B/db/error']);
  count({ rule: 'A', container: 'web', priority: 'Error' });
  assert.deepEqual(counts(), { 'A/web/error': 1 });
});

test('a rule that is gone keeps its counts, and a new one appears at 0', () => {
  const { ledger, zeros, count, counts } = counter();
  ledger.expect([rule('A', ['web'])]);
  count({ rule: 'A', container: 'web', priority: 'Error' });
  ledger.expect([rule('B', ['web'])]);
  assert.deepEqual([counts(), zeros()], [{ 'A/web/error': 1 }, ['B/web/error']]);
});

test('beyond the limit: the rule stays where the catalogue has it, the priority is always true', () => {
  const { ledger, count, counts } = counter({ seriesLimit: 20 });
  ledger.expect([rule('Known', ['web'])]);
  for (let index = 0; index < 100; index++) count({ rule: `Hostile ${index}`, container: 'x' });
  count(
    { rule: 'Known', container: 'other', priority: 'Critical' },
    { rule: 'Known', container: 'web', priority: 'Error' },
  );
  count({ rule: 'Strange', container: 'x', priority: 'Madness' });
  const found = counts();
  assert.ok(ledger.families.events.size <= 20 + 2);
  assert.equal(found['Known/__overflow__/critical'], 1);
  assert.equal(found['Known/web/error'], 1);
  assert.equal(found['__overflow__/__overflow__/__overflow__'], 1);
  const warnings = Object.entries(found).filter(([labels]) => labels.endsWith('/warning'));
  assert.equal(
    warnings.reduce((sum, [, events]) => sum + events, 0),
    100,
  );
  const overflow = ledger.families.overflow.series([]).count;
  assert.equal(overflow, found['__overflow__/__overflow__/warning']! + 2);
});

test('an unknown priority is counted under its word in lower case', () => {
  const { count, counts } = counter();
  count({ rule: 'A', container: 'web', priority: 'URGENT' });
  assert.deepEqual(counts(), { 'A/web/urgent': 1 });
});

test('labels of the configuration are read from output fields; no answer is no label', () => {
  const { count, counts } = counter({ extraLabels: [{ label: 'pod', field: 'k8s.pod.name' }] });
  count({ rule: 'A', container: 'web', pod: 'web-0' }, { rule: 'A', container: 'web' });
  assert.deepEqual(counts(), { 'A/web/warning/web-0': 1, 'A/web/warning/': 1 });
});

test('labels take keys of the event itself, its rule, priority and source, and fixed texts', () => {
  const extraLabels = [
    { label: 'node', field: 'hostname' },
    { label: 'from', field: 'source' },
    { label: 'level', field: 'priority' },
    { label: 'cluster', text: 'eu-1' },
    { label: 'pod', field: 'k8s.pod.name' },
  ];
  const { ledger, counts } = counter({ extraLabels });
  const scanner = createScanner(ledger.wanted, 1 << 20);
  const bytes = Buffer.from(
    [
      { rule: 'A', priority: 'Error', source: 'okta', hostname: 'n1', output_fields: { hostname: 'own' } },
      { rule: 'A', priority: 'Error', source: 'okta', hostname: 'n1', output_fields: {} },
      { rule: 'A', priority: 'Error', source: 'okta', output_fields: {}, hostname: 'n1' },
      { rule: 'A', priority: 'Error' },
      { rule: 'A', priority: 'Error', hostname: ['n1'], 'k8s.pod.name': 'relayed' },
    ]
      .map((event) => JSON.stringify(event))
      .join('\n'),
  );
  ledger.count(scanner.scan(bytes), bytes, scanner);
  assert.deepEqual(counts(), {
    'A/okta/error/own/okta/error/eu-1/': 1,
    'A/okta/error/n1/okta/error/eu-1/': 2,
    'A/unknown/error///error/eu-1/': 1,
    'A/unknown/error///error/eu-1/relayed': 1,
  });
});

test('rules are at 0 with labels that are known beforehand, and with no others', () => {
  const known = counter({
    extraLabels: [
      { label: 'cluster', text: 'eu-1' },
      { label: 'from', field: 'source' },
    ],
  });
  known.ledger.expect([rule('A', ['web']), { ...rule('B', []), source: 'okta' }]);
  assert.deepEqual(known.zeros(), ['A/web/error/eu-1/syscall', 'B/okta/error/eu-1/okta']);
  const unknown = counter({ extraLabels: [{ label: 'node', field: 'hostname' }] });
  unknown.ledger.expect([rule('A', ['web'])]);
  assert.deepEqual(unknown.zeros(), []);
});

test('a field that no event of a thousand had is told once, and none that one had', () => {
  const { ledger, count } = counter({
    extraLabels: [
      { label: 'pod', field: 'k8s.pod.name' },
      { label: 'node', field: 'hostnam' },
      { label: 'from', field: 'source' },
    ],
  });
  const told: string[][] = [];
  for (let batch = 0; batch < 30; batch++) {
    count(...Array.from({ length: 100 }, () => ({ rule: 'A', ...(batch === 3 ? { pod: 'web-0' } : {}) })));
    told.push(ledger.takeAbsentFields());
  }
  assert.deepEqual(
    told.map((fields) => fields.length > 0),
    told.map((_, batch) => batch === 9),
  );
  assert.deepEqual(told[9], ['hostnam']);
});

test('names of internal events are bounded: those beyond a hundred are counted together', () => {
  const { ledger } = counter();
  const scanner = new PlainScanner(ledger.wanted, 1 << 20);
  const lines = Array.from({ length: 150 }, (_, i) =>
    JSON.stringify({ rule: `Falco internal: made up ${i}`, priority: 'Debug', source: 'internal' }),
  );
  const bytes = Buffer.from([...lines, ...lines].join('\n'));
  const before = ledger.families.internal.size;
  ledger.count(scanner.scan(bytes), bytes, scanner);
  const series = [...ledger.families.internal.all()];
  assert.equal(series.length, 101);
  const own = 100 - before;
  assert.equal(series.find(({ labels }) => labels[0] === '__overflow__')?.count, 2 * (150 - own));
  assert.equal(series.find(({ labels }) => labels[0] === 'made up 7')?.count, 2);
});

test('a state restored is the state that was, also where the labels have changed since', () => {
  const before = counter({ extraLabels: [{ label: 'pod', field: 'k8s.pod.name' }] });
  before.count({ rule: 'A', container: 'web', pod: 'web-0' }, { rule: 'A', container: 'web', pod: 'web-1' });
  const state = JSON.parse(JSON.stringify(stateOf(before.ledger)));
  const same = counter({ extraLabels: [{ label: 'pod', field: 'k8s.pod.name' }] });
  restore(same.ledger, state);
  assert.deepEqual(same.counts(), before.counts());
  assert.deepEqual(stateOf(same.ledger), state);
  const fewer = counter();
  restore(fewer.ledger, state);
  assert.deepEqual(fewer.counts(), { 'A/web/warning': 2 });
});

test('what ends a line for somebody is spelled out in a label, and different texts stay different', () => {
  const unsafe = [
    '\r',
    '\f',
    '\v',
    '\u001b',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u202e',
    '\t',
    '\u007f',
    '\u061c',
  ];
  const values = unsafe.flatMap((one) => [labelValue(one), labelValue(labelValue(one))]);
  for (const value of values) assert.match(value, /^[\x20-\x7e]+$/);
  assert.equal(values[0], '\\u000d');
  assert.equal(new Set(values).size, values.length);
  assert.equal(labelValue('C:\\users\\udp'), 'C:\\users\\udp');
});

test('two series of an earlier build that are one now are restored as one, with both counts', () => {
  const { ledger, count, counts } = counter();
  const labels = ['rule', 'service', 'priority'];
  const series: [string[], number, number][] = [
    [['a\rb', 'web', 'error'], 3, 3],
    [['a\\u000db', 'web', 'error'], 2, 1],
  ];
  restore(ledger, { families: { falco_events_total: { labels, series } }, lastEvent: [['a\rb', 5]] });
  count({ rule: 'a\rb', container: 'web', priority: 'Error' });
  assert.deepEqual(counts(), { 'a\\u000db/web/error': 6 });
  assert.deepEqual([...ledger.lastEvent], [['a\\u000db', 5]]);
});

test("names of Falco's own events are bounded: what is beyond is __overflow__", () => {
  const { ledger } = counter();
  const line = (n: number) =>
    `${JSON.stringify({ rule: `Falco internal: ${n}`, priority: 'Debug', source: 'internal' })}\n`;
  const scanner = new PlainScanner(ledger.wanted, 1 << 20);
  const bytes = Buffer.from(Array.from({ length: 500 }, (_, n) => line(n)).join(''));
  ledger.count(scanner.scan(bytes), bytes, scanner);
  const { internal } = ledger.families;
  assert.ok(internal.size <= 101, String(internal.size));
  assert.equal(
    [...internal.all()].reduce((sum, { count }) => sum + count, 0),
    500,
  );
  assert.ok(internal.series(['__overflow__']).count > 300);
});

test('sums never grow beyond what a snapshot can hold', () => {
  const { ledger } = counter();
  const drop = JSON.stringify({
    rule: 'Falco internal: syscall event drop',
    priority: 'Debug',
    output_fields: { n_drops: String(Number.MAX_SAFE_INTEGER) },
  });
  const bytes = Buffer.from(`${drop}\n${drop}\n`);
  const scanner = new PlainScanner(ledger.wanted, 1 << 20);
  ledger.count(scanner.scan(bytes), bytes, scanner);
  assert.equal(ledger.families.drops.series(['other']).count, Number.MAX_SAFE_INTEGER);
  ledgerState.parse(stateOf(ledger));
});

test('label values are valid Unicode and bounded, and stay different where texts are', () => {
  assert.equal(labelValue('a"b\nc'), 'a"b\nc');
  assert.equal(labelValue('\ud800'), '\ufffd');
  const [one, other] = [labelValue(`${'x'.repeat(10_000)}1`), labelValue(`${'x'.repeat(10_000)}2`)];
  assert.equal(one.length, 512);
  assert.notEqual(one, other);
});

test('a family says that it changed when a series is born, and when one goes; not when one is asked for', () => {
  const family = new Family('x_total', 'x', ['rule'], { series: [], now: () => 0 });
  const changes = [family.changes];
  const series = family.series(['a']);
  changes.push(family.changes);
  family.series(['a']);
  changes.push(family.changes);
  family.remove(series);
  changes.push(family.changes);
  family.remove(series);
  changes.push(family.changes);
  assert.deepEqual(changes, [0, 1, 1, 2, 2]);
});
