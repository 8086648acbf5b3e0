/**
 * From an alert to the events that it is of: the real exporter, Prometheus and Alertmanager with what this repository
 * ships, a server that stands for Slack, and a browser that follows the link in its message.
 */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { alertmanager, People } from '../../alertmanager/people.ts';
import { eventually, query, run, Stage } from '../../prometheus/program.ts';
import { type Exporter, freePort } from '../../support/exporter.ts';
import { Browsing, event, listed, skip, text, until } from '../../support/page.ts';
import { without } from '../../support/programs.ts';

const HOUR = 3_600_000;
const RULE = `Drop "the table" & 100% 'now' <b>+ä/?x=1#`;
const SERVICE = 'db & "co" <!channel>';

describe('links', {
  skip: skip || without('prometheus') || without('prometheus-alertmanager'),
}, () => {
  const browsing = new Browsing();
  const stage = new Stage();
  const people = new People();
  const input = browsing.path('events.json');
  let exporter: Exporter;
  let prometheus: string;

  before(async () => {
    writeFileSync(
      input,
      event(RULE, 'Error', { service: SERVICE, output: 'long ago', time: Date.now() - HOUR }),
    );
    exporter = await browsing.start(input, [`--state.dir=${browsing.path('state')}`, '--web.hold=1s']);
    await exporter.ready();
    const manager = await alertmanager(stage, people);
    writeFileSync(stage.path('rules.yml'), run('sh', 'prometheus/rules.sh', `--page=${exporter.url('/')}`));
    writeFileSync(
      stage.path('prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [stage.path('rules.yml')],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [manager] }] }] },
        scrape_configs: [
          { job_name: 'falco-event-exporter', static_configs: [{ targets: [exporter.url('').slice(7)] }] },
        ],
      }),
    );
    prometheus = `127.0.0.1:${await freePort()}`;
    stage.start(
      'prometheus',
      `--config.file=${stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${stage.path('tsdb')}`,
      `--web.listen-address=${prometheus}`,
    );
    await eventually('a scrape', async () =>
      (await query(prometheus, 'falco_events_total > 0')).length > 0 ? true : undefined,
    );
  });

  after(async () => {
    people.close();
    await stage.close();
  });

  test("an alert's message leads to just its events", async (t) => {
    appendFileSync(
      input,
      event(RULE, 'Error', { service: SERVICE, output: 'this one' }) +
        event(RULE, 'Error', { service: 'elsewhere', output: 'another service' }) +
        event('Another rule', 'Error', { service: SERVICE }) +
        event(RULE, 'Notice', { service: SERVICE, output: 'another priority' }),
    );
    const message = await eventually('a message', async () =>
      people.slack
        .flatMap(({ attachments }) => attachments)
        .find(({ title }) => title.includes('the table') && title.includes('db &amp; "co"')),
    );
    const link = /<([^<>|]+)\|Events>/.exec(message.text)?.[1];
    assert.ok(link, message.text);
    assert.ok(link.startsWith(exporter.url('/?')), link);
    const page = await browsing.open(t, exporter, { path: link.slice(exporter.url('').length) });
    await until(page, [RULE]);
    assert.deepEqual(await listed(page), [RULE]);
    assert.match(await text(page, '#list'), /this one/);
    for (const chip of ['priority error', `service ${SERVICE}`, `rule ${RULE}`])
      await page.getByRole('button', { name: `remove the filter ${chip}`, exact: true }).waitFor();
  });

  test('where the time leaves nothing, the page says so and shows them whatever their time', async (t) => {
    const path = `/?${new URLSearchParams({ rule: RULE, from: new Date(Date.now() + HOUR).toISOString() })}`;
    const page = await browsing.open(t, exporter, { path });
    await page.getByRole('button', { name: /whatever their time/ }).click();
    await until(page, [RULE]);
    assert.doesNotMatch(page.url(), /from=/);
  });
});
