import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { checkRules } from '../../../src/rules/checking/check.ts';
import { directory, rule } from '../sandbox.ts';

/** Code and severity of what is said of a rules file, beside a falco.yaml if one is given. */
async function said(context: TestContext, text: string, falco?: string): Promise<string[]> {
  const path = await directory(context);
  const [rules, config] = [join(path, 'rules.yaml'), join(path, 'falco.yaml')];
  await writeFile(rules, text);
  if (falco !== undefined) await writeFile(config, falco);
  const falcoConfig = falco === undefined ? undefined : config;
  const { problems } = await checkRules({ rulesFiles: [rules], falcoConfig });
  return problems.map(({ code, severity }) => `${code} ${severity}`);
}
const UNKNOWN = rule('R', 'evt.type = open and mine.field = 1');

describe('a field that nobody here knows', () => {
  it('is an error, but a warning where a plugin is named that may bring it', async (context) => {
    assert.deepEqual(await said(context, UNKNOWN), ['RULES_UNKNOWN_FIELD error']);
    const required = '- required_plugin_versions:\n    - {name: mine, version: 0.1.0}\n';
    assert.deepEqual(await said(context, required + UNKNOWN), ['RULES_UNKNOWN_FIELD warning']);
    const known = '- required_plugin_versions:\n    - {name: json, version: 0.7.0}\n';
    assert.deepEqual(await said(context, known + UNKNOWN), ['RULES_UNKNOWN_FIELD error']);
    const config =
      'append_output: [{suggested_output: true}]\nplugins: [{name: mine, library_path: libmine.so}]\n';
    assert.deepEqual(await said(context, UNKNOWN, config), ['RULES_UNKNOWN_FIELD warning']);
    assert.deepEqual(await said(context, UNKNOWN, config.replace('name: mine', 'name: container')), [
      'RULES_UNKNOWN_FIELD error',
    ]);
  });

  it('is a warning in what Falco itself printed', async (context) => {
    const info = { name: 'R', priority: 'INFO', condition: 'mine.field = 1', output: 'o %mine.other' };
    assert.deepEqual(await said(context, JSON.stringify({ rules: [{ info }] })), [
      'RULES_UNKNOWN_FIELD warning',
      'RULES_UNKNOWN_FIELD warning',
    ]);
  });

  it('is an error in one rule though another leaves it to chance', async (context) => {
    const lenient = rule('A', 'in_mine', 'INFO', 'skip-if-unknown-filter: true');
    const macro = '- macro: in_mine\n  condition: (evt.type = open and mine.field = 1)\n';
    assert.deepEqual(await said(context, macro + lenient), ['RULES_UNKNOWN_FIELD warning']);
    const both = await said(context, macro + lenient + rule('B', 'in_mine'));
    assert.deepEqual(both, ['RULES_UNKNOWN_FIELD error']);
  });
});
