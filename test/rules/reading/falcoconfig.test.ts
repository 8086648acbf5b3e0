import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkRules } from '../../../src/rules/checking/check.ts';
import { matchesWildcard } from '../../../src/rules/reading/falcoconfig.ts';
import { directory, rule } from '../sandbox.ts';

describe('matchesWildcard', () => {
  it('knows only the star', () => {
    const matches: [pattern: string, name: string, matches: boolean][] = [
      ['*', 'anything', true],
      ['*', '', true],
      ['abc', 'abc', true],
      ['abc', 'abcd', false],
      ['a*', 'abc', true],
      ['*c', 'abc', true],
      ['a*c', 'abc', true],
      ['a*c', 'ac', true],
      ['a*c', 'abd', false],
      ['ab*bc', 'abc', false],
      ['*b*', 'abc', true],
      ['a*b*c', 'axxbyyc', true],
      ['**a**', 'xax', true],
      ['a.c', 'abc', false],
      ['a?c', 'abc', false],
    ];
    for (const [pattern, name, expected] of matches)
      assert.equal(matchesWildcard(pattern, name), expected, pattern);
  });

  it('takes no time to speak of on a pattern made to be slow', { timeout: 60_000 }, () => {
    assert.equal(matchesWildcard(`${'*a'.repeat(5000)}*b`, 'a'.repeat(10_000)), false);
  });
});

describe('append_output', () => {
  const entries: [yaml: string, adds: boolean][] = [
    ['[]', false],
    ['[{suggested_output: true}]', true],
    ['[{suggested_output: false}]', false],
    ['[{extra_output: "in %container.name"}]', true],
    ['[{extra_fields: [container.name]}]', true],
    ['[{extra_fields: [{service: "%container.label[a]"}]}]', true],
    ['[{extra_fields: [evt.hostname]}]', false],
    ['[{match: {source: syscall}, suggested_output: true}]', true],
    ['[{match: {source: k8s_audit}, suggested_output: true}]', false],
    ['[{match: {rule: A, tags: [x]}, suggested_output: true}]', true],
    ['[{match: {rule: B}, suggested_output: true}]', false],
    ['[{match: {tags: [x, z]}, suggested_output: true}]', false],
    ['[{match: {tags: [x, z]}, suggested_output: true}, {extra_output: "%k8s.pod.name"}]', true],
  ];
  for (const [yaml, adds] of entries)
    it(`${yaml} ${adds ? 'names' : 'names no'} container`, async (test) => {
      const path = await directory(test);
      const [rules, config] = [join(path, 'rules.yaml'), join(path, 'falco.yaml')];
      await writeFile(rules, rule('A', 'evt.type = open', 'ERROR', 'tags: [x, y]'));
      await writeFile(config, `append_output: ${yaml}\n`);
      const { problems } = await checkRules({ rulesFiles: [rules], falcoConfig: config });
      assert.deepEqual(
        problems.map(({ code }) => code),
        adds ? [] : ['RULES_OUTPUT_CONTAINER'],
      );
    });
});
