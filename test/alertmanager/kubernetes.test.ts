/**
 * The values for kube-prometheus-stack in a real Alertmanager: the chart's InfoInhibitor, which fires where nothing but
 * severity info does, silences no alert of ours as prometheus-rule.sh prints it; and our routes tell as they do alone.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { eventually, ROOT, Stage } from '../prometheus/program.ts';
import { without } from '../support/programs.ts';
import { alertmanager, People } from './people.ts';

const printed = (script: string) =>
  parse(spawnSync('sh', [join(ROOT, 'examples/kubernetes', script)], { encoding: 'utf8' }).stdout, {
    merge: true,
  });

describe('kube-prometheus-stack', { skip: without('prometheus-alertmanager') }, () => {
  const stage = new Stage();
  const people = new People();
  let address: string;

  before(async () => {
    const { inhibit_rules } = printed('kube-prometheus-stack.sh').alertmanager.config;
    address = await alertmanager(stage, people, (config) => {
      config.inhibit_rules = inhibit_rules;
    });
  });
  after(async () => {
    people.close();
    await stage.close();
  });

  test('InfoInhibitor silences severity info and not FalcoWarningEvents', async () => {
    interface Rule {
      alert?: string;
      labels?: { severity: string };
    }
    const rules = printed('prometheus-rule.sh').spec.groups.flatMap(
      ({ rules }: { rules: Rule[] }) => rules,
    ) as Rule[];
    const { severity } = rules.find(({ alert }) => alert === 'FalcoWarningEvents')!.labels!;
    const alert = (alertname: string, labels: Record<string, string>) => ({
      labels: { alertname, namespace: 'falco', category: 'events', rule: 'R', service: 'web', ...labels },
      annotations: { summary: alertname, description: 'happened' },
    });
    await fetch(`http://${address}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([
        alert('InfoInhibitor', { severity: 'none' }),
        alert('Chatter', { severity: 'info' }),
        alert('FalcoWarningEvents', { severity, priority: 'warning' }),
      ]),
    });
    const states = await eventually('all three', async () => {
      const answer = await fetch(`http://${address}/api/v2/alerts`);
      const all = (await answer.json()) as { labels: { alertname: string }; status: { state: string } }[];
      const found = Object.fromEntries(all.map(({ labels, status }) => [labels.alertname, status.state]));
      return found.Chatter === 'suppressed' ? found : undefined;
    });
    assert.deepEqual(states, {
      InfoInhibitor: 'suppressed',
      Chatter: 'suppressed',
      FalcoWarningEvents: 'active',
    });
    const [digest] = await eventually('the digest', async () => people.slack[0]?.attachments);
    assert.equal(digest!.title, '1 Falco warning to review');
  });
});
