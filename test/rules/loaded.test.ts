import assert from 'node:assert/strict';
import { chmod, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LoadedRules } from '../../src/rules/loaded.ts';
import { directory, rule } from './sandbox.ts';

const names = (loaded: LoadedRules) => [...loaded.rules.keys()];

describe('the rules that are loaded', () => {
  it('are what is good of their files, the first time and later', async (test) => {
    const path = join(await directory(test), 'rules.yaml');
    const loaded = new LoadedRules({ files: [path] });
    for (const good of [['A'], ['A', 'B'], ['C']]) {
      await writeFile(path, `${good.map((name) => rule(name)).join('')}- rule: broken\n  priority: LOUD\n`);
      const problems = await loaded.load();
      assert.deepEqual(names(loaded), good);
      assert.ok(problems.some(({ code }) => code === 'RULES_PRIORITY'));
    }
  });

  it('stay where their file can not be read at all, and go with a file that goes', async (test) => {
    const path = await directory(test);
    const [one, two] = [join(path, '1.yaml'), join(path, '2.yaml')];
    await writeFile(one, rule('A') + rule('Both', 'evt.type = open', 'ERROR'));
    await writeFile(two, rule('B'));
    const loaded = new LoadedRules({ files: [path] });
    await loaded.load();
    await writeFile(one, '- rule: [half');
    await writeFile(two, rule('B') + rule('Both', 'evt.type = open', 'DEBUG'));
    assert.deepEqual(
      (await loaded.load()).map(({ code }) => code),
      ['YAML_SYNTAX'],
    );
    assert.deepEqual(names(loaded).sort(), ['A', 'B', 'Both']);
    assert.equal(loaded.rules.get('Both')?.priority, 'debug');
    await rm(one);
    await loaded.load();
    assert.deepEqual(names(loaded), ['B', 'Both']);
  });

  it('stay where falco.yaml, which says what is on, can not be read', async (test) => {
    const path = await directory(test);
    const [rules, falcoConfig] = [join(path, 'rules.yaml'), join(path, 'falco.yaml')];
    await writeFile(rules, rule('A') + rule('B'));
    await writeFile(falcoConfig, 'rules: [{disable: {rule: A}}]\n');
    const loaded = new LoadedRules({ files: [rules], falcoConfig });
    await loaded.load();
    await writeFile(falcoConfig, 'rules: [{');
    await loaded.load();
    assert.deepEqual(
      [...loaded.rules.values()].map(({ enabled }) => enabled),
      [false, true],
    );
  });

  it('have changed where a file of a directory, or falco.yaml, has changed, come or gone', async (test) => {
    const path = await directory(test);
    const [one, falcoConfig] = [join(path, '1.yaml'), join(await directory(test), 'falco.yaml')];
    await writeFile(one, rule('A'));
    await writeFile(falcoConfig, '{}');
    const loaded = new LoadedRules({ files: [path], falcoConfig });
    await loaded.load();
    const step = async (change: () => Promise<void>) => {
      assert.equal(await loaded.changed(), false);
      await change();
      assert.equal(await loaded.changed(), true);
      await loaded.load();
    };
    // of the same length, written in place: the directory itself has not changed
    await step(async () => {
      await writeFile(one, rule('B'));
      await utimes(one, 1, 1);
    });
    await step(() => writeFile(join(path, '2.yaml'), rule('C')));
    await step(() => rm(one));
    await step(() => writeFile(falcoConfig, '{ }'));
    await chmod(path, 0o755);
    assert.equal(await loaded.changed(), false);
  });
});
