/** Whatever a person reads on a terminal or on the page: foreign text in it is seen, and never obeyed. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExporterError } from '../src/errors.ts';
import { safeJson } from '../src/safe.ts';
import { priorityBadge } from '../src/web/page/priority.ts';
import { command, temporary } from './support/exporter.ts';

const HOSTILE = 'a\u001b[31m\u202e\u009b\u2028b';
/** All but the newline, which parts our own lines. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test("a fault's text, place and advice stay on their lines", () => {
  const hostile = `${HOSTILE}\nfake: all is well`;
  const fault = new ExporterError('CONFIG_FILE', hostile, { place: { file: hostile }, advice: hostile });
  assert.doesNotMatch(fault.describe(), OBEYED);
  assert.equal(fault.describe().split('\n').length, 2);
});

test('JSON for a terminal holds the same', () => {
  const value = { [HOSTILE]: [HOSTILE, { a: 1 }] };
  assert.doesNotMatch(safeJson(value), OBEYED);
  assert.deepEqual(JSON.parse(safeJson(value)), value);
});

test("a priority that Falco doesn't know", () => {
  assert.doesNotMatch(String(priorityBadge(HOSTILE)), OBEYED);
});

test('the commands: names of files, keys, flags and rules', async (t) => {
  const home = temporary();
  t.after(() => home.remove());
  const hostile = join(home.path, HOSTILE);
  mkdirSync(hostile);
  const inIt = (name: string, text: string) => {
    writeFileSync(join(hostile, name), text);
    return join(hostile, name);
  };
  const config = inIt('config.yml', `"${HOSTILE}": 1\ninput: {file: ["${HOSTILE}"]}\n`);
  const web = inIt('web.yml', `"${HOSTILE}": 1\nbasic_auth_users: {"${HOSTILE}": x}\n`);
  const rules = inIt('rules.yaml', `- rule: "${HOSTILE}"\n  condition: "${HOSTILE}"\n  ${HOSTILE}: 1\n`);
  const events = inIt(
    'events.json',
    `${JSON.stringify({ rule: HOSTILE, priority: HOSTILE, source: HOSTILE })}\n${HOSTILE}\n`,
  );
  for (const args of [
    [`--config.file=${config}`],
    [`--web.config.file=${web}`, '--state.dir='],
    [`--config.file=${hostile}`],
    [`--${HOSTILE}`],
    [`--web.listen-address=${HOSTILE}`],
    ['check', `--config.file=${config}`],
    ['check', `--web.config.file=${web}`],
    ['check', `--rules.file=${rules}`],
    ['check', `--rules.file=${rules}`, '--format=json'],
    ['check', `--rules.file=${hostile}/none`],
    ['count', events],
    ['count', '--output=json', events],
    ['count', `${hostile}/none`],
  ]) {
    const { stdout, stderr } = await command(args);
    assert.doesNotMatch(stdout + stderr, OBEYED, args.join(' '));
    assert.notEqual(stdout + stderr, '');
  }
});
