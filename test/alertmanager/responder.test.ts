/** What Slack hears of the responder's acts: what was done, to which container, and where the evidence lies. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { eventually, ROOT, Stage } from '../prometheus/program.ts';
import { without } from '../support/programs.ts';
import { alertmanager, People } from './people.ts';

interface Rule {
  alert: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

describe("the responder's acts", { skip: without('prometheus-alertmanager') }, () => {
  const stage = new Stage();
  const people = new People();
  let address: string;

  before(async () => {
    address = await alertmanager(stage, people);
  });

  after(async () => {
    people.close();
    await stage.close();
  });

  test('one message, a line for each act with its evidence, and no mark of Slack from a rule', async () => {
    const { groups } = parse(readFileSync(join(ROOT, 'prometheus/rules/responder.yml'), 'utf8')) as {
      groups: { rules: Rule[] }[];
    };
    const rule = groups[0]!.rules.find(({ alert }) => alert === 'FalcoResponderActed')!;
    const acts = ['pause', 'disconnect'].map((action) => ({
      ...{ alertname: rule.alert, ...rule.labels, action, container: 'shop-web', instance: 'shop-1:9377' },
      ...{ rule: 'Shell <!channel>', response: 'a1', evidence: '/evidence/20261126-a1' },
    }));
    // As Prometheus fills them in.
    const filled = (text: string, labels: Record<string, string>) =>
      text
        .replaceAll(/\{\{ or \$labels\.node \$labels\.instance \}\}/g, labels.instance!)
        .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name]!);
    const answer = await fetch(`http://${address}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        acts.map((labels) => ({
          labels,
          annotations: Object.fromEntries(
            Object.entries(rule.annotations).map(([name, text]) => [name, filled(text, labels)]),
          ),
        })),
      ),
    });
    assert.ok(answer.ok, await answer.text());
    const message = await eventually('a message', async () => people.slack[0]?.attachments[0]);
    for (const act of ['pause', 'disconnect'])
      assert.ok(
        message.text.includes(
          `• shop-1:9377 · ${act} of shop-web for Shell &lt;!channel&gt;, evidence in /evidence/20261126-a1, since`,
        ),
        message.text,
      );
    assert.ok(!JSON.stringify(people.slack).includes('<!channel>'));
    assert.match(message.text, /FalcoResponderActed\.md\|Runbook>/);
    assert.equal(people.pagerduty.length, 0);
  });
});
