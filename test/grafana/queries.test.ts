/**
 * Every query of the dashboards, and every expression of the rules, on a real Prometheus that scraped the real
 * exporter, and a responder, while a real Falco's lines came in: each is understood, and returns data.
 */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { nativeFalco } from '../prometheus/falco.ts';
import { eventually, query, ROOT, Stage } from '../prometheus/program.ts';
import { Running } from '../respond/running.ts';
import { StandIn } from '../respond/stand-in.ts';
import { Exporter, freePort } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { dataPanels, loaded } from './board.ts';

/** What rightly returns nothing here, and why. A query that stands here and does return data fails. */
const EMPTY: Record<string, string> = {};

/** As Grafana fills them in for a range of a minute, everything chosen. */
const filledIn = (expr: string): string =>
  expr
    .replaceAll('$__range', '60s')
    .replaceAll('$__rate_interval', '20s')
    .replaceAll(/"\$[a-z]\w*"/g, '".+"');

const RULES = `
- rule: PostgreSQL Shell Access
  desc: fires in the recording
  condition: evt.type = execve and container.name = ecommerce-postgres
  output: shell (container=%container.name)
  priority: ERROR
  tags: [mitre_execution, T1059.004]
- rule: Never
  desc: stays quiet
  condition: evt.type = execve and container.name = ecommerce-postgres
  output: never (container=%container.name)
  priority: CRITICAL
  tags: [mitre_persistence, T1098]
`;

describe('queries', { skip: without('prometheus') }, () => {
  const stage = new Stage();
  const matched = new Map<string, number>();
  let prometheus: string;
  let exporter: Exporter;
  let responder: Running;
  let engine: StandIn;
  let falco: Awaited<ReturnType<typeof nativeFalco>>;

  before(async () => {
    const input = stage.path('events.json');
    writeFileSync(input, '');
    writeFileSync(stage.path('rules.yaml'), RULES);
    exporter = await Exporter.start([
      `--input.file=${input}`,
      `--state.dir=${stage.path('state')}`,
      `--rules.file=${stage.path('rules.yaml')}`,
      '--web.hold=1s',
    ]);
    matched.set('PostgreSQL Shell Access', 4);
    falco = await nativeFalco(matched);
    engine = await StandIn.start(stage.path('docker.sock'));
    responder = new Running(stage.path('respond'), stage.path('docker.sock'));
    await responder.start({
      responses: [
        {
          ...{ name: 'drop', match: { rule: 'Drop' }, containers: { name: 'web' } },
          steps: ['evidence', 'pause'],
        },
      ],
    });
    await responder.process.ready();
    responder.fire({ id: engine.add('web').id });
    prometheus = `127.0.0.1:${await freePort()}`;
    const target = (job_name: string, address: string) => ({
      job_name,
      static_configs: [{ targets: [address] }],
    });
    writeFileSync(
      stage.path('prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
        scrape_configs: [
          target('falco-event-exporter', `127.0.0.1:${exporter.port}`),
          target('falco', falco.address),
          target('falco-responder', `127.0.0.1:${responder.process.port}`),
        ],
      }),
    );
    stage.start(
      'prometheus',
      `--config.file=${stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${stage.path('data')}`,
      `--web.listen-address=${prometheus}`,
    );
    const shown = async (expr: string) => ((await query(prometheus, expr)).length > 0 ? true : undefined);
    await eventually('the zeros of the rules', () => shown('falco_events_total{rule="Never"} == 0'));
    await eventually('a zero of all', () =>
      shown('count_over_time(falco_events_total{rule="Never"}[1m]) > 4'),
    );

    appendFileSync(input, readFileSync(join(ROOT, 'examples/recording/shop.log')));
    appendFileSync(input, readFileSync(join(ROOT, 'test/fixtures/falco/falco-0.40.0/odd-values.log')));
    matched.set('PostgreSQL Shell Access', 27);
    await eventually('the events', () => shown('increase(falco_events_total{priority="emergency"}[1m]) > 0'));
    await eventually('the native count', () =>
      shown('increase(falcosecurity_falco_rules_matches_total[1m]) > 0'),
    );
    await eventually('the responder', () => shown('falco_responder_acted_timestamp_seconds'));
    // Where a query needs several samples with the events in them.
    await eventually('a few samples', () =>
      shown('count_over_time((sum(falco_events_total) > 500)[1m:500ms]) > 4'),
    );
  });

  after(async () => {
    falco?.close();
    await responder?.process.end();
    await engine?.close();
    await exporter?.end();
    await stage.close();
  });

  for (const board of loaded())
    for (const panel of dataPanels(board))
      for (const { refId, expr } of panel.targets ?? [])
        test(`${board.title}: ${panel.title}, ${refId}`, async () => {
          const result = await query(prometheus, filledIn(expr));
          const name = `${panel.title} ${refId}`;
          if (name in EMPTY) assert.equal(result.length, 0, `no longer empty: ${EMPTY[name]}`);
          else assert.notEqual(result.length, 0, filledIn(expr));
          for (const { value } of result) assert.ok(!Number.isNaN(Number(value[1])), `${value}`);
        });

  for (const board of loaded())
    for (const { name, type, query: text } of board.templating.list)
      if (type === 'query')
        test(`${board.title}: the variable ${name}`, async () => {
          const { query: values } = text as { query: string };
          const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(values) ?? [];
          const result = await query(prometheus, `count by (${label}) (${filledIn(selector ?? '')})`);
          assert.ok(result.some(({ metric }) => metric[label ?? '']));
        });

  test('what the dashboard says of a rule is exactly what the recording holds', async () => {
    const rules = loaded()[0]?.panels.find(({ title }) => title === 'Rules that fired');
    const [, counted] = rules?.targets ?? [];
    const result = await query(prometheus, filledIn(counted?.expr ?? ''));
    const found = result.find(
      ({ metric }) => metric.rule === 'PostgreSQL Shell Access' && metric.service === 'ecommerce-postgres',
    );
    assert.equal(found?.value[1], '23');
  });

  for (const file of readdirSync(join(ROOT, 'prometheus/rules')))
    test(`every metric in ${file} is one that the exporter, Falco or Prometheus has`, async () => {
      const { groups } = parse(readFileSync(join(ROOT, 'prometheus/rules', file), 'utf8'));
      const names = (groups as { rules: { expr: string }[] }[])
        .flatMap(({ rules }) => rules)
        .flatMap(({ expr }) => expr.match(/\b(?:up|falco(?:security)?_\w+)\b(?=[{[ ]|$)/g) ?? []);
      assert.notEqual(names.length, 0);
      for (const name of new Set(names))
        assert.notEqual((await query(prometheus, `count(${name})`)).length, 0, name);
    });
});
