import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventJson, present, visible } from '../../../src/web/events/present.ts';

function event(line: string | undefined, time = 0) {
  return { id: 3, time, labels: ['Rule', 'web', 'error'], line };
}

test('an event as people see it', () => {
  const line = JSON.stringify({
    output: '14:57:49.824714003: Error A shell (user=root)',
    rule: 'Rule',
    priority: 'Error',
    hostname: 'shop-1',
    tags: ['a', 'b'],
    output_fields: { 'evt.time': 1, 'proc.cmdline': 'sh', 'proc.pid': 7, 'k8s.ns.name': null },
  });
  assert.deepEqual(present(event(line)), {
    id: 3,
    time: '1970-01-01T00:00:00.000Z',
    rule: 'Rule',
    service: 'web',
    priority: 'error',
    output: 'A shell (user=root)',
    fields: [
      ['hostname', 'shop-1'],
      ['tags', 'a, b'],
      ['evt.time', '1'],
      ['proc.cmdline', 'sh'],
      ['proc.pid', '7'],
    ],
    line,
  });
});

test('numbers have all their digits, and over the limit of series an event names its rule', () => {
  const line =
    '{"rule":"Shell","output_fields":{"a":1795446157593281317,"b":1.50,"c":"9007199254740993 \\"12345678901234567890\\"","d":{"e":1795446157593281317}}}';
  const { rule, fields } = present({
    id: 1,
    time: 0,
    labels: ['__overflow__', '__overflow__', 'error'],
    line,
  });
  assert.equal(rule, 'Shell');
  assert.deepEqual(fields, [
    ['a', '1795446157593281317'],
    ['b', '1.50'],
    ['c', '9007199254740993 "12345678901234567890"'],
    ['d', '{"e":"1795446157593281317"}'],
  ]);
});

test('what cannot be seen, turns the line or breaks it, is made visible', () => {
  assert.equal(
    visible('a\nb\tc\u001b[31m\u202ed\u200be\u0000\u2028\ufeff'),
    'a\\nb\\tc\\u001b[31m\\u202ed\\u200be\\u0000\\u2028\\ufeff',
  );
  assert.equal(visible('half \ud800 tag \u{e0041}'), 'half \\ud800 tag \\udb40\\udc41');
  assert.equal(visible('naïve 日本語 العربية 🦅'), 'naïve 日本語 العربية 🦅');
});

test('hostile lines: deep, wide, long, not what they should be', () => {
  const deep = `{"rule":"r","priority":"p","output_fields":{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
  assert.equal(typeof present(event(deep)).fields[0]![1], 'string');
  const wide = JSON.stringify({
    output_fields: Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`f${at}`, 'x'])),
  });
  assert.ok(present(event(wide)).fields.length <= 100);
  const long = present(event(JSON.stringify({ output: 'x'.repeat(60_000) })));
  assert.ok(long.output.length < 5000);
  for (const line of ['[]', 'null', '{', '{"output":{"a":1},"output_fields":[1,2]}', '{"__proto__":{"x":1}}'])
    assert.equal(present(event(line)).rule, 'Rule');
  assert.equal(present(event(undefined)).line, null);
  assert.equal(present(event('{}', 1e300)).time, null);
});

test('for programs the event is as it was read, all digits and on one line', () => {
  const json = eventJson(event('{"output_fields":{"evt.time":1795446157593751982},\r\n"rule":"R"}'));
  assert.ok(json.includes('"evt.time":1795446157593751982'));
  assert.ok(!/[\r\n]/.test(json));
  assert.equal(JSON.parse(json).event.rule, 'R');
  assert.equal(JSON.parse(eventJson(event(undefined))).event, null);
});
