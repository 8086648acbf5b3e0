import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linearPattern } from '../../src/config/pattern.ts';

test('a nested quantifier answers for a text of any length', () => {
  const long = 'a'.repeat(10_000);
  for (const source of ['(a+)+b', '(a|aa)+b', '(.*a){20}b', '([a-z]+)*b', '(a|a)*b']) {
    assert.equal(linearPattern(source).test(long), false);
    assert.equal(linearPattern(source).test(`${long}b`), true);
  }
});

test('a pattern matches the whole of a text', () => {
  const pattern = linearPattern('web|db-\\d+');
  for (const text of ['web', 'db-1']) assert.equal(pattern.test(text), true);
  for (const text of ['webs', 'a web', 'db-', 'web\n', '']) assert.equal(pattern.test(text), false);
});

test('what RE2 can not match is refused, as is what JavaScript refuses', () => {
  const refused = [
    '(?=a)b',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    'a{1001}',
    '(',
    'a++',
    '[b-a]',
    '\\-',
  ];
  for (const source of refused) assert.throws(() => linearPattern(source), Error, source);
});

test('a pattern that both accept means the same to both', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      'web',
      '-',
      '.',
      '\\d',
      '\\w',
      '\\.',
      '\\/',
      '[a-c]',
      '[^a]',
      '[^-\\d]',
      '\\p{Lu}',
      '\\p{Script=Greek}',
    ],
    ...['\\u0061', '\\u{1F600}', '\\x41', '\\b', '\\S', '[^]', '(?<name>b)', '^', '$', '\\\\k<a>'],
  );
  const source = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      piece,
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?'))
        .map(([a, q]) => `(${a})${q}`),
    ),
  })).node as fc.Arbitrary<string>;
  const text = fc
    .array(fc.constantFrom('a', 'b', 'web', '-', '.', '1', 'A', '/', 'Ω', '😀', 'k', '<a>', '\\', ' '), {
      maxLength: 6,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(source, fc.array(text, { maxLength: 5 }), (pattern, texts) => {
      let script: RegExp;
      let linear: ReturnType<typeof linearPattern>;
      try {
        script = new RegExp(`^(?:${pattern})$`, 'u');
        linear = linearPattern(pattern);
      } catch {
        return;
      }
      for (const each of texts) assert.equal(linear.test(each), script.test(each), `${pattern} on ${each}`);
    }),
    { numRuns: 500 },
  );
});
