/** The lean profile, and the catalogue of rules that a fleet has once instead. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { command, Exporter, pause, SCRAPE, samples, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const RULES = new URL('../../../falco/falco_rules.local.yaml', import.meta.url).pathname;
const input = join(directory.path, 'events.json');
const args = (...more: string[]) => [
  `--input.file=${input}`,
  `--state.dir=${join(directory.path, 'state')}`,
  `--rules.file=${RULES}`,
  '--web.hold=1s',
  ...more,
];
const line = (fields: object, rule: string, priority = 'Error') =>
  `${JSON.stringify({ rule, priority, time: '2026-11-26T07:00:00Z', ...fields })}\n`;

test('lean: at most 60 series before the first event, no catalogue, nothing of Node.js; counters are born at 0', async () => {
  writeFileSync(input, '');
  // What another profile kept at 0 is left out, too.
  const full = await Exporter.start(args());
  await full.ready();
  assert.ok((await full.metrics()).size > 150);
  await full.end();
  const exporter = await Exporter.start(args('--metrics.profile=lean'));
  await exporter.ready();
  const fresh = await exporter.metrics(SCRAPE);
  assert.ok(fresh.size <= 60, `${fresh.size} series`);
  assert.deepEqual(
    [...fresh.keys()].filter((name) => /^(nodejs_|falco_rule_)/.test(name)),
    [],
  );
  appendFileSync(
    input,
    line({ output_fields: { 'container.name': 'web' } }, 'r') +
      line(
        { source: 'internal', output_fields: { n_drops: 3, n_drops_buffer_total: 3 } },
        'Falco internal: syscall event drop',
      ),
  );
  const event = 'falco_events_total{rule="r",service="web",priority="error"}';
  await exporter.until((found) => found.get(event) === 1);
  // A scraper gets what is new at 0 first.
  const first = await exporter.metrics(SCRAPE);
  for (const name of [event, 'falco_internal_events_total{event="syscall event drop"}'])
    assert.equal(first.get(name), 0, name);
  while ((await exporter.metrics(SCRAPE)).get(event) !== 1) await pause(100);
  await exporter.end();
});

test('check prints the catalogue as a textfile, and as recording rules', async () => {
  const exporter = await Exporter.start(args());
  await exporter.ready();
  const wanted = [...(await exporter.metrics()).keys()].filter((name) =>
    /^falco_rule_(tag_)?info/.test(name),
  );
  await exporter.end();
  assert.ok(wanted.length > 100);
  const text = await command(['check', '--format=prometheus', `--rules.file=${RULES}`]);
  assert.deepEqual([...samples(text.stdout).keys()], wanted);
  const rules = await command(['check', '--format=prometheus-rules', `--rules.file=${RULES}`]);
  const { groups } = parse(rules.stdout) as {
    groups: { rules: { record: string; expr: string; labels: Record<string, string> }[] }[];
  };
  assert.deepEqual(
    groups[0]!.rules.map(({ record, labels }) => {
      const written = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `${record}{${written.join(',')}}`;
    }),
    wanted,
  );
  const wrong = join(directory.path, 'wrong.yaml');
  writeFileSync(wrong, '- rule: r\n');
  const failed = await command(['check', '--format=prometheus', `--rules.file=${wrong}`]);
  assert.deepEqual([failed.code, /wrong\.yaml:1/.test(failed.stderr)], [1, true], failed.stderr);
});
