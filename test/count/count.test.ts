import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { command, samples, temporary } from '../support/exporter.ts';
import { counted, sorted, truth } from '../support/truth.ts';

const SHOP = fileURLToPath(new URL('../../examples/recording/shop.log', import.meta.url));
const directory = temporary();
after(() => directory.remove());

function file(name: string, content: string | Buffer): string {
  const path = join(directory.path, name);
  writeFileSync(path, content);
  return path;
}
const event = (rule: string) => `${JSON.stringify({ rule, priority: 'Warning' })}\n`;
const tally = (detected: number, rules: Record<string, number>) =>
  [
    `Events detected: ${detected}`,
    'Rule counts by severity:',
    `   WARNING: ${detected}`,
    'Triggered rules by rule name:',
    ...Object.entries(rules).map(([rule, count]) => `   ${rule}: ${count}`),
    '',
  ].join('\n');
async function json(...args: string[]) {
  const { code, stdout } = await command(['count', '--output=json', ...args]);
  return { code, ...JSON.parse(stdout) };
}

test("the shop: the counts are the truth's, and both of Falco's tallies agree", async () => {
  const { code, stdout } = await command(['count', '--output=prometheus', SHOP]);
  assert.equal(code, 0);
  assert.deepEqual(sorted(counted(samples(stdout))), sorted(truth(readFileSync(SHOP, 'utf8'))));
  const { tallies } = await json(SHOP);
  const found = tallies.map(({ detected, agrees }: { detected: number; agrees: boolean }) => ({
    detected,
    agrees,
  }));
  assert.deepEqual(found, [
    { detected: 451, agrees: true },
    { detected: 101, agrees: true },
  ]);
});

test('several files, compressed ones and standard input are one count', async () => {
  const zipped = file('zipped.json.gz', gzipSync(event('A')));
  const plain = file('plain.json', event('A') + event('B'));
  const { code, stdout } = await command(['count', '--output=json', zipped, plain, '-'], {
    input: event('A'),
  });
  assert.equal(code, 0);
  const events = JSON.parse(stdout).events as { rule: string; count: number }[];
  assert.deepEqual(Object.fromEntries(events.map(({ rule, count }) => [rule, count])), { A: 3, B: 1 });
});

test('a tally that does not agree is told with the rules that differ, exit 1', async () => {
  const path = file(
    'tally.log',
    event('A') + event('A') + event('B') + tally(4, { A: 3, B: 1 }) + event('C'),
  );
  const { code, tallies } = await json(path);
  assert.equal(code, 1);
  assert.deepEqual(tallies, [
    { detected: 4, counted: 3, agrees: false, differences: [{ rule: 'A', falco: 3, counted: 2 }] },
  ]);
});

test('a tally behind a prefix is one, too', async () => {
  const lines = (event('A') + event('B') + tally(2, { A: 1, B: 1 })).trimEnd().split('\n');
  for (const prefix of [
    'falco  | ',
    '2026-01-02T03:04:05.000000001Z ',
    'falco  | 2026-01-02T03:04:05.000000001Z ',
    'Oct  7 07:24:30 w1 falco[9]: ',
    '2026-01-02T03:04:05.123456+00:00 w1 falco[9]: ',
    '<13>Oct  7 07:24:30 w1 falco: ',
    '[pod/falco-abcde/falco] ',
  ]) {
    const { code, tallies } = await json(
      file('prefixed.log', lines.map((line) => `${prefix}${line}\n`).join('')),
    );
    assert.equal(code, 0);
    assert.deepEqual(tallies, [{ detected: 2, counted: 2, agrees: true, differences: [] }]);
  }
});

test('a file with no event in it: exit 1, and why is told', async () => {
  const wrong = file('wrong.log', `Jan words {"msg":"x"}\nsome(${event('A').trimEnd()})\n`);
  const right = file('right.log', event('A'));
  const { code, stdout, stderr } = await command(['count', right, wrong]);
  assert.equal(code, 1);
  assert.match(stderr, /wrong\.log: no line of it is an event \[NO_EVENTS\]/);
  assert.match(
    stderr,
    /wrong\.log: .* 1: .*known prefix.* \[LINES_REFUSED\]\n {2}Before the first of them: some\(\. The first/,
  );
  assert.doesNotMatch(stderr, /right\.log/);
  const rows = stdout.split('\n').filter((line) => /\.log|total|LINES/.test(line));
  assert.deepEqual(
    rows.map((row) => row.trim().split(/\s{2,}/)),
    [
      ['LINES OF', 'EVENT', 'INTERNAL', 'TEXT', 'MALFORMED', 'OVERSIZED'],
      [right, '1', '0', '0', '0', '0'],
      [wrong, '0', '0', '1', '1', '0'],
      ['total', '1', '0', '1', '1', '0'],
    ],
  );
  assert.equal((await command(['count', file('empty.log', '')])).code, 0, 'an empty file is no wrong one');
});

test('what is told of hostile lines does nothing to a terminal, and is cut', async () => {
  const hostile = file('hostile.log', `\u001b]0;x\u0007 ${event('A').trimEnd().padEnd(5000, 'x')}\n`);
  const { stderr } = await command(['count', hostile]);
  assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f]/);
  assert.ok(stderr.length < 2000);
});

test('--since and --until count events by their own time', async () => {
  const at = (time: string) => `${JSON.stringify({ rule: time, priority: 'Warning', time })}\n`;
  const times = [
    '2026-11-22T23:59:59.9Z',
    '2026-11-23T00:00:00Z',
    '2026-11-23T12:00:00Z',
    '2026-11-24T00:00:00Z',
  ];
  const path = file('times.log', times.map(at).join('') + event('no time') + tally(9, {}));
  const rules = async (...flags: string[]) => {
    const { code, events, lines, files } = await json(...flags, path);
    assert.equal(code, 0);
    assert.equal(lines.event + files[0].outside, 5);
    assert.equal(lines.text, 4, 'lines without a time of their own stay');
    return events.map(({ rule }: { rule: string }) => rule).sort();
  };
  assert.deepEqual(await rules('--since=2026-11-23', '--until=2026-11-24'), times.slice(1, 3));
  assert.deepEqual(await rules('--since=2026-11-23T13:00:00+02:00'), times.slice(2));
  assert.deepEqual(await rules('--until=2026-11-23T00:00:00Z'), times.slice(0, 1));
  assert.deepEqual(await rules('--since=36500d'), times);
  assert.deepEqual(await rules('--until=36500d'), []);
  for (const flag of ['--since=yesterday', '--until=12', '--since=2026-11-24T00:00:00']) {
    const { code, stderr } = await command(['count', flag, path]);
    assert.equal(code, 2);
    assert.match(stderr, /\[CONFIG_FLAG\]/);
  }
});

test('a last line without newline is a line', async () => {
  const { events, lines } = await json(file('cut.json', event('A').trimEnd()));
  assert.equal(events.length, 1);
  assert.equal(lines.malformed, 0);
});

test('names from events do nothing to a terminal', async () => {
  const { stdout } = await command(['count', file('hostile.json', event('\u001b[2Jgone\u202e\nnext'))]);
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.equal(stdout.split('\n').filter((line) => line.includes('gone')).length, 1);
});

test('a file that can not be read is named, exit 1', async () => {
  const { code, stderr } = await command(['count', join(directory.path, 'nowhere')]);
  assert.equal(code, 1);
  assert.match(stderr, /nowhere: .*\[INPUT_UNREADABLE\]/);
  const damaged = file('damaged.gz', gzipSync(event('A')).subarray(0, 30));
  assert.match((await command(['count', damaged])).stderr, /damaged\.gz: .*\[INPUT_UNREADABLE\]/);
});
