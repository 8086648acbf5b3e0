/** Evidence: whole and hashed before anything else, within its room and its shares, and never deleted. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Going } from '../../src/respond/act/may.ts';
import { Engine } from '../../src/respond/docker/engine.ts';
import { completeEvidence, takeEvidence } from '../../src/respond/evidence/collect.ts';
import { Neighbours } from '../../src/respond/evidence/neighbours.ts';
import { EvidenceStore } from '../../src/respond/evidence/store.ts';
import { type Policy, policySchema } from '../../src/respond/policy/schema.ts';
import { temporary } from '../support/exporter.ts';
import { StandIn, type StandInContainer } from './stand-in.ts';

const MEBIBYTE = 1024 ** 2;
const RESPONSES = [
  { name: 'drop', match: { rule: 'R' }, containers: { name: 'web' }, steps: ['evidence', 'pause'] },
];

let directory: ReturnType<typeof temporary>;
let standIn: StandIn;
let engine: Engine;
let web: StandInContainer;

beforeEach(async () => {
  directory = temporary();
  const socket = join(directory.path, 'docker.sock');
  standIn = await StandIn.start(socket);
  engine = new Engine({ current: { docker: { socket, timeout: 2000 }, grace: 0 } });
  web = standIn.add('web');
});

afterEach(async () => {
  await standIn.close();
  directory.remove();
});

const policyOf = (evidence: object): Policy => policySchema.parse({ evidence, responses: RESPONSES });
const openStore = (most = 10 * MEBIBYTE) => EvidenceStore.open(join(directory.path, 'evidence'), () => most);

function response(more: { rule?: string; container?: StandInContainer } = {}): Going {
  const { id, name, image } = more.container ?? web;
  return {
    ...{ id: 'c0ffee'.repeat(5), at: 0, candidates: ['drop'], outcomes: {} },
    event: {
      ...{ key: 'k', time: 1e12, rule: more.rule ?? 'R', priority: 'critical', service: 's' },
      ...{ claim: { id }, line: '{"a":1}' },
    },
    decided: {
      ...{ response: 'drop', container: { id, name, image }, steps: ['evidence', 'pause'] },
      ...{ dry: false, auto: false },
    },
  };
}

const take = (store: EvidenceStore, policy: Policy, of = response()) =>
  takeEvidence({ engine, store, policy, now: new Date(1e12) }, of, Buffer.from('{"b":2}\n'));
const read = (place: string, file: string) => readFileSync(join(place, file), 'utf8');
const sums = (place: string) => spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: place }).status;

test('all that the engine gives, the event and its neighbours, with hashes that sha256sum finds right', async () => {
  const { directory: place, complete } = await take(await openStore(), policyOf({}));
  assert.equal(complete, true);
  assert.match(place, /\/20010909T014640Z-[0-9a-f]{12}-[0-9a-f]{8}$/);
  assert.equal(sums(place), 0);
  assert.deepEqual(readdirSync(place).sort(), [
    ...['SHA256SUMS', 'diff.json', 'event.json', 'inspect.json', 'logs.txt', 'manifest.json'],
    ...['neighbours.jsonl', 'top.json'],
  ]);
  assert.equal(read(place, 'event.json'), '{"a":1}\n');
  const manifest = JSON.parse(read(place, 'manifest.json'));
  assert.deepEqual(manifest.container, { id: web.id, name: 'web', image: 'base:1' });
});

test('what is late is said to be missing, and asked for again; what cannot be had of this container is none', async () => {
  standIn.fate = (_, path) => (/changes/.test(path) ? 'slow' : /logs/.test(path) ? 'error' : 'ok');
  web.running = false;
  const store = await openStore();
  const first = await take(store, policyOf({ patience: '100ms' }));
  assert.equal(first.complete, false);
  assert.match(read(first.directory, 'top.json'), /"none"/);
  const missing = () =>
    (JSON.parse(read(first.directory, 'manifest.json')).items as { file: string; missing?: string }[])
      .filter((item) => item.missing !== undefined)
      .map(({ file }) => file)
      .sort();
  assert.deepEqual(missing(), ['diff.json', 'logs.txt']);
  assert.equal(sums(first.directory), 0);

  standIn.fate = () => 'ok';
  const policy = policyOf({ export: true });
  const second = await completeEvidence({ engine, store, policy }, first.directory, web.id);
  assert.deepEqual(second, { directory: first.directory, complete: true });
  assert.deepEqual(missing(), []);
  assert.ok(existsSync(join(first.directory, 'export.tar')));
  assert.equal(sums(first.directory), 0);
});

test('an export that is longer than its bound is cut, and said to be', async () => {
  const store = await openStore();
  const { directory: place } = await take(store, policyOf({}));
  await completeEvidence(
    { engine, store, policy: policyOf({ export: true, max_export_bytes: 1024 }) },
    place,
    web.id,
  );
  const { items } = JSON.parse(read(place, 'manifest.json')) as {
    items: { file: string; cut?: boolean; bytes: number }[];
  };
  const found = items.find(({ file }) => file === 'export.tar')!;
  assert.deepEqual([found.bytes, found.cut], [1024, true]);
});

test('the room is never overrun, nothing is deleted, and one container leaves half of what is left to others', async () => {
  const most = 400 * 1024;
  const other = standIn.add('other');
  let store = await openStore(most);
  let taken = 0;
  for (;;) {
    const place = await take(store, policyOf({})).catch(() => undefined);
    if (!place) break;
    taken++;
    assert.ok(taken < 1000);
  }
  assert.ok(taken > 3, String(taken));
  const full = store.used;
  // A later process counts what is there in the same way.
  store = await openStore(most);
  assert.equal(store.used, full);
  await assert.rejects(take(store, policyOf({})), /share/);
  const [rule] = ['Another rule'];
  const theirs = await take(store, policyOf({}), response({ rule, container: other }));
  assert.equal(theirs.complete, true);
  for (let more = 0; more < 200; more++)
    await take(store, policyOf({}), response({ rule: `${more}`, container: standIn.add(`c${more}`) })).catch(
      () => 0,
    );
  assert.ok(store.used <= most, `${store.used}`);
  const kept = readdirSync(store.directory).filter((name) => name.includes(web.id.slice(0, 12)));
  assert.ok(kept.length >= taken);
});

test('what a killed process left half done stays, counts for its container, and has no hashes', async () => {
  const store = await openStore();
  await store.begin('half', {
    ...{ response: 'r', policy_response: 'drop', container: { id: web.id, name: 'web', image: 'x' } },
    ...{ rule: 'R', event_time: '' },
  });
  writeFileSync(join(store.directory, 'half', 'export.tar'), Buffer.alloc(6 * MEBIBYTE));
  mkdirSync(join(store.directory, 'strange'));
  writeFileSync(join(store.directory, 'strange', 'manifest.json'), '{"container":');
  const again = await openStore();
  assert.ok(!existsSync(join(again.directory, 'half', 'SHA256SUMS')));
  await assert.rejects(take(again, policyOf({})), /share/);
  assert.equal(
    (await take(again, policyOf({}), response({ rule: 'X', container: standIn.add('o') }))).complete,
    true,
  );
  await assert.rejects(again.reopen(join(again.directory, 'strange')), /manifest/);
});

test('neighbours: up to a hundred lines on each side, of the newest, within bounds', () => {
  const neighbours = new Neighbours();
  for (let line = 0; line < 300; line++) {
    const number = neighbours.add(Buffer.from(`line ${line}`));
    if (line === 150) neighbours.mark('r', number);
  }
  const around = neighbours.around('r').toString().trimEnd().split('\n');
  assert.deepEqual([around.length, around[0], around.at(-1)], [201, 'line 50', 'line 250']);
  assert.equal(neighbours.around('unknown').length, 0);
  for (let line = 0; line < 10_000; line++) neighbours.add(Buffer.alloc(2000, 'x'));
  assert.deepEqual(
    neighbours.around('r').toString().trimEnd().split('\n'),
    around,
    'a flood washes nothing away',
  );
  for (let line = 0; line < 20_000; line++)
    neighbours.mark(`${line}`, neighbours.add(Buffer.alloc(2000, 'x')));
  assert.equal(neighbours.around('r').length, 0, 'of the oldest there is nothing in the end');
});
