/** prometheus/rules.sh: every address can be changed in one place, and nothing else changes with it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { temporary } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { ROOT, run } from './program.ts';

interface Rule {
  expr: string;
  annotations?: Record<string, string>;
}

const script = (...options: string[]) =>
  spawnSync('sh', [join(ROOT, 'prometheus/rules.sh'), ...options], { encoding: 'utf8' });
const rulesOf = (text: string): Rule[] =>
  (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
const shipped = readdirSync(join(ROOT, 'prometheus/rules')).flatMap((file) =>
  rulesOf(readFileSync(join(ROOT, 'prometheus/rules', file), 'utf8')),
);

test('without an option it prints the rules as they are', () => {
  assert.deepEqual(rulesOf(script().stdout), shipped);
});

test('every address is changed, what follows it is not, and it can be done again', {
  skip: without('promtool'),
}, () => {
  const place = temporary();
  cpSync(join(ROOT, 'prometheus'), place.path, { recursive: true });
  const inPlace = (...options: string[]) =>
    spawnSync('sh', [join(place.path, 'rules.sh'), '--in-place', ...options], { encoding: 'utf8' });
  for (const [grafana, page, runbooks] of [
    ['https://grafana.example.com/a&b', 'http://{{ $labels.node }}:9376', 'https://wiki.example.com/falco/'],
    ['http://localhost:3000', 'http://localhost:9376', RUNBOOKS],
  ]) {
    const { status, stderr } = inPlace(`--grafana=${grafana}`, `--page=${page}`, `--runbooks=${runbooks}`);
    assert.deepEqual([status, stderr], [0, '']);
    const changed = readdirSync(join(place.path, 'rules')).flatMap((file) =>
      rulesOf(readFileSync(join(place.path, 'rules', file), 'utf8')),
    );
    for (const [at, { expr, annotations = {} }] of changed.entries()) {
      assert.equal(expr, shipped[at]!.expr);
      for (const [name, value] of Object.entries(annotations)) {
        const old = shipped[at]!.annotations![name]!;
        if (name === 'dashboard_url') assert.equal(value, grafana + old.slice(old.indexOf('/d/')));
        else if (name === 'events_url') assert.equal(value, page + old.slice(old.indexOf('/?')));
        else if (name === 'runbook_url')
          assert.equal(value, `${runbooks!.replace(/\/$/, '')}${old.slice(old.lastIndexOf('/'))}`);
        else assert.equal(value, old);
      }
    }
    for (const file of readdirSync(join(place.path, 'rules')))
      run('promtool', 'check', 'rules', join(place.path, 'rules', file));
  }
  // And back: byte for byte.
  for (const file of readdirSync(join(ROOT, 'prometheus/rules')))
    assert.equal(
      readFileSync(join(place.path, 'rules', file), 'utf8'),
      readFileSync(join(ROOT, 'prometheus/rules', file), 'utf8'),
    );
  place.remove();
});

const RUNBOOKS = 'https://github.com/falco-event-exporter/falco-event-exporter/blob/main/docs/runbooks';

test('the addresses stand nowhere but where the script finds them', () => {
  const text = script('--grafana=GRAFANA', '--page=PAGE', '--runbooks=RUNBOOKS').stdout;
  assert.doesNotMatch(text, /https?:/);
});

test('for VictoriaMetrics: no increase() that takes a first value for news, and nothing else is changed', () => {
  const changed = rulesOf(script('--victoriametrics').stdout);
  for (const [at, { expr }] of changed.entries()) {
    assert.doesNotMatch(expr, /\bincrease\(/);
    assert.equal(expr.replaceAll('increase_prometheus(', 'increase('), shipped[at]!.expr);
  }
  assert.ok(changed.some(({ expr }) => expr.startsWith('increase_prometheus(falco_events_total')));
});

test('what would break the file is refused, and so is an unknown option', () => {
  for (const option of ["--grafana=x'y", '--page=a|b', '--runbooks=a\\b', '--graphana=x'])
    assert.deepEqual([script(option).status, script(option).stdout], [2, ''], option);
});
