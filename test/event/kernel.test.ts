import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScanner } from '../../src/event/scan/create.ts';
import { canTell, KernelScanner, withKernel } from '../../src/event/scan/kernel.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { MAX_TUPLES, OUTCOME, type WantedField } from '../../src/event/scan/scanner.ts';
import { Pair } from './fuzz/difference.ts';

const MAX_LINE = 64 * 1024;
const WANTED: WantedField[] = [{ name: 'container.name' }, { name: 'container.id', only: 'host' }];
const kernel = withKernel((module) => module)!;

function scanner(wanted = WANTED, room = 1024 * 1024): KernelScanner {
  return new KernelScanner(kernel, wanted, MAX_LINE, room);
}

/** What one line means, once met and once remembered. */
function meaning(line: string | Buffer, scan = scanner()) {
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from('\n')]);
  const { lines, tuple, time } = scan.scan(Buffer.concat([bytes, bytes]));
  assert.equal(lines, 2);
  assert.equal(tuple[1], tuple[0]);
  return { tuple: tuple[0]! < 0 ? tuple[0] : scan.tuple(tuple[0]!), time: time[1]! };
}

const event = (more: string) => `{"rule":"R","priority":"P"${more}}`;

for (const [what, line] of Object.entries({
  'a raw control character in a string': event(',"a":"\u0001"'),
  'an escape that is none': event(',"a":"\\x"'),
  'half a \\u escape': event(',"a":"\\u12"'),
  'a comma before the end': event(','),
  'a comma too few': '{"rule":"R" "priority":"P"}',
  'a number with a leading zero': event(',"a":01'),
  'a number that ends in its point': event(',"a":1.'),
  'a word that is none': event(',"a":nul'),
  'brackets that do not fit': event(',"a":[1}'),
  'more after the end': `${event('')}x`,
  'a byte order mark inside': `{\ufeff${event('').slice(1)}`,
  'a rule that is none in its last key': event(',"rule":null'),
}))
  test(`malformed: ${what}`, () => assert.equal(meaning(line).tuple, OUTCOME.malformed));

for (const [what, line] of Object.entries({
  'blanks wherever they may be': ' \t{ "rule" : "R" ,\r"priority" : "P" } \r',
  'keys spelled with escapes': '{"\\u0072ule":"R","priorit\\u0079":"P"}',
  'values spelled with escapes': '{"rule":"\\u0052","priority":"\\u0050"}',
  'every form of number': event(',"a":[-0,0.5,1e9,-1.5E-3,1e999]'),
  'every escape': event(',"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00\\ud800"'),
  'empty containers': event(',"a":{},"b":[[],{}]'),
  'no output_fields that could answer': event(',"output_fields":[{"container.name":"x"}]'),
  'output_fields that were overwritten': event(',"output_fields":{"container.name":"x"},"output_fields":7'),
  'a field deeper than it should be': event(',"output_fields":{"a":{"container.name":"x"}}'),
}))
  test(`an event: ${what}`, () =>
    assert.deepEqual(meaning(line).tuple, { rule: 'R', priority: 'P', source: '', fields: [null, null] }));

test('internal, however it is spelled', () => {
  for (const source of ['internal', 'int\\u0065rnal'])
    assert.equal(meaning(event(`,"source":"${source}"`)).tuple, OUTCOME.internal);
});

test('what a field says, not how it is spelled, makes a tuple', () => {
  const scan = scanner();
  const fields = ['"web"', '"\\u0077eb"', 'null', '""', '"<NA>"', '5', '5.0', 'true', '{}'];
  const lines = fields.map((value) => event(`,"output_fields":{"container.name":${value}}`)).join('\n');
  const { tuple } = scan.scan(Buffer.from(`${lines}\n`));
  assert.deepEqual([...tuple.subarray(0, fields.length)], [0, 0, 1, 1, 1, 2, 2, 3, 1]);
});

test('of a field that is wanted for one value, all others are one tuple', () => {
  const scan = scanner();
  const ids = ['"host"', '"a1"', '"b2"', '"ho\\u0073t"', '"\\u0061"', '7'];
  const lines = ids.map((id) => event(`,"output_fields":{"container.id":${id}}`)).join('\n');
  const { tuple } = scan.scan(Buffer.from(`${lines}\n`));
  assert.deepEqual([...tuple.subarray(0, ids.length)], [0, 1, 1, 0, 1, 1]);
});

test('times to the bit', () => {
  const plain = new PlainScanner(WANTED, MAX_LINE);
  const times = [
    '2026-11-23T14:06:27.123456789Z',
    '1970-01-01t00:00:00z',
    '0099-01-01T00:00:00Z',
    '0100-03-01T00:00:00Z',
    '0001-02-29T23:59:60.1+0530',
    '2024-13-45T99:99:99.999999999999-99:99',
    '2026-11-23T14:06:27.Z',
    '2026-11-23 14:06:27Z',
    '2026-11-23T14:06:27',
    '\\u0032026-11-23T14:06:27Z',
  ];
  for (const text of times) {
    const line = event(`,"time":"${text}"`);
    assert.ok(Object.is(meaning(line).time, plain.scan(Buffer.from(line)).time[0]), text);
  }
});

test('a million brackets take no more than their bytes', () => {
  const depth = 1_000_000;
  const line = event(`,"a":${'['.repeat(depth)}${']'.repeat(depth)}`);
  const deep = new KernelScanner(kernel, WANTED, 4 * depth, 4 * depth);
  assert.equal(deep.scan(Buffer.from(`${line}\n`)).tuple[0], 0);
});

test('lines stand where the batch says, whether read in place or copied', () => {
  const scan = scanner();
  const text = Buffer.from(`x\n\n  ${event('')}\t\r\nEvents detected: 1`);
  const places = () => {
    const { lines, start, end } = scan.scan(text);
    return Array.from({ length: lines }, (_, line) => text.toString('utf8', start[line], end[line]));
  };
  assert.deepEqual(places(), ['x', event(''), 'Events detected: 1']);
  const inPlace = scan.buffer.subarray(7, 7 + text.length + 1);
  inPlace.set(text);
  inPlace[text.length] = 10;
  // What stands behind the lines is another line's beginning.
  scan.buffer.fill('"', 7 + text.length + 1);
  const { lines, start, end } = scan.scan(inPlace);
  assert.equal(lines, 3);
  assert.equal(inPlace.toString('utf8', start[1], end[1]), event(''));
});

for (const [what, second] of Object.entries({
  'where it means something else':
    '{"container.name":"a","priority":"P","output_fields":{"rule":"S"},"rule":"T"}',
  'that goes on': '{"rule":"R","priority":"P","output_fields":{"container.name2":"b","a":1}}',
  'that ends before': '{"rule":"R","priority":"P","output_fields":{"container.nam":"b","a":1}}',
  'with a blank before its colon': '{"rule" :"R","priority"\t: "P","output_fields" :{"container.name" :"b"}}',
  'spelled with an escape': '{"rule":"R","priority":"P","output_fields":{"container.n\\u0061me":"b"}}',
  'without its colon': '{"rule":"R","priority":"P","output_fields":{"container.name"}}',
  'whose quote does not close': '{"rule":"R","priority":"P","output_fields":{"container.name:"b"}}',
  'behind one as long as a block': '{"rule":"R","priority":"P","output_fields":{"fd.name.of.it":"b","a":1}}',
  'in an object of an array':
    '{"rule":"R","priority":"P","a":[{"rule":"S"}],"output_fields":{"container.name":"b"}}',
  'not at all': '{"rule":"R","priority":"P","output_fields":{}}',
}))
  test(`a key that was foreseen comes ${what}`, () => {
    const pair = new Pair(kernel, WANTED, MAX_LINE);
    const first = '{"rule":"R","priority":"P","output_fields":{"container.name":"a"}}';
    const lines = [first, second, first, second, second, first];
    assert.equal(pair.difference(Buffer.from(`${lines.join('\n')}\n`)), undefined);
  });

test('more keys than are kept, and longer ones, mean the same', () => {
  const pair = new Pair(kernel, WANTED, MAX_LINE);
  const fields = (number: number) =>
    `{"rule":"R","priority":"P","output_fields":{"${'k'.repeat(number % 120)}${number}":"x","container.name":"c${number % 7}"}}`;
  const lines = Array.from({ length: 3000 }, (_, number) => fields((number * 7) % 1500));
  assert.equal(pair.difference(Buffer.from(`${lines.join('\n')}\n`)), undefined);
});

test('more bytes, or more lines, than there is room for mean the same', () => {
  const pair = new Pair(kernel, WANTED, MAX_LINE, 4096);
  for (const bytes of [
    `${event(`,"a":"${'a'.repeat(5000)}"`)}\n${event('')}\n`,
    'x\n'.repeat(2000),
    event(''),
  ])
    assert.equal(pair.difference(Buffer.from(bytes)), undefined);
});

test('tuples beyond the bound begin anew, in the kernel too', () => {
  const pair = new Pair(kernel, WANTED, MAX_LINE);
  const named = (number: number) => event(`,"output_fields":{"container.name":"container-${number}"}`);
  for (let batch = 0; batch < 10; batch++) {
    const lines = Array.from({ length: MAX_TUPLES / 8 }, (_, line) => named(batch * 8000 + line));
    assert.equal(pair.difference(Buffer.from(`${lines.join('\n')}\n`)), undefined);
  }
  assert.ok(pair.kernel.generation > 0);
});

test('answers too long to be remembered are asked each time', () => {
  const pair = new Pair(kernel, WANTED, MAX_LINE);
  const line = event(`,"output_fields":{"container.name":"${'x'.repeat(10_000)}"}`);
  for (let times = 0; times < 3; times++)
    assert.equal(pair.difference(Buffer.from(`${line}\n${line}\n`)), undefined);
});

test('names that look like what bytes are replaced with are left to the plain scanner', () => {
  assert.equal(canTell(WANTED), true);
  for (const name of ['\ufffd', '\ud800']) {
    assert.equal(canTell([{ name }]), false);
    assert.ok(createScanner([{ name }], MAX_LINE) instanceof PlainScanner);
  }
  assert.ok(createScanner(WANTED, MAX_LINE) instanceof KernelScanner);
});

test('long names fill the memory for tuples: it is made free, so that lines are not read with JSON.parse ever after', (t) => {
  const scan = scanner();
  const lines = (from: number) =>
    Buffer.from(
      Array.from(
        { length: 100 },
        (_, n) => `{"rule":"${from + n}${'x'.repeat(4000)}","priority":"P"}\n`,
      ).join(''),
    );
  for (let from = 0; from < 3000; from += 100) scan.scan(lines(from));
  scan.scan(lines(3000));
  const parse = t.mock.method(JSON, 'parse');
  scan.scan(lines(3000));
  assert.equal(parse.mock.callCount(), 0);
});
