import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts, rule } from '../sandbox.ts';

const LISTS = `
- list: shop
  items: [web, db, cache]
- list: more
  items: [shop, "mail box", queue]
- list: single
  items: [web]
- list: many
  items: [${Array.from({ length: 1001 }, (_, number) => `c${number}`).join(', ')}]
- macro: in_web
  condition: (container.name = "web")
- macro: in_shop
  condition: (container.name in (shop))
- macro: web_or_any
  condition: (in_web or evt.type = open)
- macro: container
  condition: (container.id != host)
`;

/** What each condition says of containers; a prefix ends in `*`. */
const CASES: [condition: string, containers: string][] = [
  ['evt.type = open', ''],
  ['container.name = web', 'web'],
  ['container.name == web', 'web'],
  ['container.name = "mail box"', 'mail box'],
  ['container.name in (web, db)', 'web db'],
  ['container.name in (shop)', 'web db cache'],
  ['container.name in (more, web)', 'web db cache mail box queue'],
  ['container.name in ("shop")', 'shop'],
  ['container.name = single', 'web'],
  ['container.name = oneof (web, db)', 'web db'],
  ['container.name in (many)', ''],
  ['in_web', 'web'],
  ['evt.type = open and in_web and fd.name = a', 'web'],
  // disjunctions restrict only where all sides do
  ['in_web or container.name = db', 'web db'],
  ['in_web or evt.type = open', ''],
  ['web_or_any', ''],
  ['(in_web and fd.name = a) or (in_shop and fd.name = b)', 'web db cache'],
  // conjunctions narrow
  ['in_shop and in_web', 'web'],
  ['in_shop and container.name in (db, other)', 'db'],
  ['web_or_any and in_shop', 'web db cache'],
  // negations alone name none, but take away
  ['not container.name = web', ''],
  ['container.name != web', ''],
  ['in_shop and container.name != web', 'db cache'],
  ['in_shop and not in_web', 'db cache'],
  ['in_shop and not (in_web or container.name = db)', 'cache'],
  ['in_shop and not (in_web and fd.sport = 5432)', 'web db cache'],
  ['not (not in_web or evt.type = open)', 'web'],
  ['not not in_web', 'web'],
  // what one side leaves out and the other lets in is restricted by neither
  ['(container.name != web or container.name = web) and in_shop', 'web db cache'],
  ['(not in_web or container.name in (web, db)) and in_shop', 'web db cache'],
  // prefixes are no names
  ['container.name startswith shop-', 'shop-*'],
  ['container.name startswith oneof (a-, b-)', 'a-* b-*'],
  ['container.name startswith we and in_shop', 'web'],
  ['container.name startswith shop- and container.name startswith shop-web', 'shop-web*'],
  ['container.name startswith shop- or in_web', 'web shop-*'],
  // what can't be judged restricts nothing
  ['container.name endswith b', ''],
  ['container.name icontains web', ''],
  ['container.name exists', ''],
  ['tolower(container.name) = web', ''],
  ['container.name = val(proc.name)', ''],
  ['in_shop and container.name endswith b', 'web db cache'],
  // the host is where container.id says so
  ['container.id = host', 'host'],
  ['not container', 'host'],
  ['container', ''],
  ['container.id = 3ad7b26ded6d', ''],
  ['container and in_web', 'web'],
];

describe('the containers of a rule', () => {
  it('are those that its condition leaves possible', async (test) => {
    const rules = CASES.map(([condition]) =>
      rule(`'${condition.replaceAll("'", "''")}'`, `'${condition}'`),
    ).join('');
    const { catalogue, problems } = await loadTexts(test, [LISTS + rules]);
    assert.deepEqual(problems, []);
    for (const [condition, expected] of CASES) {
      const { containers, containerPrefixes } = catalogue.rules.get(condition)!;
      const found = [...containers, ...containerPrefixes.map((prefix) => `${prefix}*`)].join(' ');
      assert.equal(found, expected, condition);
    }
  });

  it('follow what later files do to lists, macros and the rule', async (test) => {
    const { catalogue, problems } = await loadTexts(test, [
      LISTS + rule('List', 'container.name in (shop)') + rule('Macro', 'in_web') + rule('Rule', 'in_web'),
      `
- list: shop
  items: [proxy]
  override: {items: append}
- macro: in_web
  condition: (container.name = frontend)
- rule: Rule
  condition: or container.name = db
  override: {condition: append}
`,
    ]);
    assert.deepEqual(problems, []);
    const containers = (name: string) => catalogue.rules.get(name)!.containers;
    assert.deepEqual(containers('List'), ['web', 'db', 'cache', 'proxy']);
    assert.deepEqual(containers('Macro'), ['frontend']);
    assert.deepEqual(containers('Rule'), ['frontend', 'db']);
  });

  it('are none where the condition, or a macro in it, can not be read', async (test) => {
    const broken = `- macro: broken\n  condition: (container.name =\n`;
    const { catalogue } = await loadTexts(test, [
      broken + rule('Broken', 'container.name = web and (') + rule('Macro', 'container.name = web or broken'),
    ]);
    assert.deepEqual(catalogue.rules.get('Broken')!.containers, []);
    assert.deepEqual(catalogue.rules.get('Macro')!.containers, []);
  });
});
