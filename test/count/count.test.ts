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
