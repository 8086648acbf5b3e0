import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, refusals } from '../../src/event/framing/refusal.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';

const MAX_LINE = 2000;

function told(text: string, most?: number) {
  const bytes = Buffer.from(text);
  return [...refusals(new PlainScanner([], MAX_LINE).scan(bytes), bytes, most)];
}
const kind = (line: string) => told(line)[0]?.kind;

for (const [line, wanted] of Object.entries({
  '14:07:33.890134940: Warning x': 'text',
  'falco  | 14:07:33.890134940: Warning x': 'text',
  'words {"rule":"R","priority":"P"}': 'behind',
  '[{"rule":"R","priority":"P"}]': 'list',
  '{"results":[{"rule":"R","priority":"P"}]}': 'list',
  'falco  | {"results":[{"rule":"R","priority":"P"}]}': 'list',
  '{': 'spread',
  '\ufefffalco  | {': 'spread',
  '{"a":1}': 'object',
  '{"rule":1,"priority":"P"}': 'object',
  '{"rule":"R","priority":"P"': 'broken',
  'falco  | {"rule":"R","priority":"P"}x': 'broken',
  [`{"a":"${'x'.repeat(MAX_LINE)}"}`]: 'oversized',
  'Events detected: 3': undefined,
  '{"rule":"R","priority":"P"}': undefined,
}))
  test(`${line.slice(0, 60)} is told as ${wanted}`, () => assert.equal(kind(line), wanted));

test('what is told is cut, and so is what stood before', () => {
  const [refusal] = told(`${'y'.repeat(1500)} {"rule":"R","priority":"P"}`);
  assert.equal(refusal!.before!.length, 200);
  assert.equal(refusal!.line!.length, 200);
});

test('no more are looked at than is asked for', () => {
  assert.equal(told('{\n'.repeat(100)).length, 100);
  assert.equal(told('{\n'.repeat(100), 3).length, 3);
});

test('what is too large counts as oversized, all else as malformed', () => {
  assert.equal(outcomeOf({ kind: 'large' }), 'oversized');
  assert.equal(outcomeOf({ kind: 'oversized' }), 'oversized');
  assert.equal(outcomeOf({ kind: 'type' }), 'malformed');
});
