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

test('README.md says which Nodes CI tests, and which the image runs', () => {
  const readme = readFileSync(path('README.md'), 'utf8');
  const [, list] = /node: \[([\d, ]+)\]/.exec(readFileSync(path('.github/workflows/ci.yml'), 'utf8'))!;
  const nodes = list!.split(', ');
  assert.ok(readme.includes(`test on Node ${nodes.slice(0, -1).join(', ')} and ${nodes.at(-1)}.`));
  assert.ok(readFileSync(path('.ci/run'), 'utf8').includes(`for version in ${nodes.join(' ')};`));
  const [, image] = /NODE_IMAGE=node:(\d+)/.exec(readFileSync(path('Dockerfile'), 'utf8'))!;
  assert.ok(readme.includes(`image runs Node ${image}.`));
});
