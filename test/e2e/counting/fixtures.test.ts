/** What a real Falco printed, through the real process: the counts are those of an independent loop. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, temporary } from '../../support/exporter.ts';
import { counted, sorted, truth } from '../../support/truth.ts';

const FIXTURES = new URL('../../fixtures/falco/', import.meta.url);
const SHOP = new URL('../../../examples/recording/shop.log', import.meta.url);
const directory = temporary();
after(() => directory.remove());

async function countsOf(file: URL): Promise<Map<string, number>> {
  const exporter = await Exporter.start([`--input.file=${file.pathname}`, '--state.dir=']);
  await exporter.ready();
  const metrics = await exporter.metrics();
  assert.equal(await exporter.end(), 0);
  return metrics;
}

for (const name of [
  'falco-0.44.1/stdout.log',
  'falco-0.44.1/iso8601.log',
  'falco-0.44.1/no-output-fields.log',
  'falco-0.40.0/message-property.log',
  'falco-0.40.0/no-output-no-tags.log',
  'falco-0.40.0/rule-matching-all.log',
  'falco-0.40.0/odd-values.log',
  'falco-0.40.0/drops.log',
]) {
  test(`${name}: every event is counted as JSON.parse finds it`, async () => {
    const file = new URL(name, FIXTURES);
    const expected = truth(readFileSync(file, 'utf8'));
    assert.deepEqual(sorted(counted(await countsOf(file))), sorted(expected));
  });
}

test('the shop: counts by rule, service and priority are those of its recorded truth', async () => {
  interface Truth {
    by_rule_service_priority: { rule: string; container: string | null; priority: string; count: number }[];
  }
  const { by_rule_service_priority } = JSON.parse(
    readFileSync(new URL('shop-truth.json', FIXTURES), 'utf8'),
  ) as Truth;
  const metrics = await countsOf(SHOP);
  const events = [...counted(metrics)].filter(([sample]) => sample.startsWith('falco_events_total'));
  const expected = by_rule_service_priority
    .filter(({ rule }) => !rule.startsWith('Falco internal'))
    .map(({ rule, container, priority, count }): [string, number] => [
      `falco_events_total{rule="${rule}",service="${container}",priority="${priority.toLowerCase()}"}`,
      count,
    ]);
  assert.deepEqual(sorted(new Map(events)), sorted(new Map(expected)));
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="text"}'), 67);
});

test("Docker's json-file log: the lines inside are counted, and standard error is skipped", async () => {
  const file = new URL('falco-0.40.0/docker-json-file.log', FIXTURES);
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { log: string; stream: string });
  const stdout = entries.filter(({ stream }) => stream === 'stdout').map(({ log }) => log);
  const skipped = entries.filter(({ log, stream }) => stream === 'stderr' && log.trim() !== '').length;
  const expected = truth(stdout.join(''));
  const text = 'falco_exporter_lines_total{outcome="text"}';
  expected.set(text, (expected.get(text) ?? 0) + skipped);
  assert.deepEqual(sorted(counted(await countsOf(file))), sorted(expected));
});

test("Falco's text format is malformed, and one log line names json_output", async () => {
  const file = join(directory.path, 'text.log');
  copyFileSync(new URL('falco-0.40.0/text-mode.log', FIXTURES), file);
  const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
  await exporter.ready();
  const metrics = await exporter.metrics();
  await exporter.end();
  const events = readFileSync(file, 'utf8').match(/^\d\d:\d\d:\d\d\.\d+: /gm)!.length;
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="malformed"}'), events);
  assert.equal(exporter.log.match(/json_output/g)?.length, 1);
});
