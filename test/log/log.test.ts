import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../src/log/log.ts';

function logged(format: 'logfmt' | 'json', fields: object, message = 'said'): string {
  let text = '';
  createLogger({ level: 'info', format }, (line) => {
    text += line;
  }).info(fields, message);
  return text;
}

const HOSTILE = 'a\nb\r\u001b[31mred\u0000\u202etxt\u009b "quoted" key=value';

for (const format of ['logfmt', 'json'] as const) {
  test(`${format}: hostile text stays in its field, on one line, with nothing that a terminal obeys`, () => {
    const line = logged(format, { rule: HOSTILE });
    assert.equal(line.trimEnd().split('\n').length, 1);
    assert.doesNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test(`${format}: a field is bounded`, () => {
    assert.ok(logged(format, { rule: 'x'.repeat(100_000) }).length < 3000);
  });
}

test('json is JSON, and gives back what was said', () => {
  const { rule, msg, level } = JSON.parse(logged('json', { rule: HOSTILE }));
  assert.deepEqual({ rule, msg, level }, { rule: HOSTILE, msg: 'said', level: 'info' });
});

test('logfmt: plain values bare, others quoted', () => {
  assert.match(
    logged('logfmt', { input: '/a/b.json', lag: 3, why: 'two words' }),
    / level=info msg=said input=\/a\/b\.json lag=3 why="two words"\n$/,
  );
});
