import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { configSchema } from '../../src/config/schema.ts';
import { exceptionsFile } from '../../src/noise/exceptions.ts';
import { findNoise } from '../../src/noise/noise.ts';
import { noiseReport } from '../../src/noise/report.ts';
import { checkRules } from '../../src/rules/checking/check.ts';
import { command, temporary } from '../support/exporter.ts';
import { isExcepted } from './falco.ts';
import { makeWeek } from './week.ts';

const SHOP = fileURLToPath(new URL('../../examples/recording/shop.log', import.meta.url));
const directory = temporary();
after(() => directory.remove());

const CARE = { config: configSchema.parse({}), minEvents: 20, minDays: 2, lists: new Set<string>() };

function noiseOf(lines: readonly object[], care: Partial<typeof CARE> = {}) {
  const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  return findNoise({ ...CARE, ...care, files: ['-'], stdin: Readable.from([Buffer.from(text)]) });
}

test('a week with attacks in it: nearly all normal work is silenced, no attack', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const made = makeWeek(seed);
      const noise = await noiseOf(made.map(({ event }) => event));
      const excepted = isExcepted(exceptionsFile(noise.rules));
      const hit = made.filter(({ event }) => excepted(event.rule, event.output_fields));
      assert.deepEqual(
        hit.flatMap(({ attack }) => attack ?? []),
        [],
      );
      const normal = made.filter(({ attack }) => attack === undefined);
      assert.ok(hit.length >= 0.85 * normal.length, `${hit.length} of ${normal.length}`);
      // What the report says is what Falco would do.
      const said = noise.rules.reduce((sum, { silences }) => sum + silences, 0);
      assert.equal(said, hit.length);
    }),
    { numRuns: 20 },
  );
});

test('`check` takes what is proposed', async () => {
  const noise = await noiseOf(makeWeek(1).map(({ event }) => event));
  const rules = join(directory.path, 'rules.yaml');
  const proposed = join(directory.path, 'proposed.yaml');
  const ruleText = (rule: string) =>
    `- rule: ${rule}\n  desc: d\n  condition: evt.type=execve\n  output: o %container.name\n  priority: WARNING\n`;
  writeFileSync(rules, noise.rules.map(({ rule }) => ruleText(rule)).join(''));
  writeFileSync(proposed, noiseReport(noise, 'rules'));
  const { problems } = await checkRules({ rulesFiles: [rules, proposed] });
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
});

test("the shop's recording, where what repeats was planted: nothing is silenced", async () => {
  const noise = await findNoise({
    ...CARE,
    minEvents: 5,
    minDays: 1,
    files: [SHOP],
    stdin: Readable.from([]),
  });
  assert.equal(noise.events, 552);
  assert.deepEqual(
    noise.rules.flatMap(({ exceptions }) => exceptions),
    [],
  );
});

const many = (fields: object, more: object = {}) =>
  Array.from({ length: 100 }, (_, index) => ({
    time: `2026-11-${20 + (index % 3)}T10:00:00.000000000Z`,
    rule: 'R',
    priority: 'Warning',
    source: 'syscall',
    output_fields: {
      'proc.exepath': '/usr/sbin/nginx',
      'proc.cmdline': 'nginx -g daemon',
      'user.name': 'www',
      ...fields,
    },
    ...more,
  }));
const proposals = async (lines: object[], care = {}) =>
  (await noiseOf(lines, care)).rules.flatMap(({ exceptions }) => exceptions);

test('a habit is silenced with its whole values', async () => {
  assert.deepEqual(await proposals(many({})), [
    {
      fields: ['proc.exepath', 'proc.cmdline', 'user.name'],
      entries: [{ values: ['/usr/sbin/nginx', 'nginx -g daemon', 'www'], silences: 100 }],
      silences: 100,
    },
  ]);
});

const NEVER: [string, object[]][] = [
  ['critical rules', many({}, { priority: 'Critical' })],
  ['rules of an unknown priority', many({}, { priority: 'Grave' })],
  ['events of a plugin', many({}, { source: 'k8s_audit' })],
  ['what no program is known of', many({ 'proc.exepath': null })],
  ['a program by its name alone', many({ 'proc.exepath': 'nginx' })],
  ['a program in a directory for everyone', many({ 'proc.exepath': '/tmp/nginx' })],
  ['a program in shared memory', many({ 'proc.exepath': '/dev/shm/nginx' })],
  ['a program in a home', many({ 'proc.exepath': '/home/app/nginx' })],
  ['a program that is only in memory', many({ 'proc.exepath': '/memfd:x (deleted)' })],
  ['a file in a directory for everyone', many({ 'proc.cmdline': 'nginx -c /tmp/x.conf' })],
  ['the same behind an equals sign', many({ 'proc.cmdline': 'nginx --conf=/tmp/x.conf' })],
  ['a path that leads elsewhere', many({ 'proc.exepath': '/usr/sbin/../../tmp/nginx' })],
  ['a shell of which the command is not known', many({ 'proc.exepath': '/bin/sh', 'proc.cmdline': null })],
  [
    'a script by a relative path',
    many({ 'proc.exepath': '/usr/bin/python3', 'proc.cmdline': 'python3 a.py' }),
  ],
  ['a secret', many({ 'fd.name': '/etc/shadow' })],
  ['a person at a terminal', many({ 'proc.tty': 34816 })],
  ['characters that are not seen', many({ 'proc.cmdline': 'nginx\u202e -g' })],
  ['bytes that Falco replaced', many({ 'proc.cmdline': 'nginx \ufffd' })],
  ['a quote that Falco reads differently', many({ 'proc.cmdline': 'nginx \\"x' })],
  ['what one day alone saw', many({}, { time: '2026-11-20T10:00:00Z' })],
  ['what has no time', many({}, { time: undefined })],
  ['what was seen seldom', many({}).slice(0, 19)],
  [
    'a shell whose commands differ each time',
    many({}).map((line, index) => ({
      ...line,
      output_fields: { 'proc.exepath': '/bin/sh', 'proc.cmdline': `sh -c ${index}` },
    })),
  ],
];
for (const [what, lines] of NEVER)
  test(`never silenced: ${what}`, async () => {
    assert.deepEqual(await proposals(lines), []);
    const [rule] = (await noiseOf(lines)).rules;
    assert.match(rule!.why!, /./);
  });

test("a list's name among the words of a command is not proposed: Falco would replace it", async () => {
  const lines = many({ 'proc.cmdline': 'nginx my_list -g' });
  assert.equal((await proposals(lines)).length, 1);
  assert.deepEqual(await proposals(lines, { lists: new Set(['my_list']) }), []);
});

test('what changes each time is left out, where the program does one thing', async () => {
  const lines = many({}).map((line, index) => ({
    ...line,
    output_fields: {
      'proc.exepath': '/usr/lib/postgresql/15/bin/pg_dump',
      'proc.cmdline': `pg_dump -f /backups/${index}.dump`,
      'fd.name': `/backups/${index}.dump`,
      'fd.directory': '/backups',
    },
  }));
  assert.deepEqual(
    (await proposals(lines)).map(({ fields, silences }) => ({ fields, silences })),
    [{ fields: ['proc.exepath', 'fd.directory'], silences: 100 }],
  );
});

test('what lies beside a habit is its tail and stays, however often it was seen', async () => {
  const aside = many({ 'fd.sport': 4444 }).slice(0, 15);
  const lines = [...many({ 'fd.sport': 5432 }), ...aside, ...many({ 'fd.sport': 4445 }).slice(0, 15)];
  assert.deepEqual(
    (await proposals(lines)).map(({ silences }) => silences),
    [100],
  );
});

test('hostile values stay text: in the table, in JSON and in YAML', async () => {
  const rule = "R\"\\n - rule: X # [y] {z}, 'a' *b &c !d %e";
  const lines = many({ 'proc.cmdline': `nginx 'a' "b" # x: [y] \\ {z}, (c)` }, { rule });
  const noise = await noiseOf(lines);
  assert.equal(noise.rules[0]!.silences, 100);
  assert.ok(isExcepted(noiseReport(noise, 'rules'))(rule, lines[0]!.output_fields));
  assert.equal(JSON.parse(noiseReport(noise, 'json')).rules[0].rule, rule);
});

test('a rule whose name hides characters is given no exception, and turns no line around', async () => {
  for (const rule of ['R\n- rule: X\u001b[31m', 'R\u202eX']) {
    const noise = await noiseOf(many({}, { rule }));
    assert.equal(noise.rules[0]!.silences, 0);
    assert.doesNotMatch(noiseReport(noise, 'table') + noiseReport(noise, 'rules'), /[\u001b\u202e]/);
  }
});

test('the command prints a rules file, and leaves out what the lists of the rules would change', async () => {
  const events = join(directory.path, 'events.json');
  const lines = many({ 'proc.cmdline': 'nginx shells -g' });
  writeFileSync(events, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { code, stdout } = await command(['noise', '--output=rules', events]);
  assert.equal(code, 0);
  assert.ok(isExcepted(stdout)('R', lines[0]!.output_fields));

  const rules = join(directory.path, 'lists.yaml');
  writeFileSync(rules, '- list: shells\n  items: [sh]\n');
  const warned = await command(['noise', `--rules.file=${rules}`, '--output=json', events]);
  assert.deepEqual(JSON.parse(warned.stdout).rules[0].exceptions, []);
});

test('wrong use is refused: no file, no number, a rules file that is not there', async () => {
  for (const args of [[], ['--min-events=0', '-'], ['--output=xml', '-']]) {
    const { code, stderr } = await command(['noise', ...args], { input: '' });
    assert.equal(code, 2);
    assert.match(stderr, /CONFIG_FLAG/);
  }
  const missing = await command(['noise', '--rules.file=/nowhere.yaml', '-'], { input: '' });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /YAML_MISSING/);
});
