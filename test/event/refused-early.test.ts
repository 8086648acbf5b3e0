/** Lines are refused before they are parsed where that can be told by a look: never one that JSON.parse makes an event of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainScanner } from '../../src/event/scan/plain.ts';

const TOKENS = [
  ...['{', '}', '"rule"', '"priority"', '"\\u0072ule"', '"\\u0070riority"', ':', ',', '"', '\\', ' '],
  ...[
    '"Error"',
    '""',
    '1',
    'null',
    '[',
    ']',
    '"rule":"R"',
    '"priority":"Error"',
    '"a":{}',
    '\u00a0',
    '\u000b',
  ],
];

function isEvent(line: string): boolean {
  try {
    const value = JSON.parse(line);
    return typeof value.rule === 'string' && typeof value.priority === 'string';
  } catch {
    return false;
  }
}

const outcome = (line: string) => new PlainScanner([], 4096).scan(Buffer.from(`${line}\n`)).tuple[0]!;

test('an event is what JSON.parse makes one of, however it is spelled', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TOKENS), { maxLength: 9 }), (tokens) => {
      for (const line of [`{${tokens.join('')}`, `{${tokens.join('')}}`])
        assert.equal(outcome(line) >= 0, isEvent(line), line);
    }),
    {
      numRuns: 20_000,
      examples: [
        [['"rule"', ':', '""', ',', '"priority"', ':', '""']],
        [['"\\u0072ule"', ':', '""', ',', '"\\u0070riority"', ':', '""', ' ']],
      ],
    },
  );
});
