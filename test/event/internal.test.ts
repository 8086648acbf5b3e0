import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readInternal } from '../../src/event/internal/internal.ts';

const internal = (output_fields: object) =>
  JSON.stringify({
    rule: 'Falco internal: syscall event drop',
    priority: 'Debug',
    source: 'internal',
    output_fields,
  });

test('the name stands without its prefix', () => {
  assert.deepEqual(readInternal('{"rule":"Falco internal: timeouts notification","source":"internal"}'), {
    name: 'timeouts notification',
  });
});

test("a real drop event's reasons sum to its n_drops", () => {
  const file = new URL('../fixtures/falco/falco-0.40.0/drops.log', import.meta.url);
  const drops = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('syscall event drop'));
  assert.ok(drops.length > 0);
  for (const line of drops) {
    const found = readInternal(line).drops!;
    const sum = Object.values(found).reduce((a, b) => a + b, 0);
    assert.equal(sum, Number(JSON.parse(line).output_fields.n_drops));
  }
});

test('what no reason explains is other, and reasons never exceed the sum', () => {
  const line = internal({ n_drops: '10', n_drops_buffer_total: '4', n_drops_bug: '1' });
  assert.deepEqual(readInternal(line).drops, { buffer: 4, page_fault: 0, bug: 1, scratch_map: 0, other: 5 });
  const hostile = internal({
    n_drops: '3',
    n_drops_buffer_total: '4',
    n_drops_bug: '-1',
    n_drops_scratch_map: '1e400',
  });
  assert.deepEqual(readInternal(hostile).drops, {
    buffer: 3,
    page_fault: 0,
    bug: 0,
    scratch_map: 0,
    other: 0,
  });
});

test('a drop event without numbers drops nothing', () => {
  for (const fields of [{}, [], 'x', null])
    assert.deepEqual(Object.values(readInternal(internal(fields as object)).drops!), [0, 0, 0, 0, 0]);
});
