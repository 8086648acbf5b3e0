import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadCatalogue } from '../../src/rules/catalogue.ts';
import { codes, directory, loadTexts, rule } from './sandbox.ts';

describe('the catalogue', () => {
  it('has priority, source, tags and place of each rule, with Falco’s defaults', async (test) => {
    const { catalogue, files } = await loadTexts(test, [
      rule('Plain', 'evt.type = open', 'Info') +
        rule('Full', 'ka.verb = get', 'CRITICAL', 'source: k8s_audit\ntags: [b, a, b]\nenabled: false'),
    ]);
    const [file] = files;
    assert.deepEqual(
      [...catalogue.rules.values()],
      [
        {
          name: 'Plain',
          priority: 'informational',
          source: 'syscall',
          tags: [],
          enabled: true,
          containers: [],
          containerPrefixes: [],
          place: { file, line: 1, column: 9 },
        },
        {
          name: 'Full',
          priority: 'critical',
          source: 'k8s_audit',
          tags: ['a', 'b'],
          enabled: false,
          containers: [],
          containerPrefixes: [],
          place: { file, line: 6, column: 9 },
        },
      ],
    );
  });

  it('takes the last full definition, at the place of the first', async (test) => {
    const { catalogue, problems } = await loadTexts(test, [
      rule('A', 'evt.type = open', 'ERROR', 'tags: [x]\nenabled: false') + rule('B'),
      rule('A', 'evt.type = open', 'debug'),
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual([...catalogue.rules.keys()], ['A', 'B']);
    const { priority, tags, enabled } = catalogue.rules.get('A')!;
    assert.deepEqual({ priority, tags, enabled }, { priority: 'debug', tags: [], enabled: true });
  });

  it('applies overrides, appends of the old way and toggles', async (test) => {
    const result = await loadTexts(test, [
      `${rule('Override', 'evt.type = open', 'ERROR', 'tags: [x]')}${rule('Append', 'container.name = a')}${rule('Toggle')}`,
      `
- rule: Override
  priority: NOTICE
  enabled: false
  tags: [y]
  override: {priority: replace, enabled: replace, tags: append}
- rule: Append
  condition: or container.name = b
  append: true
- rule: Toggle
  enabled: no
`,
    ]);
    assert.deepEqual(codes(result), ['(RULES_DEPRECATED 9)', '(RULES_DEPRECATED 11)']);
    const { rules } = result.catalogue;
    const { priority, enabled, tags } = rules.get('Override')!;
    assert.deepEqual({ priority, enabled, tags }, { priority: 'notice', enabled: false, tags: ['x', 'y'] });
    assert.deepEqual(rules.get('Append')!.containers, ['a', 'b']);
    assert.equal(rules.get('Toggle')!.enabled, false);
  });

  it('applies rules: and priority: of falco.yaml after all files, in order', async (test) => {
    const { catalogue, problems } = await loadTexts(
      test,
      [
        rule('Shop one', 'evt.type = open', 'ERROR') +
          rule('Shop two', 'evt.type = open', 'ERROR', 'enabled: false') +
          rule('Other', 'evt.type = open', 'WARNING', 'tags: [net]') +
          rule('Quiet', 'evt.type = open', 'INFO', 'tags: [net]'),
      ],
      'priority: warning\nrules:\n  - disable: {rule: "*"}\n  - enable: {rule: "Sh*p *"}\n  - enable: {tag: net}\n  - disable: {rule: Shop one}\n',
    );
    assert.deepEqual(problems, []);
    const on = [...catalogue.rules.values()].filter(({ enabled }) => enabled).map(({ name }) => name);
    assert.deepEqual(on, ['Shop two', 'Other']);
    assert.equal(catalogue.rules.size, 4);
  });

  it('reads a directory’s *.yaml and *.yml by name, and nothing below', async (test) => {
    const path = await directory(test);
    await mkdir(join(path, 'below.yaml'));
    await writeFile(join(path, 'below.yaml', 'deep.yaml'), rule('Deep'));
    await writeFile(join(path, 'b.yml'), rule('B'));
    await writeFile(join(path, 'a.yaml'), rule('A'));
    await writeFile(join(path, 'c.txt'), 'not: rules');
    const { catalogue, problems, files } = await loadCatalogue([path]);
    assert.deepEqual(problems, []);
    assert.deepEqual([...catalogue.rules.keys()], ['A', 'B']);
    assert.deepEqual(files, [join(path, 'a.yaml'), join(path, 'b.yml')]);
  });

  it('is a new value each time it is loaded', async (test) => {
    const path = join(await directory(test), 'rules.yaml');
    await writeFile(path, rule('A') + rule('B'));
    const first = await loadCatalogue([path]);
    await writeFile(path, rule('B') + rule('C'));
    const second = await loadCatalogue([path]);
    assert.deepEqual([...first.catalogue.rules.keys()], ['A', 'B']);
    assert.deepEqual([...second.catalogue.rules.keys()], ['B', 'C']);
  });

  it('knows lists whose names are several words, as Falco puts them in', async (test) => {
    const lists = '- list: two words\n  items: [open, openat]\n- list: our (web) shop\n  items: [web, db]\n';
    const { catalogue, problems } = await loadTexts(test, [
      lists +
        rule('Type', 'evt.type in (two words) and container.name = web') +
        rule('Names', 'evt.type = open and container.name in (our (web) shop, cache)') +
        rule('Quoted', 'evt.type = open and container.name in ("two words")'),
    ]);
    assert.deepEqual(new Set(problems.map(({ code }) => code)), new Set(['RULES_NAME']));
    const containers = [...catalogue.rules.values()].map((each) => each.containers);
    assert.deepEqual(containers, [['web'], ['web', 'db', 'cache'], ['two words']]);
  });

  it('keeps what it could read where a part is wrong', async (test) => {
    const result = await loadTexts(test, [
      `${rule('A')}- rule: B\n  desc: d\n  priority: loud\n${rule('C', 'a.b ~ c')}`,
      '- rule: [unclosed',
      rule('D'),
    ]);
    assert.deepEqual(codes(result), [
      'RULES_REQUIRED 6',
      'RULES_REQUIRED 6',
      'RULES_PRIORITY 8',
      'YAML_SYNTAX 1',
      'RULES_CONDITION 11',
    ]);
    assert.deepEqual([...result.catalogue.rules.keys()], ['A', 'C', 'D']);
  });
});
