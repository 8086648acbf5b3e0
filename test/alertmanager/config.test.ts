/** What is shipped for Alertmanager, by its own tool: the files load, and every alert goes where it should. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { ROOT, run } from '../prometheus/program.ts';
import { without } from '../support/programs.ts';

const CONFIG = 'alertmanager/alertmanager.yml';

describe('amtool', { skip: without('amtool') }, () => {
  for (const file of [CONFIG, 'alertmanager/local.yml'])
    test(`accepts ${file} and its templates`, () => {
      assert.match(run('amtool', 'check-config', file), /SUCCESS/);
    });

  for (const [receiver, labels] of [
    ['pagerduty', ['alertname=FalcoCriticalEvents', 'severity=critical', 'category=events']],
    ['slack', ['alertname=FalcoErrorEvents', 'severity=warning', 'category=events']],
    ['slack', ['alertname=FalcoEventBurst', 'severity=warning', 'category=events']],
    ['slack', ['alertname=FalcoFirstSeen', 'severity=warning', 'category=events']],
    ['slack-digest', ['alertname=FalcoWarningEvents', 'severity=info', 'category=events']],
    ['pagerduty-pipeline', ['alertname=FalcoDown', 'severity=critical', 'category=pipeline']],
    ['slack-pipeline', ['alertname=FalcoEventsLost', 'severity=warning', 'category=pipeline']],
    ['slack', ['alertname=SomebodyElses']],
  ] as const)
    test(`routes ${labels.join(' ')} to ${receiver}`, () => {
      run(
        'amtool',
        'config',
        'routes',
        'test',
        `--config.file=${CONFIG}`,
        `--verify.receivers=${receiver}`,
        ...labels,
      );
    });
});

test('without secrets there is one receiver, and it sends nothing', () => {
  const { route, receivers } = parse(readFileSync(join(ROOT, 'alertmanager/local.yml'), 'utf8'));
  assert.deepEqual(receivers, [{ name: 'local' }]);
  assert.equal(route.receiver, 'local');
  assert.equal(route.routes, undefined);
});

test('no secret stands in the configuration, only the names of files', () => {
  const text = readFileSync(join(ROOT, CONFIG), 'utf8');
  assert.doesNotMatch(text, /^\s*(api_url|slack_api_url|routing_key|service_key|password|url):/m);
});
