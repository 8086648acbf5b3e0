import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, loadTexts, rule } from '../sandbox.ts';

const info = (name: string, more: object = {}) => ({
  info: {
    name,
    priority: 'Warning',
    enabled: true,
    source: 'syscall',
    tags: [],
    condition: 'm',
    output: 'o',
    ...more,
  },
});

const description = {
  required_engine_version: '0.57.0',
  rules: [
    info('A', { tags: ['y', 'x'], priority: 'Informational' }),
    info('B', { condition: 'container.name in (l) and evt.type=open', enabled: false }),
  ],
  macros: [
    { info: { name: 'm', condition: '(later and evt.type=open)' } },
    { info: { name: 'later', condition: 'container.name=a' } },
  ],
  lists: [{ info: { name: 'l', items: [] }, details: { items_compiled: ['a', 'b'], lists: ['k'] } }],
};

describe('what falco -L -o json_output=true prints', () => {
  it('is read as Falco’s own merged rules, whatever the file is called', async (test) => {
    const result = await loadTexts(test, [`\n ${JSON.stringify(description)}`]);
    assert.deepEqual(codes(result), []);
    const [a, b] = [...result.catalogue.rules.values()];
    assert.deepEqual(
      [a!.name, a!.priority, a!.tags, a!.enabled, a!.containers],
      ['A', 'informational', ['x', 'y'], true, ['a']],
    );
    assert.deepEqual([b!.name, b!.priority, b!.enabled, b!.containers], ['B', 'warning', false, ['a', 'b']]);
  });

  it('can be changed by a rules file behind it', async (test) => {
    const more = '- rule: A\n  condition: or container.name = c\n  override: {condition: append}\n';
    const result = await loadTexts(test, [JSON.stringify(description), more + rule('C', 'm')]);
    assert.deepEqual(codes(result), []);
    assert.deepEqual(result.catalogue.rules.get('A')!.containers, ['a', 'c']);
    assert.deepEqual(result.catalogue.rules.get('C')!.containers, ['a']);
  });

  it('may be shortened to the rules', async (test) => {
    const result = await loadTexts(test, ['{"rules":[{"info":{"name":"A","priority":"Error"}}]}']);
    assert.deepEqual(codes(result), []);
    assert.equal(result.catalogue.rules.get('A')!.priority, 'error');
  });
});
