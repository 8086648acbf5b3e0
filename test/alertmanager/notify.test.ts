/**
 * What a real Alertmanager makes of several alerts at once with the shipped configuration: which silences which,
 * and what a day's digest holds. Only the waits are shorter, and the addresses this test's own.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { eventually, Stage } from '../prometheus/program.ts';
import { pause } from '../support/exporter.ts';
import { without } from '../support/programs.ts';
import { alertmanager, People } from './people.ts';

describe('notifications', { skip: without('prometheus-alertmanager') }, () => {
  const stage = new Stage();
  const people = new People();
  /** Who was told what, in one line each. */
  const told = () => [
    ...people.slack.map(({ attachments: [one] }) => ({ to: 'slack', what: one!.title, text: one!.text })),
    ...people.pagerduty.map(({ payload, event_action }) => ({
      to: 'pagerduty',
      what: payload.summary,
      text: event_action,
    })),
  ];
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
            summary: [
              labels.alertname,
              labels.rule,
              labels.service && `in ${labels.service}`,
              labels.instance,
            ]
              .filter(Boolean)
              .join(' '),
            description: 'happened',
            detail: 'about 1 in 5 minutes',
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
    address = await alertmanager(stage, people);
  });

  after(async () => {
    people.close();
    await stage.close();
  });

  beforeEach(() => {
    people.forget();
  });

  test('critical silences error and warning of the same rule and service, and of no other', async () => {
    await fire(
      60_000,
      event('FalcoCriticalEvents', 'critical', 'critical', 'A'),
      event('FalcoErrorEvents', 'error', 'warning', 'A'),
      event('FalcoErrorEvents', 'error', 'warning', 'A', 'other'),
      event('FalcoErrorEvents', 'error', 'warning', 'B'),
    );
    await eventually('three messages', async () => (told().length >= 3 ? true : undefined));
    await pause(2000);
    assert.deepEqual(
      told()
        .map(({ to, what }) => `${to}: ${what}`)
        .sort(),
      [
        'pagerduty: FalcoCriticalEvents A in web',
        'slack: FalcoErrorEvents A in other',
        'slack: FalcoErrorEvents B in web',
      ],
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
    await eventually('three messages', async () => (told().length >= 3 ? true : undefined));
    await pause(2000);
    assert.deepEqual(
      told()
        .map(({ to, what }) => `${to}: ${what}`)
        .sort(),
      ['pagerduty: FalcoExporterDown', 'pagerduty: FalcoSilent', 'slack: FalcoSyscallDrops'],
    );
  });

  test('the same where only `instance` tells hosts apart', async () => {
    await fire(
      60_000,
      pipeline('FalcoExporterDown', 'critical', { instance: 'a:9376' }),
      pipeline('FalcoInputMissing', 'critical', { instance: 'a:9376' }),
      pipeline('FalcoInputMissing', 'critical', { instance: 'b:9376' }),
      pipeline('FalcoSilent', 'critical', { instance: 'b:9376' }),
      // Another address than any exporter's: it silences nobody.
      pipeline('FalcoDown', 'critical', { instance: 'b:8765' }),
      pipeline('FalcoSilent', 'critical', { instance: 'c:9376' }),
      { ...event('FalcoCriticalEvents', 'critical', 'critical', 'A'), instance: 'a:9376' },
      { ...event('FalcoErrorEvents', 'error', 'warning', 'A'), instance: 'a:9376' },
      { ...event('FalcoErrorEvents', 'error', 'warning', 'A'), instance: 'b:9376' },
    );
    await eventually('six messages', async () => (told().length >= 6 ? true : undefined));
    await pause(2000);
    assert.deepEqual(
      told()
        .map(({ to, what }) => `${to}: ${what}`)
        .sort(),
      [
        'pagerduty: FalcoCriticalEvents A in web a:9376',
        'pagerduty: FalcoDown b:8765',
        'pagerduty: FalcoExporterDown a:9376',
        'pagerduty: FalcoInputMissing b:9376',
        'pagerduty: FalcoSilent c:9376',
        'slack: FalcoErrorEvents A in web b:9376',
      ],
    );
  });

  test('Falco that is down silences the silence of its own node, and of no other', async () => {
    await fire(
      60_000,
      pipeline('FalcoDown', 'critical', { node: 'd', instance: 'd:8765' }),
      pipeline('FalcoSilent', 'critical', { node: 'd', instance: 'd:9376' }),
      pipeline('FalcoSilent', 'critical', { node: 'e', instance: 'e:9376' }),
    );
    await eventually('two messages', async () => (told().length >= 2 ? true : undefined));
    await pause(1500);
    assert.deepEqual(
      told()
        .map(({ what }) => what)
        .sort(),
      ['FalcoDown d:8765', 'FalcoSilent e:9376'],
    );
  });

  test('hostile words: every message is sent, and its link silences what it is about', async () => {
    const odd = [
      'a\\E(b',
      'a.b',
      'a-b',
      '.*',
      '<!channel>',
      'new\nline',
      '{{ . }}',
      '"quoted"',
      '%41 &?#',
      '|',
      '',
      'ü',
    ];
    const rule = 'R "x" \\ \n <!here> {{ template "x" }} %22+';
    await fire(
      60_000,
      ...odd.map((instance) => ({ ...event('FalcoErrorEvents', 'error', 'warning', rule), instance })),
    );
    const message = await eventually('a message', async () =>
      people.slack.find(
        ({ attachments }) =>
          attachments[0]!.title.includes('R &quot;') || attachments[0]!.title.includes('R "x"'),
      ),
    );
    const [one] = message.attachments;
    assert.doesNotMatch(one!.text + one!.title, /<!/);
    assert.match(one!.text, /\nand 2 more: /);
    const filter = decodeURIComponent(/#\/silences\/new\?filter=(.*)$/.exec(one!.actions[0]!.url)![1]!);
    const matchers = filter.slice(1, -1).split(/, (?=\w+=")/);
    const answer = await fetch(
      `http://${address}/api/v2/alerts?${new URLSearchParams(matchers.map((matcher): [string, string] => ['filter', matcher]))}`,
    );
    assert.equal(((await answer.json()) as unknown[]).length, odd.length, filter);
  });

  test("a day's digest holds every warning of the day once, those too that are long over", async () => {
    await fire(60_000, event('FalcoWarningEvents', 'warning', 'info', 'first'));
    await eventually('the first', async () => (told().length === 1 ? true : undefined));
    assert.equal(told()[0]?.what, '1 Falco warning to review');

    await fire(1000, event('FalcoWarningEvents', 'warning', 'info', 'short'));
    await fire(60_000, event('FalcoWarningEvents', 'warning', 'info', 'long'));
    await eventually('the digest', async () => told()[1]);
    assert.equal(told()[1]?.what, '3 Falco warnings to review');
    for (const rule of ['first', 'short', 'long'])
      assert.equal(told()[1]?.text.split(`· ${rule} ·`).length, 2, told()[1]?.text);
    assert.equal(told().length, 2);
  });
});
