import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkRules } from '../../../src/rules/checking/check.ts';
import { directory, rule } from '../sandbox.ts';

/** The container names of a condition that the compose file does not have. */
async function foreign(context: Parameters<typeof directory>[0], names: string[]): Promise<string[]> {
  const path = await directory(context);
  const [rules, compose] = [join(path, 'rules.yaml'), join(path, 'compose.yaml')];
  await writeFile(rules, rule('R', `evt.type = open and container.name in (${names.join(', ')})`));
  await writeFile(
    compose,
    'services:\n  web: {}\n  db: {container_name: $NAME-db}\n  api: {container_name: api}\n',
  );
  const { problems } = await checkRules({ rulesFiles: [rules], composeFiles: [compose] });
  return problems
    .filter(({ code }) => code === 'RULES_UNKNOWN_CONTAINER')
    .map(({ what }) => /'(.*?)'/.exec(what)![1]!);
}

test('names that compose makes are known, of both its ages; others are not', async (context) => {
  const known = ['shop-web-1', 'shop_web_1', 'a-b_c-web-12', 'shop-db', 'api', 'host'];
  const unknown = ['web', 'web-1', 'shopweb-1', 'shop-web', 'shop-web-x', 'shop-api-1', 'apis', 'db'];
  assert.deepEqual(await foreign(context, [...known, ...unknown]), unknown);
});
