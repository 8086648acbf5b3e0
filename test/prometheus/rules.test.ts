/** What is shipped for Prometheus, by its own tool, and what each alert must have beyond that. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { dashboards } from '../../grafana/src/dashboards.ts';
import { without } from '../support/programs.ts';
import { ROOT, run } from './program.ts';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const RULES = join(ROOT, 'prometheus/rules');
const TESTS = join(ROOT, 'prometheus/tests');
const rules = readdirSync(RULES).flatMap((file) =>
  (parse(readFileSync(join(RULES, file), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  ),
);
const alerts = rules.filter((rule) => rule.alert !== undefined);
const testFiles = readdirSync(TESTS).map((file) => join(TESTS, file));

/** Fires on the first of something rare: no `for`, and doesn't flap. */
const ON_THE_FIRST = [
  'FalcoCriticalEvents',
  'FalcoErrorEvents',
  'FalcoWarningEvents',
  'FalcoHotRestartFailed',
  'FalcoSyscallDrops',
];
/** Must last. */
const STATES = [
  'FalcoDown',
  'FalcoExporterDown',
  'FalcoExporterBehind',
  'FalcoExporterStuck',
  'FalcoInputMissing',
  'FalcoRulesDrift',
  'FalcoSilent',
  'FalcoSnapshotFailing',
];
const OTHERS = [
  'FalcoEventBurst',
  'FalcoEventsLost',
  'FalcoFirstSeen',
  'FalcoExporterRefusing',
  'FalcoKernelDrops',
  'FalcoMalformedLines',
  'FalcoResponderActed',
  'FalcoResponderBudgetSpent',
  'FalcoResponderFailing',
  'FalcoResponderWaiting',
  'FalcoSeriesCapReached',
];

/** How a summary names the host. What is of several hosts at once names none. */
const HOST = /\{\{ (with )?or \$labels\.node \$labels\.instance \}\}|\{\{ \$labels\.host \}\}/;

describe('promtool', { skip: without('promtool') }, () => {
  test('accepts the configuration with its rules', () => {
    run('promtool', 'check', 'config', '--lint=all', '--lint-fatal', 'prometheus/prometheus.yml');
  });

  test('finds every alert fire, stay quiet and resolve as the tests say', () => {
    run('promtool', 'test', 'rules', ...testFiles);
  });
});

describe('alerts', () => {
  test('are those that the runbooks and the routes know', () => {
    const names = new Set(alerts.map(({ alert }) => alert));
    assert.deepEqual([...names].sort(), [...ON_THE_FIRST, ...STATES, ...OTHERS].sort());
  });

  for (const rule of alerts) {
    const name = `${rule.alert}${rule.labels?.reason === undefined ? '' : ` (${rule.labels.reason})`}`;

    test(`${name} says how bad it is, what it is, and where to go on`, () => {
      assert.match(rule.labels?.severity ?? '', /^(critical|warning|info)$/);
      assert.match(rule.labels?.category ?? '', /^(events|pipeline)$/);
      for (const key of ['summary', 'description']) assert.ok(rule.annotations?.[key], key);

      const runbook = new URL(rule.annotations?.runbook_url ?? '');
      assert.equal(basename(runbook.pathname), `${rule.alert}.md`);
      assert.ok(existsSync(join(ROOT, 'docs/runbooks', basename(runbook.pathname))), runbook.href);

      // By `node`, else by the exporter's address; `host` is what a recording rule sums over.
      const ofMany = ['FalcoRulesDrift', 'FalcoFirstSeen'].includes(rule.alert ?? '');
      const host = ofMany ? /^(Falcos have|New:)/ : HOST;
      assert.match(rule.annotations?.summary ?? '', host, 'the summary names no host');
      assert.doesNotMatch(rule.annotations?.description ?? '', /\{\{/, 'what differs belongs into `detail`');
      if (rule.labels?.category === 'events')
        assert.match(
          rule.annotations?.events_url ?? '',
          /\/\?.*service=\{\{ \$labels\.service \| urlquery \}\}.*&from=/,
        );

      const [, uid] = /\/d\/([a-z-]+)\?/.exec(rule.annotations?.dashboard_url ?? '') ?? [];
      assert.ok(
        dashboards().some(({ path }) => basename(path) === `${uid}.json`),
        `no dashboard ${uid}`,
      );
    });

    test(`${name} has a promtool test of its labels and texts`, () => {
      const tested = testFiles.flatMap((file) =>
        (
          parse(readFileSync(file, 'utf8')) as {
            tests: {
              alert_rule_test?: { alertname: string; exp_alerts: { exp_labels: { reason?: string } }[] }[];
            }[];
          }
        ).tests.flatMap((one) => one.alert_rule_test ?? []),
      );
      const own = tested.filter(
        ({ alertname, exp_alerts }) =>
          alertname === rule.alert &&
          exp_alerts.some(
            ({ exp_labels }) => exp_labels.reason === (rule.labels?.reason ?? exp_labels.reason),
          ),
      );
      assert.notEqual(own.length, 0);
    });
  }

  for (const rule of alerts.filter(({ alert }) => ON_THE_FIRST.includes(alert ?? '')))
    test(`${rule.alert} fires on the first event and holds`, () => {
      assert.match(rule.expr, /^increase\(.+\[5m\]\) > 0$/);
      assert.equal(rule.for, undefined);
      assert.equal(rule.keep_firing_for, '15m');
    });

  for (const rule of alerts.filter(({ alert }) => STATES.includes(alert ?? '')))
    test(`${rule.alert} must last two minutes at least`, () => {
      assert.ok(Number(/^(\d+)m$/.exec(rule.for ?? '')?.[1]) >= 2, rule.for);
    });
});
