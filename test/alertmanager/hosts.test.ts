/**
 * One host, two and two hundred, without a label `node`: from what Prometheus scrapes to what people are sent, with the
 * shipped rules and configuration in a real Prometheus and Alertmanager. What is sent is kept in golden/; to write it
 * anew: UPDATE_GOLDEN=1.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { stringify } from 'yaml';
import { eventually, query, ROOT, Stage } from '../prometheus/program.ts';
import { freePort, pause } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { alertmanager, type PagerDuty, People, type Slack } from './people.ts';

const HOSTS = 200;
const GOLDEN = join(ROOT, 'test/alertmanager/golden');
const instance = (number: number) => `shop-${number}:9376`;
const byHost = ({ payload: a }: PagerDuty, { payload: b }: PagerDuty) => (a.source < b.source ? -1 : 1);

/** What Alertmanager adds to PagerDuty's details of its own accord, as text or as numbers by its version. */
const ALERTMANAGERS = new Set(['num_firing', 'num_resolved', 'resolved']);

/** The same each time: no clock, and no number that depends on the moment of a scrape. */
function holds(name: string, sent: unknown): void {
  const text = `${JSON.stringify(sent, (key, value) => (ALERTMANAGERS.has(key) ? undefined : value), 2)
    .replaceAll(/\b\d\d:\d\d UTC/g, 'HH:MM UTC')
    .replaceAll(/&from=\d{13}/g, '&from=TIME')
    .replaceAll(/about \d+ in/g, 'about N in')}\n`;
  const file = join(GOLDEN, `${name}.json`);
  if (process.env.UPDATE_GOLDEN || !existsSync(file)) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  } else assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(file, 'utf8')));
}

describe('hosts', { skip: without('prometheus') || without('prometheus-alertmanager') }, () => {
  const stage = new Stage();
  const people = new People();
  /** Which hosts have had one event of a rule. */
  const happened = new Map<string, { priority: string; hosts: Set<number> }>(
    Object.entries({
      'Error on one': 'error',
      'Error on two': 'error',
      'Error on all': 'error',
      'Critical on one': 'critical',
      'Critical on two': 'critical',
      'Critical on all': 'critical',
    }).map(([rule, priority]) => [rule, { priority, hosts: new Set() }]),
  );
  let malformed = 0;
  const exporters = createServer((request, response) => {
    const host = Number(request.url?.slice(1));
    const events = [...happened].map(
      ([rule, { priority, hosts }]) =>
        `falco_events_total{rule="${rule}",service="web",priority="${priority}"} ${hosts.has(host) ? 1 : 0}\n`,
    );
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`${events.join('')}falco_exporter_lines_total{outcome="malformed"} ${malformed}\n`);
  });
  const happens = (rule: string, ...hosts: number[]) => {
    for (const host of hosts) happened.get(rule)!.hosts.add(host);
  };
  const all = Array.from({ length: HOSTS }, (_, at) => at + 1);

  before(async () => {
    await once(exporters.listen(0, '127.0.0.1'), 'listening');
    const { port } = exporters.address() as { port: number };
    const prometheus = `127.0.0.1:${await freePort()}`;
    const address = await alertmanager(stage, people);
    const rules = join(ROOT, 'prometheus/rules');
    writeFileSync(
      stage.path('prometheus.yml'),
      stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: readdirSync(rules).map((file) => join(rules, file)),
        alerting: { alertmanagers: [{ static_configs: [{ targets: [address] }] }] },
        scrape_configs: [
          {
            job_name: 'falco-event-exporter',
            static_configs: all.map((host) => ({
              targets: [`127.0.0.1:${port}`],
              labels: { instance: instance(host), __metrics_path__: `/${host}` },
            })),
          },
        ],
      }),
    );
    stage.start(
      'prometheus',
      `--config.file=${stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${stage.path('data')}`,
      `--web.listen-address=${prometheus}`,
      '--web.external-url=http://localhost:9090',
    );
    await eventually('every host to be seen at 0 twice', async () => {
      const [seen] = await query(
        prometheus,
        'count(count_over_time(falco_events_total{rule="Error on all"}[1m]) > 1)',
      );
      return seen?.value[1] === String(HOSTS) ? true : undefined;
    }).catch((error) => {
      throw new Error(stage.words, { cause: error });
    });
  });

  after(async () => {
    people.close();
    exporters.close();
    exporters.closeAllConnections();
    await stage.close();
  });

  beforeEach(() => people.forget());

  test('one host: the message names it, and where to look, silence and read on', async () => {
    happens('Error on one', 1);
    happens('Critical on one', 1);
    const [slack, page] = await eventually('both', async () =>
      people.slack[0] && people.pagerduty[0] ? [people.slack[0], people.pagerduty[0]] : undefined,
    );
    const [message] = (slack as Slack).attachments;
    assert.equal(message!.title, 'Falco error: Error on one in web on shop-1:9376');
    const { payload } = page as PagerDuty;
    assert.match(payload.summary, /shop-1:9376/);
    assert.deepEqual(
      [payload.source, payload.component, payload.group],
      ['shop-1:9376', 'web', 'shop-1:9376'],
    );
    holds('one-host.slack', slack);
    holds('one-host.pagerduty', page);
  });

  test('two hosts, one after the other: each is told, and each is an incident of its own', async () => {
    happens('Error on two', 1);
    happens('Critical on two', 1);
    await eventually('the first', async () => (people.slack[0] && people.pagerduty[0] ? true : undefined));
    await pause(1500);
    people.forget();
    happens('Error on two', 2);
    happens('Critical on two', 2);
    const page = await eventually('the second page', async () => people.pagerduty[0]);
    assert.equal(page.event_action, 'trigger');
    assert.equal(page.payload.source, 'shop-2:9376');
    const slack = await eventually('the second message', async () => people.slack[0]);
    const [message] = slack.attachments;
    assert.equal(message!.title, 'Falco error: Error on two in web on 2 hosts');
    for (const host of [1, 2]) assert.equal(message!.text.split(instance(host)).length, 2, message!.text);
    await pause(1500);
    // The first is not told again, nor resolved.
    assert.equal(people.pagerduty.length, 1);
    holds('two-hosts.slack', slack);
    holds('two-hosts.pagerduty', page);
  });

  test('two hundred hosts: one short message that names every host once', async () => {
    happens('Error on all', ...all);
    const slack = await eventually('a message of all', async () =>
      people.slack.find(({ attachments }) => attachments[0]!.title.endsWith(`${HOSTS} hosts`)),
    );
    const [message] = slack.attachments;
    assert.equal(message!.text.split('\n').filter((line) => line.startsWith('•')).length, 10);
    assert.match(message!.text, new RegExp(`\nand ${HOSTS - 10} more: shop-`));
    for (const host of all)
      assert.equal(
        message!.text.match(new RegExp(`\\b${instance(host)}\\b`, 'g'))?.length,
        1,
        instance(host),
      );
    assert.ok(message!.text.length < 4000, String(message!.text.length));
    assert.equal(message!.text.split('Look at it within hours').length, 2);
    assert.ok(people.slack.length < 5, String(people.slack.length));
    holds('200-hosts.slack', slack);
  });

  test('two hundred hosts with a critical event: an incident each, none an update of another', async () => {
    happens('Critical on all', ...all);
    const pages = await eventually('all of them', async () =>
      people.pagerduty.length >= HOSTS ? people.pagerduty : undefined,
    );
    assert.equal(new Set(pages.map(({ dedup_key }) => dedup_key)).size, HOSTS);
    assert.deepEqual(
      [...new Set(pages.map(({ payload }) => payload.source))].sort(),
      all.map(instance).sort(),
    );
    holds('200-hosts.pagerduty', pages.sort(byHost)[0]);
  });

  test('two hundred exporters with the same trouble: one short message', async () => {
    malformed = 3;
    const slack = await eventually('a message of all', async () =>
      people.slack.find(
        ({ attachments }) => attachments[0]!.title === `FalcoMalformedLines on ${HOSTS} hosts`,
      ),
    );
    const [message] = slack.attachments;
    assert.match(message!.text, new RegExp(`\nand ${HOSTS - 10} more: shop-`));
    assert.ok(message!.text.length < 4000, String(message!.text.length));
    holds('200-hosts-pipeline.slack', slack);
  });
});
