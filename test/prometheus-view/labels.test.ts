/** What a real Prometheus makes of labels: an empty one must not become the target's, and no value may end a line. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { eventually, query, Stage } from '../prometheus/program.ts';
import { Exporter, freePort } from '../support/exporter.ts';
import { without } from '../support/programs.ts';

const stage = new Stage();
after(() => stage.close());

const event = (rule: string, fields: object = {}) =>
  `${JSON.stringify({ rule, priority: 'Warning', output_fields: fields })}\n`;

test('extra labels without a value stay empty where the target has a label of the same name', {
  skip: without('prometheus'),
}, async () => {
  const [input, config] = [stage.path('events.json'), stage.path('config.yml')];
  const inFalco = { 'k8s.ns.name': 'falco' };
  const hostile = event('a\rb\fc\u0085d\u2028e\u2029f\u202eg\u001b[2Jh\tI\vj\u001ck');
  writeFileSync(input, event('A') + event('A') + event('A', inFalco) + hostile);
  writeFileSync(config, 'labels: { namespace: k8s.ns.name }\n');
  const exporter = await Exporter.start([`--config.file=${config}`, `--input.file=${input}`, '--state.dir=']);
  try {
    await exporter.ready();
    const { body } = await exporter.get('/metrics');
    // As Python's splitlines, and so Datadog's parser, ends lines.
    assert.deepEqual(body.split(/\r\n|[\n\v\f\r\u001c-\u001e\u0085\u2028\u2029]/), body.split('\n'));

    const port = await freePort();
    const scrape = {
      job_name: 'e',
      honor_labels: true,
      scrape_interval: '1s',
      scrape_timeout: '1s',
      static_configs: [{ targets: [`127.0.0.1:${exporter.port}`], labels: { namespace: 'falco' } }],
    };
    writeFileSync(stage.path('prometheus.yml'), JSON.stringify({ scrape_configs: [scrape] }));
    stage.start(
      'prometheus',
      `--config.file=${stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${stage.path('data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    );
    const found = await eventually('scraped', async () => {
      const samples = await query(`127.0.0.1:${port}`, 'falco_events_total{rule!="__overflow__"}');
      return samples.length > 0 ? samples : undefined;
    });
    const counts = found.map(({ metric, value }) =>
      [metric.rule, metric.namespace ?? '', value[1]].join('|'),
    );
    assert.deepEqual(counts.sort(), [
      'A|falco|1',
      'A||2',
      'a\\u000db\\u000cc\\u0085d\\u2028e\\u2029f\\u202eg\\u001b[2Jh\\u0009I\\u000bj\\u001ck||1',
    ]);
  } finally {
    await exporter.end();
  }
});
