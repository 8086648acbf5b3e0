import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpInput } from '../../src/source/http.ts';

test('one of Falco’s internal events is taken as an event is; two, or a piece of one, are refused', () => {
  let refused = 0;
  const input = new HttpInput({ maxLine: 1000, sink: (framed) => (refused += framed.refused ? 1 : 0) });
  const event = (rule: string, source: string) =>
    Buffer.from(
      JSON.stringify({
        time: '2026-11-23T14:11:55.137513955Z',
        rule,
        priority: 'Debug',
        source,
        output: 'x',
        output_fields: {},
      }),
    );
  const internal = event('Falco internal: syscall event drop', 'internal');
  assert.equal(input.ingest(event('Terminal shell in container', 'syscall')), 'counted');
  assert.equal(input.ingest(internal), 'counted');
  assert.equal(refused, 0);
  assert.equal(input.ingest(Buffer.from(`[${internal},${internal}]`)), 'malformed');
  assert.equal(input.ingest(internal.subarray(0, 60)), 'malformed');
  assert.equal(refused, 2);
});
