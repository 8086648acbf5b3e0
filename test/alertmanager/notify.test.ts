/**
 * What a real Alertmanager makes of several alerts at once with the shipped configuration: which silences which,
 * and what a day's digest holds. Only the waits are shorter, and the addresses this test's own.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { eventually, ROOT, Stage } from '../prometheus/program.ts';
import { freePort, pause } from '../support/exporter.ts';
import { without } from '../support/programs.ts';

const DAY = 6000;

interface Route {
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

/** Every wait half a second; a day's group six. */
function hurry(route: Route): void {
  if (route.group_wait) route.group_wait = '500ms';
  if (route.group_interval) route.group_interval = route.group_interval === '24h' ? `${DAY}ms` : '1s';
  if (route.repeat_interval === '24h') route.repeat_interval = `${DAY}ms`;
  route.routes?.forEach(hurry);
}

describe('notifications', { skip: without('prometheus-alertmanager') }, () => {
  const stage = new Stage();
  const told: { to: 'slack' | 'pagerduty'; what: string; text: string }[] = [];
  const people = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const message = JSON.parse(body);
      if (request.url === '/slack')
        told.push({ to: 'slack', what: message.attachments[0].title, text: message.attachments[0].text });
      else told.push({ to: 'pagerduty', what: message.payload.summary, text: message.event_action });
      response.writeHead(request.url === '/slack' ? 200 : 202).end('{}');
    });
  });
  let address: string;

  /** Tells Alertmanager of alerts, as Prometheus would, that end after so many milliseconds. */
  const fire = async (lasting: number, ...alerts: Record<string, string>[]) => {
    const now = Date.now();
    const answer = await fetch(`http://${address}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        alerts.map((labels) => ({
          labels,
          annotations: {
            summary: `${labels.alertname} ${labels.rule ?? ''}`.trim(),
            description: 'happened',
            events: '1',
            runbook_url: 'https://example.com/runbook',
            dashboard_url: 'http://example.com/dashboard',
          },
          startsAt: new Date(now).toISOString(),
          endsAt: new Date(now + lasting).toISOString(),
        })),
      ),
    });
    assert.ok(answer.ok, await answer.text());
  };
  const event = (alertname: string, priority: string, severity: string, rule: string, service = 'web') => ({
    alertname,
    rule,
    service,
    priority,
    severity,
    category: 'events',
  });
  const pipeline = (alertname: string, severity: string, more: Record<string, string> = {}) => ({
    alertname,
    severity,
    category: 'pipeline',
    ...more,
  });

  before(async () => {
    await once(people.listen(0, '127.0.0.1'), 'listening');
    const { port } = people.address() as { port: number };
    writeFileSync(stage.path('slack'), `http://127.0.0.1:${port}/slack`);
    writeFileSync(stage.path('pagerduty'), 'key');
    const config = parse(readFileSync(join(ROOT, 'alertmanager/alertmanager.yml'), 'utf8'), { merge: true });
    hurry(config.route);
    config.global.slack_api_url_file = stage.path('slack');
    config.global.pagerduty_url = `http://127.0.0.1:${port}/pagerduty`;
    config.templates = [join(ROOT, 'alertmanager/templates/*.tmpl')];
    for (const { pagerduty_configs } of config.receivers)
      for (const one of pagerduty_configs ?? []) one.routing_key_file = stage.path('pagerduty');
    writeFileSync(stage.path('alertmanager.yml'), stringify(config));
    address = `127.0.0.1:${await freePort()}`;
    stage.start(
      'prometheus-alertmanager',
      `--config.file=${stage.path('alertmanager.yml')}`,
      `--storage.path=${stage.path('data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    );
    await eventually('Alertmanager to be ready', async () =>
      (await fetch(`http://${address}/-/ready`)).ok ? true : undefined,
    );
  });

  after(async () => {
    people.close();
    people.closeAllConnections();
    await stage.close();
  });

  beforeEach(() => {
    told.length = 0;
  });

  test('critical silences error and warning of the same rule and service, and of no other', async () => {
    await fire(
      60_000,
      event('FalcoCriticalEvents', 'critical', 'critical', 'A'),
      event('FalcoErrorEvents', 'error', 'warning', 'A'),
      event('FalcoErrorEvents', 'error', 'warning', 'A', 'other'),
      event('FalcoErrorEvents', 'error', 'warning', 'B'),
    );
    await eventually('three messages', async () => (told.length >= 3 ? true : undefined));
    await pause(2000);
    assert.deepEqual(
      told.map(({ to, what, text }) => `${to}: ${what}${/· other /.test(text) ? ', other' : ''}`).sort(),
      ['pagerduty: FalcoCriticalEvents A', 'slack: FalcoErrorEvents A, other', 'slack: FalcoErrorEvents B'],
    );
  });

  test('an exporter that is down silences what follows from it, on its own node only', async () => {
    await fire(
      60_000,
      pipeline('FalcoExporterDown', 'critical', { node: 'a' }),
      pipeline('FalcoSilent', 'critical', { node: 'a' }),
      pipeline('FalcoEventsLost', 'warning', { node: 'a', rule: 'A', reason: 'shortfall' }),
      pipeline('FalcoSilent', 'critical', { node: 'b' }),
      pipeline('FalcoSyscallDrops', 'warning', { node: 'a' }),
    );
    await eventually('three messages', async () => (told.length >= 3 ? true : undefined));
    await pause(2000);
    assert.deepEqual(told.map(({ to, what }) => `${to}: ${what}`).sort(), [
      'pagerduty: FalcoExporterDown',
      'pagerduty: FalcoSilent',
      'slack: FalcoSyscallDrops',
    ]);
  });

  test("a day's digest holds every warning of the day once, those too that are long over", async () => {
    await fire(60_000, event('FalcoWarningEvents', 'warning', 'info', 'first'));
    await eventually('the first', async () => (told.length === 1 ? true : undefined));
    assert.equal(told[0]?.what, '1 Falco warning to review');

    await fire(1000, event('FalcoWarningEvents', 'warning', 'info', 'short'));
    await fire(60_000, event('FalcoWarningEvents', 'warning', 'info', 'long'));
    await eventually('the digest', async () => told[1]);
    assert.equal(told[1]?.what, '3 Falco warnings to review');
    for (const rule of ['first', 'short', 'long'])
      assert.equal(told[1]?.text.split(`· ${rule} ·`).length, 2, told[1]?.text);
    assert.equal(told.length, 2);
  });
});
