/** Which service events of plugins, and labels of the configuration, come to have in the program as it ships. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { command, Exporter, temporary } from '../../support/exporter.ts';

const SOURCES = fileURLToPath(new URL('../../fixtures/sources/', import.meta.url));
const directory = temporary();
after(() => directory.remove());

async function run(name: string, config: string, lines: string) {
  const file = join(directory.path, `${name}.yml`);
  const input = join(directory.path, `${name}.json`);
  writeFileSync(file, config);
  writeFileSync(input, lines);
  const exporter = await Exporter.start([`--config.file=${file}`, `--input.file=${input}`, '--state.dir=']);
  await exporter.ready();
  const metrics = await exporter.metrics();
  const { log } = exporter;
  await exporter.end();
  const counted = [...metrics].filter(([key, value]) => key.startsWith('falco_events_total{') && value > 0);
  return { counted: Object.fromEntries(counted), log };
}
const audit = readFileSync(`${SOURCES}k8s-audit.log`, 'utf8');
const trail = readFileSync(`${SOURCES}cloudtrail.log`, 'utf8');

test('without configuration: the target namespace, else the name of the source', async () => {
  const { counted } = await run('plain', '{}', audit + trail);
  assert.deepEqual(counted, {
    'falco_events_total{rule="Disallowed K8s User",service="prod",priority="warning"}': 1,
    'falco_events_total{rule="Anonymous Request Allowed",service="k8s_audit",priority="warning"}': 1,
    'falco_events_total{rule="Terraform Managed Resource Modified",service="aws_cloudtrail",priority="warning"}': 1,
  });
});

test('by configuration: source, fields and namespace; labels from keys of the event and fixed texts', async () => {
  const config = `
services:
  - {name: clouds, source: aws_cloudtrail, fields: {ct.user.accountid: '/1{4}2{4}[0-9]+|333/'}}
  - {name: shop, namespace: prod}
  - {name: audit, source: [k8s_audit]}
  - {name: never, container: /(x+x+)+y/}
labels:
  node: hostname
  cluster: {value: eu-1}
`;
  const slow = JSON.stringify({
    rule: 'R',
    priority: 'Error',
    hostname: 'n',
    output_fields: { 'container.name': 'x'.repeat(200) },
  });
  const { counted } = await run('mapped', config, `${audit}${trail}${slow}\n`);
  assert.deepEqual(
    Object.keys(counted).map((key) => key.replace(/^.*service/, 'service')),
    [
      'service="shop",priority="warning",node="node-1",cluster="eu-1"}',
      'service="audit",priority="warning",node="",cluster="eu-1"}',
      'service="clouds",priority="warning",node="c",cluster="eu-1"}',
      `service="${'x'.repeat(200)}",priority="error",node="n",cluster="eu-1"}`,
    ],
  );
});
test('a field that no event had is told once', async () => {
  const line = `${JSON.stringify({ rule: 'R', priority: 'Error', output_fields: {} })}\n`;
  const { log } = await run('absent', 'labels: {pod: k8s.pod.nam}\nservice_field: team\n', line.repeat(3000));
  assert.equal(log.match(/k8s\.pod\.nam/g)?.length, 1);
  assert.match(log, /level=warn .*team k8s\.pod\.nam/);
});

test('a pattern that can not be matched in linear time is refused at its place', async () => {
  const file = join(directory.path, 'ahead.yml');
  writeFileSync(file, 'services:\n  - name: web\n    container: /web(?=-1)/\n');
  const { code, stderr } = await command(['check', `--config.file=${file}`]);
  assert.equal(code, 1);
  assert.match(stderr, /ahead\.yml:3:16: .*RE2.*\[CONFIG_TYPE\]/);
});
