/** The rules that ship: names, priorities and containers are what alerts, dashboards and the README rely on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../../src/rules/catalogue.ts';
import { checkRules } from '../../src/rules/checking/check.ts';
import { Exporter } from '../support/exporter.ts';

const path = (name: string) => fileURLToPath(new URL(`../../falco/${name}`, import.meta.url));
const LOCAL = path('falco_rules.local.yaml');
const DASHBOARD = ['ecommerce-dashboard'];
const GRAFANA = ['ecommerce-grafana'];
const POSTGRES = ['ecommerce-postgres'];
const ALL = [...DASHBOARD, ...GRAFANA, ...POSTGRES];

const EXPECTED: [name: string, priority: string, containers: string[]][] = [
  ['Dash Unauthorized File Write', 'warning', DASHBOARD],
  ['Dash Database Connection Monitoring', 'informational', DASHBOARD],
  ['Dash Suspicious Process', 'warning', DASHBOARD],
  ['Dash Environment Variable Access', 'warning', DASHBOARD],
  ['Dash Port Binding Change', 'error', DASHBOARD],
  ['Grafana Configuration Modification', 'warning', GRAFANA],
  ['Grafana Datasource Modification', 'warning', GRAFANA],
  ['Grafana Dashboard Export', 'informational', GRAFANA],
  ['Grafana Plugin Installation', 'warning', GRAFANA],
  ['Grafana Database File Access', 'informational', GRAFANA],
  ['PostgreSQL Data Directory Write', 'error', POSTGRES],
  ['PostgreSQL Configuration Change', 'warning', POSTGRES],
  ['PostgreSQL Shell Access', 'error', POSTGRES],
  ['PostgreSQL Backup Access', 'informational', POSTGRES],
  ['PostgreSQL Table Drop', 'error', POSTGRES],
  ['Suspicious Inter-Service Communication', 'warning', ALL],
  ['Service Container File Execution', 'error', ALL],
];

test('the 17 rules have their names, priorities and containers, and ATT&CK tags', async () => {
  const { catalogue, problems } = await loadCatalogue([LOCAL]);
  assert.deepEqual(problems, []);
  const found = [...catalogue.rules.values()];
  const byName = (a: [string, ...unknown[]], b: [string, ...unknown[]]) => (a[0] < b[0] ? -1 : 1);
  assert.deepEqual(
    found
      .map(({ name, priority, containers }): [string, string, string[]] => [
        name,
        priority,
        [...containers].sort(),
      ])
      .sort(byName),
    [...EXPECTED].sort(byName),
  );
  for (const { name, tags, enabled } of found) {
    assert.ok(enabled, name);
    assert.ok(
      tags.some((tag) => tag.startsWith('mitre_')),
      name,
    );
    assert.ok(
      tags.some((tag) => /^T\d{4}(\.\d{3})?$/.test(tag)),
      name,
    );
  }
});

// The tuning file changes stock rules, which come with Falco's image and not with this repository.
test('check has nothing to say, of the file alone and with falco.yaml', async () => {
  for (const options of [{ rulesFiles: [LOCAL] }, { rulesFiles: [LOCAL], falcoConfig: path('falco.yaml') }]) {
    const { problems, rules } = await checkRules(options);
    assert.deepEqual(problems, []);
    assert.ok(rules >= EXPECTED.length);
  }
});

test('the README tells of every rule, with its priority', () => {
  const readme = readFileSync(path('README.md'), 'utf8');
  const said: Record<string, string> = { informational: 'INFO', warning: 'WARNING', error: 'ERROR' };
  for (const [name, priority] of EXPECTED)
    assert.ok(readme.includes(`| ${name}<br>**${said[priority]}**`), name);
});

test('a fresh start shows each rule at 0 for its own services only', async () => {
  const exporter = await Exporter.start([
    `--rules.file=${LOCAL}`,
    '--input.file=/nowhere/events.json',
    '--state.dir=',
  ]);
  const metrics = await exporter.until((found) => found.has('falco_exporter_lines_total{outcome="event"}'));
  await exporter.end();
  const zeros = [...metrics.keys()].filter((sample) =>
    /^falco_events_total\{(?!rule="__overflow__")/.test(sample),
  );
  const expected = EXPECTED.flatMap(([rule, priority, containers]) =>
    containers.map(
      (service) => `falco_events_total{rule="${rule}",service="${service}",priority="${priority}"}`,
    ),
  );
  assert.deepEqual(zeros.sort(), expected.sort());
});

test('what was recorded with these names agrees with them in priority and container', async () => {
  const { catalogue } = await loadCatalogue([LOCAL]);
  const recording = new URL('../../examples/recording/shop.log', import.meta.url);
  for (const line of readFileSync(recording, 'utf8')
    .split('\n')
    .filter((text) => text.startsWith('{'))) {
    const { rule, priority, output_fields } = JSON.parse(line);
    const known = catalogue.rules.get(rule);
    if (!known) continue;
    assert.equal(known.priority, priority.toLowerCase());
    assert.ok(
      known.containers.includes(output_fields['container.name']),
      `${rule}: ${output_fields['container.name']}`,
    );
  }
});
