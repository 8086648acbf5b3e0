/**
 * From a line of Falco's to a message to a person: the real exporter, Prometheus and Alertmanager with what this
 * repository ships, and two servers that stand for Slack and PagerDuty. All times of the shipped files are divided
 * by one number, so that a quarter of an hour takes less than half a minute; nothing else is changed but addresses.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { nativeFalco } from '../../prometheus/falco.ts';
import { eventually, query, ROOT, Stage } from '../../prometheus/program.ts';
import { Exporter, freePort, pause } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';

const FASTER = 40;
const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as Prometheus and Alertmanager write it, so much shorter. */
const shorter = (text: string): string =>
  text.replace(
    /\b(\d+)([smhd])\b/g,
    (_, count: string, unit: keyof typeof MILLISECONDS) =>
      `${Math.max(1, Math.round((Number(count) * MILLISECONDS[unit]) / FASTER))}ms`,
  );

/** Of a whole file: intervals and waits as they stand alone after a key, ranges and offsets inside expressions. */
const inAHurry = (yaml: string): string =>
  yaml
    .replace(
      /^(\s*(?:for|keep_firing_for|interval|\w+_interval|\w+_wait|\w+_timeout): )(\S+)$/gm,
      (_, key, time) => key + shorter(time),
    )
    .replace(/\[(\d+[smhd])\]|offset (\d+[smhd])/g, (found) => shorter(found));

const event = (rule: string, priority: string, container: string): string =>
  `${JSON.stringify({
    hostname: 'shop-1',
    time: new Date().toISOString(),
    rule,
    priority,
    source: 'syscall',
    output_fields: { 'container.name': container },
  })}\n`;
const heartbeat = (): string =>
  `${JSON.stringify({
    time: new Date().toISOString(),
    rule: 'Falco internal: metrics snapshot',
    priority: 'Informational',
    source: 'internal',
    output_fields: {},
  })}\n`;

const RULES = [
  ['PostgreSQL Table Drop', 'ERROR', 'ecommerce-postgres'],
  ['Drop and execute new binary', 'CRITICAL', 'ecommerce-dashboard'],
  ['Old <!channel> & error', 'ERROR', 'ecommerce-grafana'],
] as const;

interface Slack {
  attachments: { title: string; text: string; title_link: string; color: string }[];
}
interface PagerDuty {
  routing_key: string;
  event_action: string;
  payload: { summary: string; severity: string; custom_details: Record<string, string> };
  links: { href: string; text: string }[];
}

describe('alerting', {
  skip: without('prometheus') || without('prometheus-alertmanager'),
}, () => {
  const stage = new Stage();
  const slack: Slack[] = [];
  const pagerduty: PagerDuty[] = [];
  const people = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const message = JSON.parse(body);
      if (request.url === '/slack') slack.push(message);
      else pagerduty.push(message);
      if (request.url === '/slack') response.writeHead(200, { 'content-type': 'text/html' }).end('ok');
      else response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"success"}');
    });
  });
  const input = stage.path('events.json');
  let beat: NodeJS.Timeout;
  let prometheus: string;
  let exporter: Exporter;
  let falco: Awaited<ReturnType<typeof nativeFalco>>;

  const firing = async (): Promise<string[]> =>
    (await query(prometheus, 'count by (alertname) (ALERTS{alertstate="firing"})')).map(
      ({ metric }) => metric.alertname ?? '',
    );

  before(async () => {
    await once(people.listen(0, '127.0.0.1'), 'listening');
    // What the file holds at the very first start is no news, whatever it is.
    writeFileSync(
      input,
      RULES.map(([rule, priority, container]) => event(rule, priority, container)).join('') + heartbeat(),
    );
    writeFileSync(
      stage.path('rules.yaml'),
      stringify(
        RULES.map(([rule, priority, container]) => ({
          rule,
          desc: rule,
          condition: `evt.type = execve and container.name = "${container}"`,
          output: 'happened (container=%container.name)',
          priority,
        })),
      ),
    );
    exporter = await Exporter.start([
      `--input.file=${input}`,
      `--state.dir=${stage.path('state')}`,
      `--rules.file=${stage.path('rules.yaml')}`,
      '--web.hold=1s',
    ]);
    await exporter.ready();
    beat = setInterval(() => appendFileSync(input, heartbeat()), MILLISECONDS.m / FASTER);
    falco = await nativeFalco(new Map());
    const alertmanager = `127.0.0.1:${await freePort()}`;
    prometheus = `127.0.0.1:${await freePort()}`;
    const { port } = people.address() as { port: number };

    writeFileSync(stage.path('slack'), `http://127.0.0.1:${port}/slack\n`);
    writeFileSync(stage.path('pagerduty'), 'the-routing-key\n');
    const config = parse(inAHurry(readFileSync(join(ROOT, 'alertmanager/alertmanager.yml'), 'utf8')), {
      merge: true,
    });
    config.global.slack_api_url_file = stage.path('slack');
    config.global.pagerduty_url = `http://127.0.0.1:${port}/pagerduty`;
    config.templates = [join(ROOT, 'alertmanager/templates/*.tmpl')];
    for (const receiver of config.receivers)
      for (const one of receiver.pagerduty_configs ?? []) one.routing_key_file = stage.path('pagerduty');
    writeFileSync(stage.path('alertmanager.yml'), stringify(config));
    stage.start(
      'prometheus-alertmanager',
      `--config.file=${stage.path('alertmanager.yml')}`,
      `--storage.path=${stage.path('alertmanager')}`,
      `--web.listen-address=${alertmanager}`,
      '--cluster.listen-address=',
    );

    const shipped = join(ROOT, 'prometheus/rules');
    for (const file of readdirSync(shipped))
      writeFileSync(stage.path(file), inAHurry(readFileSync(join(shipped, file), 'utf8')));
    const addresses: Record<string, string> = {
      'falco-event-exporter:9376': `127.0.0.1:${exporter.port}`,
      'ecommerce-falco:8765': falco.address,
      'alertmanager:9093': alertmanager,
      'localhost:9090': prometheus,
    };
    const server = parse(
      inAHurry(readFileSync(join(ROOT, 'prometheus/prometheus.yml'), 'utf8')).replace(
        /\[(\S+:\d+)\]$/gm,
        (_, address: string) => `["${addresses[address]}"]`,
      ),
    );
    // Prometheus takes up to 5 s to begin with its targets, which is no shorter here; the rules come after that.
    server.rule_files = [];
    server.global.scrape_timeout = server.global.scrape_interval;
    writeFileSync(stage.path('prometheus.yml'), stringify(server));
    stage.start(
      'prometheus',
      `--config.file=${stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${stage.path('data')}`,
      `--web.listen-address=${prometheus}`,
      '--web.enable-lifecycle',
    );
    await eventually('all targets to be up', async () => {
      const up = await query(prometheus, 'up == 1');
      return up.length === 4 ? true : undefined;
    }).catch((error) => {
      throw new Error(stage.words, { cause: error });
    });
    server.rule_files = readdirSync(shipped).map((file) => stage.path(file));
    writeFileSync(stage.path('prometheus.yml'), stringify(server));
    const { ok } = await fetch(`http://${prometheus}/-/reload`, { method: 'POST' });
    assert.ok(ok, stage.words);
  });

  after(async () => {
    clearInterval(beat);
    falco?.close();
    people.close();
    people.closeAllConnections();
    await exporter?.end();
    await stage.close();
  });

  test('a first deployment over old events tells nobody anything', async () => {
    await eventually('the old events to be seen', async () => {
      const seen = await query(
        prometheus,
        'count_over_time(falco_events_total{priority="critical"}[1m]) > 20',
      );
      return seen.length > 0 ? true : undefined;
    });
    assert.deepEqual(await firing(), []);
    assert.deepEqual([slack, pagerduty], [[], []]);
  });

  test('one ERROR line is one message in Slack, with rule, service and priority', async () => {
    appendFileSync(input, event('PostgreSQL Table Drop', 'Error', 'ecommerce-postgres'));
    const message = await eventually('a message in Slack', async () => slack[0]);
    const [attachment] = message.attachments;
    assert.equal(
      attachment?.title,
      'Falco error: PostgreSQL Table Drop in ecommerce-postgres on ecommerce-host',
    );
    assert.match(
      attachment?.text ?? '',
      /^Look at it within hours\.\nabout 1 in 5 minutes, since \d\d:\d\d UTC\n/,
    );
    assert.match(
      attachment?.text ?? '',
      /<https:\S+\/FalcoErrorEvents\.md\|Runbook> · <http:\S+\|Dashboard> · <http:\S+\|Events>$/,
    );
    assert.match(
      attachment?.title_link ?? '',
      /var-service=ecommerce-postgres&var-rule=PostgreSQL\+Table\+Drop$/,
    );
    assert.deepEqual(pagerduty, []);
  });

  test('one CRITICAL line is one incident in PagerDuty, with rule, service and priority', async () => {
    appendFileSync(input, event('Drop and execute new binary', 'Critical', 'ecommerce-dashboard'));
    const incident = await eventually('an incident in PagerDuty', async () => pagerduty[0]);
    assert.equal(incident.routing_key, 'the-routing-key');
    assert.equal(incident.event_action, 'trigger');
    assert.equal(incident.payload.severity, 'critical');
    assert.equal(
      incident.payload.summary,
      'Falco critical: Drop and execute new binary in ecommerce-dashboard on ecommerce-host',
    );
    const { rule, service, priority } = incident.payload.custom_details;
    assert.deepEqual(
      [rule, service, priority],
      ['Drop and execute new binary', 'ecommerce-dashboard', 'critical'],
    );
    assert.match(
      incident.links.find(({ text }) => text === 'Runbook')?.href ?? '',
      /FalcoCriticalEvents\.md$/,
    );
  });

  test("a rule's name with Slack's own marks in it stays plain text", async () => {
    appendFileSync(input, event('Old <!channel> & error', 'Error', 'ecommerce-grafana'));
    const message = await eventually('a second message in Slack', async () => slack[1]);
    const [attachment] = message.attachments;
    assert.equal(
      attachment?.title,
      'Falco error: Old &lt;!channel&gt; &amp; error in ecommerce-grafana on ecommerce-host',
    );
    assert.doesNotMatch(JSON.stringify(attachment), /<!/);
  });

  test('each was told once, and is over by itself without a word', async () => {
    await eventually('all to be over', async () => ((await firing()).length === 0 ? true : undefined), 90);
    assert.equal(slack.length, 2);
    assert.equal(pagerduty.length, 1);
  });

  test('a stopped exporter is FalcoExporterDown and nothing else', async () => {
    await exporter.end();
    const incident = await eventually('an incident in PagerDuty', async () => pagerduty[1]);
    assert.match(incident.payload.summary, /^The Falco exporter on ecommerce-host does not answer$/);
    // Past the time in which a silent Falco would be told.
    await pause((16 * MILLISECONDS.m) / FASTER);
    assert.deepEqual(await firing(), ['FalcoExporterDown']);
    assert.equal(pagerduty.length, 2);
    assert.equal(slack.length, 2);
  });
});
