import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '../../../src/errors.ts';
import { type CheckOptions, checkRules } from '../../../src/rules/checking/check.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/rules/', import.meta.url));
const names = readdirSync(fixtures);

/** A fixture is checked as a rules file, or as falco.yaml where its name says so; `# with` adds flags. */
function optionsFor(name: string): CheckOptions {
  const path = join(fixtures, name);
  const flags = [...readFileSync(path, 'utf8').matchAll(/^# with --([a-z.]+)=(\S+)$/gm)];
  const flag = (wanted: string) =>
    flags.filter(([, key]) => key === wanted).map(([, , value]) => join(fixtures, value!));
  if (name.includes('.falco.'))
    return {
      rulesFiles: name.includes('.good.') ? [join(fixtures, 'shop.good.yaml')] : [],
      falcoConfig: path,
    };
  return { rulesFiles: [path], falcoConfig: flag('falco.config')[0], composeFiles: flag('compose') };
}

describe('check finds every planted fault, and nothing else', () => {
  const bad = names.filter((name) => name.endsWith('.bad.yaml'));
  assert.ok(bad.length > 25);
  for (const name of bad)
    it(name, async () => {
      const report = await checkRules(optionsFor(name));
      const found = report.problems.map(({ code, severity, place }) => {
        assert.equal(basename(place.file), name);
        assert.ok(place.column !== undefined && place.column >= 1);
        return `${code} ${severity} line ${place.line}`;
      });
      const text = readFileSync(join(fixtures, name), 'utf8');
      const expected = [...text.matchAll(/^# expect (.+)$/gm)].map(([, what]) => what!);
      assert.ok(expected.length > 0);
      assert.deepEqual(found.sort(), expected.sort());
      assert.equal(
        report.ok,
        expected.every((what) => what.includes(' warning ')),
      );
    });
});

describe('check finds nothing', () => {
  for (const name of names.filter((name) => name.endsWith('.good.yaml')))
    it(name, async () => {
      const report = await checkRules(optionsFor(name));
      assert.deepEqual(report.problems, []);
      assert.ok(report.ok);
      assert.ok(report.rules > 0);
    });
});

describe('check', () => {
  it('has a fixture for each code of the rules', () => {
    const codes = new Set(
      names
        .filter((name) => name.endsWith('.bad.yaml'))
        .flatMap((name) => [...readFileSync(join(fixtures, name), 'utf8').matchAll(/^# expect (\w+)/gm)])
        .map(([, code]) => code),
    );
    const elsewhere = ['RULES_TOO_LARGE']; // hostile.test.ts
    const missing = ERROR_CODES.filter((code) => /^(?:RULES|FALCO)_/.test(code) && !codes.has(code));
    assert.deepEqual(missing, elsewhere);
  });

  it('counts the rules by priority, and those that are on', async () => {
    const report = await checkRules({ rulesFiles: [join(fixtures, 'fired.good.yaml')] });
    assert.equal(report.rules, 17);
    assert.equal(report.enabledRules, 17);
    assert.deepEqual(report.rulesByPriority, { error: 5, warning: 8, informational: 4 });
  });

  it('takes the files that falco.yaml names where none are given, beside it where they are not in their place', async () => {
    const report = await checkRules({
      rulesFiles: [],
      falcoConfig: join(fixtures, 'rules-file.falco.bad.yaml'),
    });
    assert.deepEqual(report.files, [join(fixtures, 'syntax.good.yaml')]);
  });

  it('warns of a full redefinition in a later file, and not of a macro there', async () => {
    const rulesFiles = [join(fixtures, 'fired.good.yaml'), join(fixtures, 'shop.good.yaml')];
    const report = await checkRules({ rulesFiles });
    assert.equal(report.errors, 0);
    assert.deepEqual(new Set(report.problems.map(({ code }) => code)), new Set(['RULES_DUPLICATE_NAME']));
    assert.equal(report.warnings, 17);
  });

  it('judges outputs by what append_output adds to the rule', async () => {
    const rulesFiles = [join(fixtures, 'output-container.bad.yaml')];
    const report = await checkRules({ rulesFiles, falcoConfig: join(fixtures, 'shop.falco.good.yaml') });
    assert.deepEqual(report.problems, []);
  });

  it('tells of a compose file that it can not read', async () => {
    const rulesFiles = [join(fixtures, 'fired.good.yaml')];
    const codes = async (compose: string) => {
      const report = await checkRules({ rulesFiles, composeFiles: [join(fixtures, compose)] });
      return report.problems.map(({ code }) => code);
    };
    assert.deepEqual(await codes('no-such-file.yaml'), ['YAML_MISSING']);
    assert.deepEqual(await codes('plain.falco.yaml'), ['YAML_SHAPE']);
    assert.deepEqual(await codes('syntax.bad.yaml'), ['YAML_SYNTAX']);
    assert.deepEqual(await codes('.'), ['YAML_NOT_A_FILE']);
  });
});
