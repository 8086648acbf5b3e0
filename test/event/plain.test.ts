/** What a line means. The plain scanner is the reference for every other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { MAX_TUPLES, OUTCOME, type WantedField } from '../../src/event/scan/scanner.ts';

const WANTED: WantedField[] = [{ name: 'container.name' }, { name: 'container.id', only: 'host' }];

function scan(text: string | Buffer, maxLine = 1 << 20) {
  const scanner = new PlainScanner(WANTED, maxLine);
  const { lines, tuple, time, start, end } = scanner.scan(Buffer.from(text));
  return Array.from({ length: lines }, (_, line) => ({
    outcome: tuple[line]! < 0 ? tuple[line] : scanner.tuple(tuple[line]!),
    time: time[line],
    start: start[line],
    end: end[line],
  }));
}
const outcomes = (text: string | Buffer) => scan(text).map(({ outcome }) => outcome);
const event = (fields: object) => ({ rule: 'R', priority: 'Warning', source: 'syscall', ...fields });
const tuple = (fields: (string | null)[]) => ({ rule: 'R', priority: 'Warning', source: 'syscall', fields });

test('an object with string rule and priority is an event, whatever else it holds', () => {
  assert.deepEqual(outcomes('{"rule":"R","priority":"P"}\n'), [
    { rule: 'R', priority: 'P', source: '', fields: [null, null] },
  ]);
});

for (const line of [
  '{"rule":"R"}',
  '{"priority":"P"}',
  '{"rule":1,"priority":"P"}',
  '{"rule":"R","priority":4}',
  '{"rule":null,"priority":"P"}',
  '{"rule":"R","priority":"P"',
  '{"rule":"R","priority":"P"}}',
  '{}',
  "{'rule':'R'}",
  '14:07:33.890134940: Warning Unexpected process in Dash container (user=root)',
  '2026-11-23T14:19:12.535442286+0000: Notice unknown container',
])
  test(`malformed: ${line}`, () => assert.deepEqual(outcomes(`${line}\n`), [OUTCOME.malformed]));

for (const line of [
  'Events detected: 3',
  '   WARNING: 3',
  '[1]',
  '42',
  '"text"',
  'null',
  '\u0000\u0000',
  '14:07:33: Warning x',
])
  test(`text: ${JSON.stringify(line)}`, () => assert.deepEqual(outcomes(`${line}\n`), [OUTCOME.text]));

test('blank lines count nowhere', () => {
  assert.deepEqual(outcomes('\n\r\n \t \n{"rule":"R","priority":"P"}\r\n\n').length, 1);
});

test('an internal event is no event of a rule', () => {
  assert.deepEqual(outcomes(JSON.stringify(event({ source: 'internal' }))), [OUTCOME.internal]);
});

test("an event without source is Falco's own where its rule says so, as before Falco 0.35", () => {
  const rule = 'Falco internal: syscall event drop';
  assert.deepEqual(outcomes(JSON.stringify({ rule, priority: 'Critical' })), [OUTCOME.internal]);
  assert.deepEqual(outcomes(JSON.stringify({ rule, priority: 'Critical', source: null })), [
    OUTCOME.internal,
  ]);
  assert.deepEqual(outcomes(JSON.stringify(event({ rule }))), [{ ...tuple([null, null]), rule }]);
});

test('a line over the limit is oversized and not looked into', () => {
  const line = JSON.stringify(event({}));
  assert.deepEqual(
    scan(`${line}\n`, line.length).map(({ outcome }) => outcome),
    [tuple([null, null])],
  );
  assert.deepEqual(
    scan(`${line}\n`, line.length - 1).map(({ outcome }) => outcome),
    [OUTCOME.oversized],
  );
});

test('null, "" and "<NA>" are no answer, and container.id is one only where it is "host"', () => {
  for (const nothing of [null, '', '<NA>', {}, []])
    assert.deepEqual(outcomes(JSON.stringify(event({ output_fields: { 'container.name': nothing } }))), [
      tuple([null, null]),
    ]);
  const fields = (id: string) =>
    JSON.stringify(event({ output_fields: { 'container.id': id, 'container.name': 7 } }));
  assert.deepEqual(outcomes(`${fields('host')}\n${fields('bc03df848453')}`), [
    tuple(['7', 'host']),
    tuple(['7', null]),
  ]);
});

test('of duplicate keys the last counts, and __proto__ is a key like any other', () => {
  assert.deepEqual(outcomes('{"rule":"a","rule":"R","priority":"Warning","source":"syscall"}'), [
    tuple([null, null]),
  ]);
  const proto = '{"__proto__":{"rule":"R","priority":"P"}}';
  assert.deepEqual(outcomes(proto), [OUTCOME.malformed]);
});

test('100,000 brackets are only a long line', () => {
  const deep = `{"rule":"R","priority":"Warning","source":"syscall","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  assert.deepEqual(outcomes(`${deep}\n${deep.slice(0, -1)}\n`), [tuple([null, null]), OUTCOME.malformed]);
});

test('invalid UTF-8 is replaced, as Falco itself does', () => {
  const line = Buffer.from(JSON.stringify(event({ rule: 'R?' })));
  line[line.indexOf('?')] = 0xff;
  assert.deepEqual(outcomes(line), [{ ...tuple([null, null]), rule: 'R\ufffd' }]);
});

test('the time is in milliseconds with its nanoseconds as fractions', () => {
  const at = (time: unknown) => scan(JSON.stringify(event({ time })))[0]!.time;
  assert.equal(at('2026-11-23T14:51:07.794147916Z'), Date.UTC(2026, 10, 23, 14, 51, 7) + 794.147916);
  assert.equal(at('2026-11-23T15:51:07+01:00'), Date.UTC(2026, 10, 23, 14, 51, 7));
  for (const none of ['', 'yesterday', 17, null, '2026-11-23']) assert.equal(at(none), Number.NaN);
});

test('lines stand where the batch says', () => {
  const text = Buffer.from(`  a\n\n${JSON.stringify(event({}))} \nlast`);
  const found = scan(text).map(({ start, end }) => text.toString('utf8', start, end));
  assert.deepEqual(found, ['a', JSON.stringify(event({})), 'last']);
});

test('the table of tuples is bounded: numbers begin anew with another generation', () => {
  const scanner = new PlainScanner(WANTED, 1 << 20);
  const lines = (from: number) =>
    Array.from({ length: 10_000 }, (_, index) => `{"rule":"${from + index}","priority":"P"}`).join('\n');
  let from = 0;
  for (; from < MAX_TUPLES; from += 10_000) scanner.scan(Buffer.from(lines(from)));
  assert.equal(scanner.generation, 0);
  const { tuple: tuples } = scanner.scan(Buffer.from('{"rule":"again","priority":"P"}'));
  assert.equal(scanner.generation, 1);
  assert.equal(scanner.tuple(tuples[0]!).rule, 'again');
});

test('the words of tuples are bounded, too: a few very long names begin the table anew', () => {
  const scanner = new PlainScanner(WANTED, 1 << 21);
  const line = (n: number) => Buffer.from(`{"rule":"${n}${'x'.repeat(1 << 20)}","priority":"P"}\n`);
  for (let n = 0; n < 17; n++) scanner.scan(line(n));
  assert.equal(scanner.generation, 1);
});

test('property: every object that JSON.parse takes, with string rule and priority, is an event; else malformed', () => {
  fc.assert(
    fc.property(fc.json(), fc.option(fc.string()), fc.option(fc.string()), (json, rule, priority) => {
      const words = `"rule":${JSON.stringify(rule)},"priority":${JSON.stringify(priority)}`;
      const [outcome] = outcomes(`{"other":${json},${words}}`);
      assert.equal(outcome === OUTCOME.malformed, rule === null || priority === null);
    }),
  );
});
