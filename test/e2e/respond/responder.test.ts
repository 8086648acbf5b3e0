/** The built responder with a stand-in of the Docker engine: from an event to a person's word, and what comes between. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import * as z from 'zod';
import { policySchema } from '../../../src/respond/policy/schema.ts';
import { ROOT } from '../../compose/compose.ts';
import { metricsTable } from '../../docs/references.ts';
import { Running, until } from '../../respond/running.ts';
import { type Fate, StandIn } from '../../respond/stand-in.ts';
import { temporary } from '../../support/exporter.ts';

const DROP = {
  name: 'drop',
  match: { rule: '/Drop.*/' },
  containers: { name: '/shop-.*/' },
  steps: ['evidence', 'pause', 'disconnect', 'restart'],
};
const POLICY = { responses: [DROP] };
const SCRIPT = '<script>alert(1)</script>\u001b[31m\nfake=line "quoted"';

let directory: ReturnType<typeof temporary>;
let engine: StandIn;
let running: Running;

beforeEach(async () => {
  directory = temporary();
  const socket = join(directory.path, 'docker.sock');
  engine = await StandIn.start(socket);
  running = new Running(join(directory.path, 'responder'), socket);
});

afterEach(async () => {
  await running.process?.end('SIGKILL');
  await engine.close();
  directory.remove();
});

const count = async (verdict: string) =>
  (await running.process.metrics()).get(`falco_responder_events_total{verdict="${verdict}"}`);
const done = (action: string, outcome: string) => (metrics: Map<string, number>) =>
  (metrics.get(`falco_responder_actions_total{action="${action}",outcome="${outcome}"}`) ?? 0) > 0;

test('evidence, pause, disconnection; a restart once a person approves; all of it is in the documents', async () => {
  const web = engine.add('shop-web');
  await running.start(POLICY);
  running.fire({ id: web.id.slice(0, 12), name: 'shop-web', command: SCRIPT });
  await until(async () => (await running.pending()).length === 1);
  assert.deepEqual(
    engine.effects.map(({ action }) => action),
    ['pause', 'disconnect'],
  );
  const asked = engine.asked.filter((each) => !each.includes('_ping'));
  const paused = asked.findIndex((each) => each.endsWith('/pause'));
  for (const what of ['/top', '/changes', '/logs'])
    assert.ok(asked.findIndex((each) => each.includes(what)) < paused, `${what} comes before the pause`);

  const page = await (await running.ask('/')).text();
  assert.match(page, /restart shop-web\?/);
  assert.ok(!page.includes('<script>'), 'an event brings no script to the page');
  const [waiting] = await running.pending();
  assert.equal((await running.ask(`/api/approvals/${waiting!.id}/approve`, { method: 'POST' })).status, 200);
  await running.process.until(done('restart', 'done'));
  assert.equal(engine.count('restart'), 1);
  for (const line of running.process.log.split('\n'))
    assert.doesNotMatch(line, /\u001b|^fake=line/, 'an event writes no line of its own into the log');

  const { body } = await running.process.get('/metrics');
  holds(metricsTable(body));
});

/** UPDATE_GOLDEN=1 writes it anew. */
function holds(made: string): void {
  const path = `${ROOT}docs/response.md`;
  const text = readFileSync(path, 'utf8');
  const wanted = text.replace(
    /(<!-- made from the code -->\n)[\s\S]*?(<!-- end -->)/,
    (_, before: string, after: string) => `${before}\n${made}\n\n${after}`,
  );
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, wanted);
  else assert.equal(text, wanted, 'docs/response.md is not what the code says: UPDATE_GOLDEN=1');
}

test('docs/response.md names every key of the policy', () => {
  const text = readFileSync(`${ROOT}docs/response.md`, 'utf8');
  interface Schema {
    properties?: Record<string, Schema>;
    items?: Schema;
  }
  const leaves = (schema: Schema): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
      const below = leaves(value.items?.properties ? value.items : value);
      return below.length > 0 ? below : [key];
    });
  const keys = leaves(z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' }) as Schema);
  assert.ok(keys.includes('unpause_after') && keys.includes('max_log_bytes'));
  for (const key of keys) assert.match(text, new RegExp(`[.\`]${key}\``), key);
});

test('an engine that is away, answers 500 or not at all: tried again, nothing lost, nothing done twice', async () => {
  const web = engine.add('shop-web');
  let left = 12;
  const fates: Fate[] = ['before', 'error', 'lost'];
  engine.fate = (method) => (method === 'POST' && left-- > 8 ? fates[left % 3]! : 'ok');
  await running.start({ responses: [{ ...DROP, steps: ['evidence', 'pause'] }] });
  running.fire({ id: web.id });
  await until(() => engine.count('pause') > 0);
  await running.settled();
  assert.equal(engine.count('pause'), 1);

  await engine.close();
  const fresh = engine.add('shop-second');
  running.fire({ id: fresh.id, rule: 'Drop 2' });
  await until(async () => (await running.process.get('/readyz')).status === 503);
  const again = await StandIn.start(join(directory.path, 'docker.sock'));
  for (const each of engine.containers.values()) again.containers.set(each.id, each);
  engine = again;
  await until(() => engine.count('pause', fresh.id) === 1);
  await running.process.ready();
});

test('SIGHUP: a policy with a fault is not taken, and its place is logged; a right one is', async () => {
  const web = engine.add('shop-web');
  const [good] = [{ responses: [{ ...DROP, steps: ['evidence'] }] }];
  await running.start(good);
  const wrongs: [text: string, code: string, place: RegExp][] = [
    ['', 'POLICY_TYPE', /policy\.yaml/],
    ['dry_run: false\nresponses: []\n', 'POLICY_TYPE', /policy\.yaml:2:12/],
    ['dry_run: false\nresponses:\n  - name: drop\n    match: { ru', 'POLICY_SYNTAX', /policy\.yaml:4:/],
    [readFileSync(running.policyFile, 'utf8').trimEnd(), 'POLICY_SYNTAX', /policy\.yaml:\d+:\d+.*newline/],
    [`${readFileSync(running.policyFile, 'utf8')}denny: {}\n`, 'POLICY_UNKNOWN_KEY', /policy\.yaml:\d+:1/],
  ];
  for (const [text, code, place] of wrongs) {
    running.process.log = '';
    writeFileSync(running.policyFile, text);
    running.process.process.kill('SIGHUP');
    await running.process.logged(/the policy from before stays/);
    assert.match(running.process.log, new RegExp(`code=${code}`));
    assert.match(running.process.log, place);
  }
  const reloaded = 'falco_responder_policy_last_reload_successful';
  assert.equal((await running.process.metrics()).get(reloaded), 0);
  running.fire({ id: web.id });
  await running.process.until(done('evidence', 'done'));

  running.write(
    { responses: [{ ...DROP, match: { rule: 'Other' }, steps: ['evidence', 'pause'] }] },
    running.process.port,
  );
  running.process.process.kill('SIGHUP');
  await running.process.until((metrics) => metrics.get(reloaded) === 1);
  running.fire({ id: engine.add('shop-second').id, rule: 'Other' });
  await until(() => engine.count('pause') === 1);
});

test('a pause ends by itself, unless a later response wants the container paused for longer', async () => {
  const [short, both] = [engine.add('shop-short'), engine.add('shop-both')];
  const steps = ['evidence', 'pause'];
  await running.start({
    budget: { acts: 10 },
    responses: [
      { ...DROP, match: { rule: 'Drop' }, steps, unpause_after: '2s' },
      { ...DROP, name: 'for good', match: { rule: 'Drop for good' }, steps },
    ].map((each) => ({ ...each, name: each.name.replaceAll(' ', '-') })),
  });
  running.fire({ id: short.id }, { id: both.id });
  await until(() => engine.count('pause') === 2);
  running.fire({ id: both.id, rule: 'Drop for good' });
  await running.process.until(
    (metrics) => metrics.get('falco_responder_open_responses') === 0 && done('pause', 'already')(metrics),
  );
  assert.deepEqual([engine.count('unpause', short.id), engine.count('unpause', both.id)], [1, 0]);
});

test('a policy that says nothing of it is a dry run: nothing is done, and all of it is counted', async () => {
  const web = engine.add('shop-web');
  await running.start({ ...POLICY, dry_run: undefined });
  running.fire({ id: web.id });
  await running.process.until(done('restart', 'dry_run'));
  assert.deepEqual(engine.effects, []);
  assert.deepEqual(readdirSync(running.evidence), []);
});

test('what events claim of containers: nothing but an id or a name that the engine knows', async () => {
  engine.add('shop-web', { created: new Date().toISOString() });
  engine.add('shop-postgres');
  engine.add(`shop-${'x'.repeat(10_000)}`);
  const twin = 'ab'.repeat(6);
  for (const end of ['0', '1']) engine.add(`shop-twin-${end}`, { id: twin.padEnd(64, end) });
  await running.start(POLICY);
  const strange = [
    '--all',
    '../../../etc',
    'ünïcode',
    'x'.repeat(10_000),
    'a b',
    'a\u0000b',
    '$(reboot)',
    '-rf',
    '',
  ];
  running.fire(
    ...strange.map((name, at) => ({ name, command: `name ${at}` })),
    ...strange.slice(0, -1).map((id, at) => ({ id, name: 'shop-web', command: `id ${at}` })),
  );
  // One that was made after the event; two that begin alike; one that is denied; one whose name is none.
  running.fire({ name: 'shop-web', at: Date.now() - 60_000 }, { id: twin }, { name: 'shop-postgres' });
  await until(async () => (await count('denied')) === 1);
  await running.settled();
  assert.deepEqual(engine.effects, []);
  assert.ok((await count('no_container'))! >= strange.length * 2 - 1);
});
