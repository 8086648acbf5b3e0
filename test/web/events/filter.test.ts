import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventFilter, eventFilter, filtered } from '../../../src/web/events/filter.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

const EVENTS = (
  [
    ['Shell', 'postgres', 'error', '11:00', '{"output_fields":{"proc.cmdline":"sh -c \\"id\\""}}'],
    ['Binary', 'web', 'critical', '11:30', '{"output":"12:00:00.0: Critical DROP table"}'],
    ['Shell', 'web', 'error', '11:59', undefined],
    ['Module', 'host', 'emergency', undefined, '{}'],
  ] as const
).map(([rule, service, priority, clock, line], id) => ({
  id,
  time: clock ? Date.parse(`2026-11-25T${clock}:00Z`) : Number.NaN,
  labels: [rule, service, priority],
  line,
}));

function ids(query: string): number[] {
  const filter = eventFilter(`/api/events${query}`, NOW);
  assert.notEqual(typeof filter, 'string', String(filter));
  return filtered(EVENTS, filter as EventFilter).map(({ id }) => id);
}

for (const [query, wanted] of [
  ['', [3, 2, 1, 0]],
  ['?', [3, 2, 1, 0]],
  ['?priority=error', [2, 0]],
  ['?priority=critical,alert,emergency', [3, 1]],
  ['?priority=Critical&priority=EMERGENCY', [3, 1]],
  ['?priority=info', []],
  ['?rule=Shell', [2, 0]],
  ['?rule=Shell&rule=Module', [3, 2, 0]],
  ['?rule=shell', []],
  ['?service=web', [2, 1]],
  ['?service=web&priority=error', [2]],
  ['?q=drop+TABLE', [1]],
  ['?q=sh+-c+"id"', [0]],
  ['?q=shell&q=postgres', [0]],
  ['?since=15m', [3, 2]],
  ['?since=1h', [3, 2, 1, 0]],
  ['?since=2026-11-25T11:30:00Z', [3, 2, 1]],
  ['?since=2026-11-25T12:30:00%2B01:00', [3, 2, 1]],
  ['?since=2026-11-25', [3, 2, 1, 0]],
  ['?since=2026-11-26', [3]],
  ['?limit=1', [3]],
  ['?rule=Shell&limit=1', [2]],
  ['?limit=1000', [3, 2, 1, 0]],
] as const)
  test(`events${query}`, () => {
    assert.deepEqual(ids(query), wanted);
  });

for (const query of [
  ...[
    '?severity=error',
    '?Priority=error',
    '?priority=errors',
    '?priority=',
    '?rule=',
    '?service=%20',
    '?q=',
  ],
  ...['?since=yesterday', '?since=1', '?since=-1h', '?since=2026-11-25T11:30:00', '?since='],
  ...['?limit=0', '?limit=-1', '?limit=1.5', '?limit=all', '?limit=1&limit=2', '?since=1h&since=2h'],
  ...['?priority=error&colour=red', '?=1', '?limit', '?priority=error,'],
])
  test(`events${query} is refused in words`, () => {
    const answer = eventFilter(`/api/events${query}`, NOW);
    assert.equal(typeof answer, 'string', JSON.stringify(answer));
  });
