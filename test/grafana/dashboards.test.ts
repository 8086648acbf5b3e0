/** The dashboards as files: the committed JSON is what the program makes, and it keeps dashboard-linter's rules. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { dashboards } from '../../grafana/src/dashboards.ts';
import { ROOT } from '../prometheus/program.ts';
import { type Board, dataPanels, loaded } from './board.ts';

/** Panels that Grafana 9.4 has and 12 still has. */
const PANELS = ['stat', 'timeseries', 'table', 'bargauge', 'row'];

test('the committed files are what `npm run dashboards` makes, and no other', () => {
  const made = dashboards();
  for (const { path, text } of made)
    assert.equal(readFileSync(path, 'utf8'), text, `${basename(path)} differs`);
  assert.deepEqual(
    readdirSync(dirname(made[0]?.path ?? '')).sort(),
    made.map(({ path }) => basename(path)).sort(),
  );
});

for (const board of loaded())
  describe(board.title, () => {
    test('can not be edited, refreshes, and has a range', () => {
      assert.equal(board.editable, false);
      assert.equal(board.refresh, '30s');
      assert.deepEqual(board.time, { from: 'now-6h', to: 'now' });
    });

    test('asks for the data source, the job and the instance', () => {
      const [datasource, job, instance] = board.templating.list;
      assert.deepEqual(
        [datasource?.name, datasource?.type, datasource?.query],
        ['datasource', 'datasource', 'prometheus'],
      );
      for (const [name, variable] of [
        ['job', job],
        ['instance', instance],
      ] as const) {
        assert.deepEqual(
          [variable?.name, variable?.type, variable?.multi, variable?.includeAll, variable?.allValue],
          [name, 'query', true, true, '.+'],
        );
      }
      for (const variable of board.templating.list.filter(({ type }) => type === 'query')) {
        assert.equal(variable.datasource?.uid, `\${datasource}`, variable.name);
        // On each change of the range.
        assert.equal(variable.refresh, 2, variable.name);
      }
    });

    test('links to the other dashboard and to the runbooks, and marks firing alerts', () => {
      assert.deepEqual(
        board.links.map(({ type }) => type),
        ['dashboards', 'link'],
      );
      assert.ok(board.tags.includes('falco'));
      assert.ok(board.annotations.list.some(({ expr }) => expr?.includes('ALERTS{alertstate="firing"')));
    });

    test('lays its panels out without overlap or overflow', () => {
      const taken = new Map<string, string>();
      for (const { title, gridPos } of board.panels) {
        assert.ok(gridPos.x + gridPos.w <= 24, title);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            const other = taken.get(`${x},${y}`);
            assert.equal(other, undefined, `${title} lies on ${other}`);
            taken.set(`${x},${y}`, title);
          }
      }
    });

    for (const panel of dataPanels(board))
      test(`"${panel.title}" says what it is, in which unit, and what an empty one means`, () => {
        assert.ok(PANELS.includes(panel.type), panel.type);
        assert.ok(panel.title);
        assert.ok((panel.description ?? '').length > 10, 'description');
        assert.ok(panel.fieldConfig.defaults.unit, 'unit');
        assert.ok(panel.fieldConfig.defaults.noValue, 'noValue');
        assert.equal(panel.datasource?.uid, `\${datasource}`);
      });

    for (const { panel, expr } of queries(board))
      test(`"${panel}" keeps to the chosen targets and ranges: ${expr.slice(0, 60)}`, () => {
        for (const [selector] of expr.matchAll(/[a-z_:]+\{[^}]*\}/g)) {
          if (selector.startsWith('falcosecurity_')) assert.match(selector, /job="falco"/);
          else if (selector.startsWith('falco_responder_'))
            assert.match(selector, /\{job="falco-responder"\}/);
          else assert.match(selector, /job=~"\$job",instance=~"\$instance"/);
        }
        // Every metric has its selector, and every counter is asked for what it grew by.
        assert.doesNotMatch(expr, /\b(?:falco|process|nodejs|falcosecurity)_\w+(?!\w*\{)\b(?!\{)/);
        for (const [, before] of expr.matchAll(/(\w+\(|.)\w+_(?:total|bucket)\{/g))
          if (!expr.includes('unless on'))
            assert.match(before ?? '', /^(rate|increase|max_over_time|min_over_time|resets)\($/);
        for (const [, fn, range] of expr.matchAll(/(rate|increase|over_time|resets)\([^[]+\[([^\]]+)\]/g))
          assert.ok(range === '$__range' || range === '$__rate_interval', `${fn} over ${range}`);
      });
  });

test('the dashboards have uids of their own, which alerts and panels link to', () => {
  const uids = loaded().map(({ uid }) => uid);
  assert.deepEqual(uids, ['falco-events', 'falco-exporter']);
  for (const board of loaded())
    for (const [, uid] of JSON.stringify(board).matchAll(/"\/d\/([\w-]+)\?/g))
      assert.ok(uids.includes(uid ?? ''), uid);
});

describe('provisioning', () => {
  const read = (file: string) => parse(readFileSync(join(ROOT, 'grafana/provisioning', file), 'utf8'));

  test('has one data source, fixed, its address from the environment, its interval that of the scrapes', () => {
    const { apiVersion, datasources } = read('datasources/datasource.yaml');
    const { global } = parse(readFileSync(join(ROOT, 'prometheus/prometheus.yml'), 'utf8'));
    assert.equal(apiVersion, 1);
    assert.deepEqual(
      datasources.map(({ uid, url, editable, type }: Record<string, unknown>) => ({
        uid,
        url,
        editable,
        type,
      })),
      [{ uid: 'falco-prometheus', url: '$PROMETHEUS_URL', editable: false, type: 'prometheus' }],
    );
    assert.equal(datasources[0].jsonData.timeInterval, global.scrape_interval);
  });

  test('loads the dashboards and lets nobody save over them', () => {
    const { apiVersion, providers } = read('dashboards/dashboards.yaml');
    assert.equal(apiVersion, 1);
    assert.equal(providers.length, 1);
    assert.equal(providers[0].allowUiUpdates, false);
    assert.equal(providers[0].type, 'file');
  });
});

function queries(board: Board): { panel: string; expr: string }[] {
  return dataPanels(board).flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }) => ({ panel: title, expr })),
  );
}
