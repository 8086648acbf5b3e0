import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Framed } from '../../src/event/framing/framing.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { HttpInput } from '../../src/source/http.ts';

test('one of Falco’s internal events is taken as an event is, and so are two; a piece of one is refused', () => {
  let refused = 0;
  const { wanted } = new Ledger({
    services: new ServiceResolver({ mappings: [] }),
    extraLabels: [],
    seriesLimit: 100,
  });
  const scanner = new PlainScanner(wanted, 1000);
  const sink = ({ refused: why, judge, payload }: Framed) => {
    if (why) refused++;
    else judge?.(scanner.scan(payload), payload);
  };
  const input = new HttpInput({ maxLine: 1000, sink });
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
  assert.equal(input.ingest(Buffer.from(`[${internal},${internal}]`)), 'counted');
  assert.equal(refused, 0);
  assert.equal(input.ingest(internal.subarray(0, 60)), 'malformed');
  assert.equal(refused, 1);
});
