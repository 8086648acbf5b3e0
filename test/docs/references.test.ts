/** The references say what the code does. To write them anew: UPDATE_GOLDEN=1 npm test */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Exporter } from '../support/exporter.ts';
import { configurationTable, metricsTable } from './references.ts';

const BETWEEN = /(<!-- made from the code -->\n)[\s\S]*?(<!-- end -->)/;
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

function holds(name: string, made: string): void {
  const text = readFileSync(path(name), 'utf8');
  assert.match(text, BETWEEN, `${name} has no place for the table`);
  const wanted = text.replace(
    BETWEEN,
    (_, before: string, after: string) => `${before}\n${made}\n\n${after}`,
  );
  if (process.env.UPDATE_GOLDEN) writeFileSync(path(name), wanted);
  else assert.equal(text, wanted, `${name} is not what the code says: UPDATE_GOLDEN=1 npm test`);
}

test('docs/configuration.md lists every key, flag and default', () => {
  holds('docs/configuration.md', configurationTable());
});

test('docs/metrics.md lists every metric with its labels', async () => {
  const exporter = await Exporter.start([
    `--input.file=${path('examples/recording/shop.log')}`,
    `--rules.file=${path('test/fixtures/rules/shop.good.yaml')}`,
    '--state.dir=',
  ]);
  await exporter.ready();
  const { body } = await exporter.get('/metrics');
  await exporter.end();
  holds('docs/metrics.md', metricsTable(body));
});
