import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { elements } from '../../src/source/json-array.ts';

const lines = (text: string) => {
  const buffer = Buffer.from(text);
  return elements(buffer, text.indexOf('['))?.toString().split('\n');
};

/** What HttpInput makes of it: an array exactly if each line is JSON. */
function read(text: string): unknown[] | undefined {
  try {
    return lines(text)?.map((line) => JSON.parse(line));
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

test('the elements of an array as JSON.parse has them, however it is spaced', () => {
  const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\n\n  ');
  fc.assert(
    fc.property(fc.array(fc.json({ maxDepth: 3 }), { minLength: 1 }), space, (items, gap) => {
      const text = `${gap}[${gap}${items.join(`${gap},${gap}`)}${gap}]${gap}`;
      assert.deepEqual(read(text), parsed(text));
    }),
    { numRuns: 300 },
  );
});

test('what JSON.parse takes for no array is none, and none more', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    ' ',
    '\n',
    '{"a":[]}',
    'é',
    '\v',
    '\\"',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `[${pieces.join('')}`;
      assert.deepEqual(read(text), parsed(text), text);
    }),
    { numRuns: 20_000 },
  );
});

test('each element keeps its bytes: numbers that are no double, names that stand twice, escapes', () => {
  const one = '{"t":1700000000123456789,"a":1,"a":2,"u":"\\u00e9\\/ ]},["}';
  assert.deepEqual(
    lines(`[${one},\n ${one}]`)?.map((line) => line.trim()),
    [one, one],
  );
});
