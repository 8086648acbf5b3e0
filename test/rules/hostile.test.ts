import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { loadCatalogue } from '../../src/rules/catalogue.ts';
import { checkRules } from '../../src/rules/checking/check.ts';
import { MAX_PROBLEMS } from '../../src/rules/reading/problem.ts';
import { codes, directory, loadTexts, rule } from './sandbox.ts';

/** Far over what any of these takes: it is here to fail where one of them grows without bound. */
const bounded = { timeout: 120_000 };

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** Loads one path with a good file behind it, which must be in the catalogue whatever the path is. */
async function beside(test: TestContext, path: string): Promise<string[]> {
  const good = join(await directory(test), 'good.yaml');
  await writeFile(good, rule('Good'));
  const result = await loadCatalogue([path, good]);
  assert.deepEqual([...result.catalogue.rules.keys()], ['Good']);
  for (const { place } of result.problems) assert.ok(place.file.startsWith(path));
  return codes(result);
}

describe('paths that are no rules file', bounded, () => {
  it('missing', async (test) => {
    assert.deepEqual(await beside(test, '/no/such/rules.yaml'), ['YAML_MISSING -']);
  });

  it('a directory without YAML', async (test) => {
    assert.deepEqual(await beside(test, await directory(test)), ['(YAML_MISSING -)']);
  });

  it('a directory where falco.yaml is meant', async (test) => {
    assert.deepEqual(codes(await loadCatalogue([], { falcoConfig: await directory(test) })), [
      'YAML_NOT_A_FILE -',
    ]);
  });

  it('a FIFO and a device, which would never end', async (test) => {
    const fifo = join(await directory(test), 'fifo.yaml');
    execFileSync('mkfifo', [fifo]);
    assert.deepEqual(await beside(test, fifo), ['YAML_NOT_A_FILE -']);
    assert.deepEqual(await beside(test, '/dev/zero'), ['YAML_NOT_A_FILE -']);
  });

  it('50 MB', async (test) => {
    const path = join(await directory(test), 'large.yaml');
    await writeFile(path, rule('Large').repeat(50_000_000 / rule('Large').length));
    assert.deepEqual(await beside(test, path), ['YAML_TOO_LARGE -']);
    await writeFile(path, `{"rules": [${' '.repeat(50_000_000)}]}`);
    assert.deepEqual(await beside(test, path), ['YAML_TOO_LARGE -']);
  });

  it('many files that are too large together', async (test) => {
    const path = await directory(test);
    for (const number of numbers(5))
      await writeFile(join(path, `${number}.yaml`), `#${'x'.repeat(500_000)}\n`);
    const { problems } = await loadCatalogue([path]);
    assert.deepEqual(
      problems.map(({ code, place }) => [code, place.file]),
      [['YAML_TOO_LARGE', join(path, '4.yaml')]],
    );
  });
});

describe('content that explodes', bounded, () => {
  const refused: [what: string, text: string, code: string][] = [
    ['deep sequences', '['.repeat(50_000), 'YAML_SYNTAX 1'],
    ['deep maps', 'a: '.repeat(50_000), 'YAML_SYNTAX 1'],
    [
      'deep indentation',
      numbers(1000)
        .map((n) => `${' '.repeat(n)}a:\n`)
        .join(''),
      // Whether the parser's recursion comes to its end is up to Node's stack: no list of rules it is in any case.
      'YAML_S',
    ],
    ['bytes', String.fromCharCode(...numbers(256)).repeat(100), 'YAML_SHAPE 1'],
    ['a scalar', 'just a sentence', 'YAML_SHAPE 1'],
    ['JSON that ends early', '{"rules": [', 'YAML_SHAPE -'],
    ['another JSON', '{"rules": 3}', 'YAML_SHAPE -'],
  ];
  for (const [what, text, code] of refused)
    it(what, async (test) => {
      const found = codes(await loadTexts(test, [text]));
      assert.equal(found.length, 1);
      assert.ok(found[0]!.startsWith(code), found[0]);
    });

  it('nothing at all is no fault', async (test) => {
    const result = await loadTexts(test, ['', '---\n---\n', '# only a comment\n', '-\n-\n', '~']);
    assert.deepEqual(codes(result), []);
    assert.equal(result.catalogue.rules.size, 0);
  });

  it('macros that double each other', async (test) => {
    const macros = numbers(1000).map((n) => `- macro: m${n + 1}\n  condition: (m${n} or m${n})\n`);
    const text = `- macro: m0\n  condition: (container.name = a)\n${macros.join('')}${rule('A', 'm1000')}`;
    const result = await loadTexts(test, [text]);
    assert.deepEqual(codes(result), []);
    assert.deepEqual(result.catalogue.rules.get('A')!.containers, ['a']);
  });

  it('lists that double each other', async (test) => {
    const lists = numbers(90).map((n) => `- list: l${n + 1}\n  items: [l${n}, l${n}, n${n}]\n`);
    const text = `- list: l0\n  items: [a]\n${lists.join('')}${rule('A', 'container.name in (l90)')}`;
    const result = await loadTexts(test, [text]);
    assert.deepEqual(codes(result), []);
    assert.equal(result.catalogue.rules.get('A')!.containers.length, 91);
  });

  it('lists that are too long once written out', async (test) => {
    const lists = numbers(3000).map((n) => `- list: l${n + 1}\n  items: [l${n}, n${n}]\n`);
    const result = await loadTexts(test, [`- list: l0\n  items: [a]\n${lists.join('')}`]);
    assert.deepEqual(new Set(codes(result).map((code) => code.split(' ')[0])), new Set(['RULES_TOO_LARGE']));
  });

  it('a long chain of macros, in order and in the wrong order', async (test) => {
    const chain = numbers(5000).map((n) => `- macro: m${n + 1}\n  condition: (m${n})\n`);
    const first = '- macro: m0\n  condition: (container.name = a)\n';
    const forward = await loadTexts(test, [first + chain.join('') + rule('A', 'm5000')]);
    assert.deepEqual(codes(forward), []);
    assert.deepEqual(forward.catalogue.rules.get('A')!.containers, ['a']);
    const backward = await loadTexts(test, [chain.reverse().join('') + first + rule('A', 'm5000')]);
    const found = new Set(codes(backward).map((code) => code.split(' ')[0]));
    assert.deepEqual(found, new Set(['RULES_TOO_LARGE', 'RULES_ORDER']));
  });

  it('more faults than anyone reads', async (test) => {
    const { problems } = await loadTexts(test, [
      rule(
        'A',
        numbers(50_000)
          .map((n) => `u${n}`)
          .join(' or '),
      ),
    ]);
    assert.equal(problems.length, MAX_PROBLEMS);
  });

  it('a condition of many containers, each side restricting', async (test) => {
    const prefixes = numbers(20_000).map((n) => `container.name startswith p${n % 30}`);
    const { catalogue } = await loadTexts(test, [rule('A', prefixes.join(' or '))]);
    assert.deepEqual(catalogue.rules.get('A')!.containerPrefixes, []);
  });

  it('rules appended to again and again', async (test) => {
    const more = '- rule: A\n  condition: or x\n  override: {condition: append}\n'.repeat(3000);
    const { problems } = await loadTexts(test, [`${rule('A')}${more}`]);
    assert.equal(problems.length, MAX_PROBLEMS);
    assert.equal(problems.at(-1)!.place.line, 3 * MAX_PROBLEMS + 4);
  });
});

describe('names that would drive a terminal', () => {
  it('do not reach a message', async (test) => {
    const { problems } = await loadTexts(test, ['- rule: "\\e[31mred\\u202E\\u2028"\n  enabled: true\n']);
    assert.equal(problems.length, 1);
    assert.doesNotMatch(problems[0]!.what, /[\p{Cc}\p{Cf}\p{Zl}]/u);
  });
});

describe('any text', bounded, () => {
  it('gives a catalogue and placed problems, never an exception', async (test) => {
    const path = join(await directory(test), 'rules.yaml');
    const good =
      `- list: l\n  items: [a]\n- macro: m\n  condition: (container.name in (l))\n${rule('A', 'm and not x and fd.name regex ^a and evt.type in (open, l) and tolower(proc.name) = val(proc.pname)', 'INFO', 'exceptions:\n  - {name: e, fields: [proc.pid], values: [[1]]}')}`.replace(
        'output: o',
        'output: o %proc.aname[2] %tolower(fd.name)',
      );
    const pieces = [
      '- ',
      ': ',
      '\n',
      '\n  ',
      '*a',
      '&a ',
      '[',
      ']',
      '{',
      '}',
      '"',
      '|',
      '>',
      '%',
      '(',
      'val(',
      '\\',
      'rule',
      'list',
      'items',
      '~',
      'm',
    ];
    const edits = fc.array(
      fc.tuple(
        fc.nat({ max: good.length }),
        fc.nat({ max: 8 }),
        fc.oneof(fc.constantFrom(...pieces), fc.string()),
      ),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(edits, async (list) => {
        let text = good;
        for (const [at, length, piece] of list) text = text.slice(0, at) + piece + text.slice(at + length);
        await writeFile(path, text);
        const report = await checkRules({ rulesFiles: [path] });
        const lines = text.split('\n').length;
        for (const { place } of report.problems) {
          assert.equal(place.file, path);
          assert.ok(
            place.line === undefined || (place.line >= 1 && place.line <= lines),
            `line ${place.line}`,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
