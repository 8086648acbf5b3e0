/** The journal: what a torn, a damaged and a lost one add up to; and its time. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ExporterError } from '../../src/errors.ts';
import { budgetLeft } from '../../src/respond/act/may.ts';
import { JOURNAL_FILE, Journal } from '../../src/respond/journal/journal.ts';
import { policySchema } from '../../src/respond/policy/schema.ts';
import { hasShare, shareOf } from '../../src/respond/share.ts';
import { temporary } from '../support/exporter.ts';

const START = Date.parse('2026-11-26T00:00:00Z');
const HOUR = 3_600_000;
const policy = policySchema.parse({
  responses: [
    { name: 'drop', match: { rule: 'R' }, containers: { name: 'x' }, steps: ['evidence', 'pause'] },
  ],
});

let directory: ReturnType<typeof temporary>;
let wall = START;
let uptime = 0;
let boot = 'a';
let faults: ExporterError[] = [];
const open = () =>
  Journal.open(
    directory.path,
    { now: () => wall, monotonic: () => uptime },
    { id: boot, uptime: () => uptime },
    (fault) => faults.push(fault),
  );
const file = () => join(directory.path, JOURNAL_FILE);
const left = (journal: Journal) =>
  budgetLeft({ state: journal.state, policy, now: journal.clock.now() }, false);

beforeEach(() => {
  directory = temporary();
  [wall, uptime, boot, faults] = [START, 1000, 'a', []];
});
afterEach(() => directory.remove());

/** One act of one of the budget. */
function act(journal: Journal, id: string): void {
  const at = journal.clock.now();
  const container = { id: 'c'.repeat(64), name: 'x', image: 'x' };
  const event = {
    ...{ key: id, time: wall, rule: 'R', priority: 'critical', service: 's' },
    ...{ claim: { name: 'x' }, line: '{}' },
  };
  const decided = { response: 'drop', container, steps: ['pause' as const], dry: false, auto: false };
  journal.write({ kind: 'open', at, id, event, candidates: ['drop'] });
  journal.write({ kind: 'decide', at, id, verdict: 'response', decided, cooling: [] });
  journal.write({ kind: 'intent', at, id, action: 'pause', counts: true, startedAt: '', cooling: [] });
}

test('a line that was being written is cut off; everything before it holds', () => {
  const journal = open();
  act(journal, '1');
  act(journal, '2');
  const whole = readFileSync(file()).length;
  truncateSync(file(), whole - 5);
  const again = open();
  assert.equal(again.state.open.size, 2);
  assert.equal(left(again), 2, 'the last intent was not on the disk');
  appendFileSync(file(), '0123456789abcdef {"kind":"clo');
  assert.equal(open().state.open.size, 2);
  assert.deepEqual(faults, []);
});

test('a damaged one is set aside: nothing from before is young, and the budget counts as spent for its time', () => {
  act(open(), '1');
  const bytes = readFileSync(file());
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(file(), bytes);
  const journal = open();
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['STATE_TORN'],
  );
  assert.equal(readdirSync(directory.path).filter((name) => name.includes('set-aside')).length, 1);
  assert.equal(journal.state.floor, START);
  assert.equal(left(journal), 0);
  // A later process knows as much.
  uptime += HOUR / 2;
  assert.equal(left(open()), 0);
  uptime += HOUR;
  assert.equal(left(open()), 3);
});

test('a clock that is set, ahead or back, frees no budget, also across processes of one boot', () => {
  act(open(), '1');
  for (const jump of [5 * HOUR, -10 * HOUR, 365 * 24 * HOUR]) {
    wall = START + jump;
    uptime += 1000;
    const journal = open();
    assert.equal(left(journal), 2, `${jump}`);
    // People are shown the wall clock's time.
    assert.equal(journal.clock.shown(journal.clock.now()).getTime(), wall);
  }
  uptime += HOUR;
  assert.equal(left(open()), 3);
});

test('after a boot time goes on from the wall clock, or from the newest record where that is later', () => {
  act(open(), '1');
  [boot, uptime, wall] = ['b', 5, START - HOUR];
  assert.equal(left(open()), 2, 'set back');
  [boot, uptime, wall] = ['c', 5, START + 2 * HOUR];
  assert.equal(left(open()), 3, 'two hours later');
});

test('a journal that has grown is begun anew, and adds up to the same', () => {
  const journal = open();
  for (let number = 0; number < 30; number++) act(journal, `${number}`);
  const long = 'x'.repeat(900_000);
  for (let number = 0; number < 12; number++)
    journal.write({
      kind: 'event',
      at: journal.clock.now(),
      key: `${long}${number}`,
      time: wall,
      verdict: 'gone',
    });
  const before = journal.state.saved();
  assert.deepEqual(open().state.saved(), before);
});

test('shares: nobody takes more than half of what he finds, and there is something left for the next', () => {
  const taken = new Map<string, number>();
  let all = 10;
  for (const who of [...Array<string>(20).fill('a'), ...Array<string>(20).fill('b'), 'c', 'd'])
    if (hasShare(all, taken.get(who) ?? 0)) {
      taken.set(who, (taken.get(who) ?? 0) + 1);
      all--;
    }
  assert.deepEqual(
    [...taken],
    [
      ['a', 5],
      ['b', 3],
      ['c', 1],
      ['d', 1],
    ],
  );
  assert.deepEqual([shareOf(100, 0), shareOf(100, 50), shareOf(100, 200)], [50, 25, 0]);
});
