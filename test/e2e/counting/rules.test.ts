/** Rules that the exporter is told of: at 0 before they fire, and followed as they change. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command, Exporter, SCRAPE, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const rule = (name: string, container: string) => `
- rule: ${name}
  desc: ${name}
  condition: evt.type = open and container.name = ${container}
  output: opened (container=%container.name)
  priority: ERROR
  tags: [shop, T1059]
`;
const sample = (name: string, container: string) =>
  `falco_events_total{rule="${name}",service="${container}",priority="error"}`;
const SUCCESSFUL = 'falco_exporter_config_last_reload_successful';

async function start(name: string, rules: string, ...args: string[]) {
  const file = join(directory.path, `${name}.yaml`);
  const input = join(directory.path, `${name}.json`);
  writeFileSync(file, rules);
  writeFileSync(input, '');
  const exporter = await Exporter.start([
    `--rules.file=${file}`,
    `--input.file=${input}`,
    '--state.dir=',
    ...args,
  ]);
  await exporter.ready();
  return { exporter, file, input };
}

test('a rule is at 0 for the service that its condition names, before it fires, for Prometheus too', async () => {
  const { exporter, input } = await start('zero', rule('A', 'web') + rule('B', 'db'), '--web.hold=0');
  for (const headers of [{}, SCRAPE]) {
    const metrics = await exporter.metrics(headers);
    assert.equal(metrics.get(sample('A', 'web')), 0);
    assert.equal(metrics.get(sample('A', 'db')), undefined);
    assert.equal(
      metrics.get('falco_rule_info{rule="A",priority="error",source="syscall",enabled="true"}'),
      1,
    );
    assert.equal(metrics.get('falco_rule_tag_info{rule="A",tag="T1059"}'), 1);
  }
  const event = { rule: 'A', priority: 'Error', output_fields: { 'container.name': 'web' } };
  appendFileSync(input, `${JSON.stringify(event)}\n`);
  await exporter.until((metrics) => metrics.get(sample('A', 'web')) === 1);
  await exporter.end();
});

test('SIGHUP: a new rule appears at 0, one that is gone keeps its series; a file that is no YAML changes nothing', async () => {
  const { exporter, file } = await start('reload', rule('A', 'web'));
  writeFileSync(file, rule('B', 'web'));
  exporter.process.kill('SIGHUP');
  const metrics = await exporter.until((found) => found.has(sample('B', 'web')));
  assert.equal(metrics.get(sample('A', 'web')), 0);
  assert.equal(
    metrics.has('falco_rule_info{rule="A",priority="error",source="syscall",enabled="true"}'),
    false,
  );
  appendFileSync(file, '- rule: [');
  exporter.process.kill('SIGHUP');
  const broken = await exporter.until((found) => found.get(SUCCESSFUL) === 0);
  assert.equal(broken.get('falco_rule_info{rule="B",priority="error",source="syscall",enabled="true"}'), 1);
  assert.match(exporter.log, /code=YAML_SYNTAX .*reload\.yaml line=\d+/);
  writeFileSync(file, rule('B', 'web'));
  exporter.process.kill('SIGHUP');
  await exporter.until((found) => found.get(SUCCESSFUL) === 1);
  await exporter.end();
});

test('with faults in a file, what is good is loaded at the start and later, and what is not is named', async () => {
  const faulty = rule('Faulty', 'web').replace('ERROR', 'LOUD');
  const { exporter, file } = await start('faults', rule('A', 'web') + faulty);
  const first = await exporter.metrics();
  assert.equal(first.get(sample('A', 'web')), 0);
  assert.equal(first.get(SUCCESSFUL), 0);
  assert.match(exporter.log, /code=RULES_PRIORITY .*faults\.yaml line=\d+/);
  assert.match(exporter.log, /level=warn .*rules=1 errors=1/);
  assert.doesNotMatch(exporter.log, /not loaded/);
  appendFileSync(file, rule('B', 'db'));
  exporter.process.kill('SIGHUP');
  const second = await exporter.until((found) => found.has(sample('B', 'db')));
  assert.equal(second.get(SUCCESSFUL), 0);
  assert.equal(second.get(sample('A', 'web')), 0);
  assert.match(exporter.log, /level=warn .*rules=2 errors=1/);
  writeFileSync(file, rule('A', 'web') + rule('B', 'db'));
  exporter.process.kill('SIGHUP');
  await exporter.until((found) => found.get(SUCCESSFUL) === 1);
  await exporter.end();
});

test('while a large rules file is read again, everything else is answered', async () => {
  const { exporter, file } = await start('large', rule('A', 'web'));
  const rules = Array.from({ length: 1300 }, (_, i) => rule(`R${i}`, `(web-${i}, db-${i}, cache-${i})`));
  writeFileSync(file, rules.join('').replaceAll('container.name = (', 'container.name in ('));
  exporter.process.kill('SIGHUP');
  let answers = 0;
  while (!exporter.log.includes('rules=1300')) {
    assert.equal((await exporter.get('/healthz')).status, 200);
    answers++;
  }
  // in this thread it would be one or two
  assert.ok(answers > 20, String(answers));
  assert.equal((await exporter.metrics()).get(sample('R7', 'cache-7')), 0);
  await exporter.end();
});

test('a changed file is read without a signal', async () => {
  const { exporter, file } = await start('watched', rule('A', 'web'));
  appendFileSync(file, rule('B', 'web'));
  await exporter.until((found) => found.has(sample('B', 'web')));
  await exporter.end();
});

test('SIGHUP: services follow the configuration; what only a start can change is refused', async () => {
  const config = join(directory.path, 'config.yml');
  const input = join(directory.path, 'services.json');
  const write = (services: string, more = '') =>
    writeFileSync(config, `services:\n  - {name: ${services}, container: web}\n${more}`);
  const event = JSON.stringify({ rule: 'A', priority: 'Error', output_fields: { 'container.name': 'web' } });
  writeFileSync(input, `${event}\n`);
  write('one');
  const exporter = await Exporter.start([`--config.file=${config}`, `--input.file=${input}`, '--state.dir=']);
  await exporter.until((found) => found.get(sample('A', 'one')) === 1);
  write('two', 'series_limit: 200\n');
  exporter.process.kill('SIGHUP');
  await exporter.until((found) => found.get(SUCCESSFUL) === 0);
  assert.match(exporter.log, /CONFIG_NEEDS_RESTART/);
  write('two');
  exporter.process.kill('SIGHUP');
  await exporter.until((found) => found.get(SUCCESSFUL) === 1);
  appendFileSync(input, `${event}\n`);
  const metrics = await exporter.until((found) => found.get(sample('A', 'two')) === 1);
  assert.equal(metrics.get(sample('A', 'one')), 1);
  await exporter.end();
});

test('check: exit 0 and a summary where all is right, exit 1 with place and code where not', async () => {
  const good = join(directory.path, 'good.yaml');
  writeFileSync(good, rule('A', 'web'));
  const right = await command(['check', `--rules.file=${good}`]);
  assert.equal(right.code, 0);
  const bad = join(directory.path, 'bad.yaml');
  writeFileSync(bad, rule('A', 'web').replace('ERROR', 'LOUD'));
  const wrong = await command(['check', `--rules.file=${good}`, `--rules.file=${bad}`]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /bad\.yaml:6:13: error: .*\[RULES_PRIORITY\]/);
  const json = JSON.parse((await command(['check', `--rules.file=${bad}`, '--format=json'])).stdout);
  assert.deepEqual(
    json.problems.map(({ code, line }: { code: string; line: number }) => [code, line]),
    [['RULES_PRIORITY', 6]],
  );
});

test('check: names that Falco does not know are errors with their place and the nearest name', async () => {
  const bad = join(directory.path, 'names.yaml');
  writeFileSync(bad, rule('A', 'web').replace('evt.type = open', 'evt.type = opne and proc.nme = bash'));
  const { code, stdout } = await command(['check', `--rules.file=${bad}`]);
  assert.equal(code, 1);
  assert.match(stdout, /names\.yaml:4:25: error: .*'opne' \[RULES_UNKNOWN_EVENT\]\n {2}Is 'open' meant\?/);
  assert.match(
    stdout,
    /names\.yaml:4:34: error: .*'proc\.nme'.* \[RULES_UNKNOWN_FIELD\]\n {2}Is 'proc\.name' meant\?/,
  );
});

test('check: without rules it says so in the form that was asked for', async () => {
  assert.match((await command(['check'])).stdout, /No rules file was named/);
  const { code, stdout } = await command(['check', '--format=json']);
  assert.equal(code, 0);
  assert.deepEqual([JSON.parse(stdout).ok, JSON.parse(stdout).rules], [true, 0]);
});

test('check: a compose file without rules is a wrong use', async () => {
  const { code, stdout, stderr } = await command(['check', '--compose=docker-compose.yml']);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /\[CONFIG_FLAG\]\n {2}Give --rules\.file/);
});

test('check: a wrong configuration is told as at a start', async () => {
  const config = join(directory.path, 'wrong.yml');
  writeFileSync(config, 'web:\n  hold: soon\n');
  const { code, stderr } = await command(['check', `--config.file=${config}`]);
  assert.equal(code, 1);
  assert.match(stderr, /wrong\.yml:2:9: .*\[CONFIG_TYPE\]/);
});
