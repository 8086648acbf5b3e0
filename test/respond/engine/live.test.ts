/**
 * Against a real engine, through the real proxy: `RESPOND_ENGINE=/var/run/docker.sock RESPOND_PROXY=…/socket-proxy
 * npm run test:respond:engine`. It makes and removes containers whose names begin with `respond-test-`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { readCompose } from '../../compose/compose.ts';
import { temporary } from '../../support/exporter.ts';
import { Running, until } from '../running.ts';
import { docker, happened, networks, PROXY, removeAll, runContainer, SOCKET, state } from './engine.ts';

const WEB = 'respond-test-web';
const POSTGRES = 'respond-test-postgres';
const names = [WEB, POSTGRES, 'respond-test-falco', 'respond-test-2', 'respond-test-3', 'respond-test-4'];
const RESPONSE = {
  name: 'drop',
  match: { rule: 'Drop' },
  containers: { name: '/respond-test-.*/' },
  steps: ['evidence', 'pause', 'disconnect', 'restart'],
};
const POLICY = { responses: [RESPONSE] };

describe('a real engine', { skip: SOCKET === undefined && 'RESPOND_ENGINE names none' }, () => {
  const directory = temporary();
  const proxySocket = join(directory.path, 'proxy.sock');
  const socket = PROXY === undefined ? SOCKET! : proxySocket;
  const ids = new Map<string, string>();
  let proxy: ChildProcess | undefined;
  let running: Running;
  let runs = 0;

  before(async () => {
    removeAll(...names);
    spawnSync('docker', ['--host', `unix://${SOCKET}`, 'network', 'create', 'respond-test']);
    if (PROXY === undefined) return;
    const flags = readCompose('docker-compose.yml').services['falco-socket-proxy']!.command!.filter(
      (flag) => !/^-(proxysocketendpoint=|allowhealthcheck)/.test(flag),
    );
    proxy = spawn(PROXY, [...flags, `-socketpath=${SOCKET}`, `-proxysocketendpoint=${proxySocket}`]);
    await until(() => existsSync(proxySocket));
  });

  after(() => {
    proxy?.kill();
    removeAll(...names);
    docker('network', 'rm', 'respond-test');
    directory.remove();
  });

  beforeEach(() => {
    removeAll(...names);
    for (const name of names)
      ids.set(name, runContainer(name, ...(name === WEB ? ['--network', 'respond-test'] : [])));
    running = new Running(join(directory.path, `run-${++runs}`), socket);
  });

  const id = (name: string) => ids.get(name)!;
  const event = (name: string) => ({ id: id(name).slice(0, 12), name });

  test('paused within 2 s of the event, its evidence complete and hashed before that', async () => {
    await running.start(POLICY);
    await running.process.ready();
    const began = Date.now();
    const at = running.fire(event(WEB));
    await until(() => happened(began).some(({ action }) => action === 'pause'));
    const paused = happened(began).find(({ action }) => action === 'pause')!;
    assert.equal(paused.name, WEB);
    console.log(`# paused ${Math.round(paused.at - at)} ms after the event`);
    assert.ok(paused.at - at < 2000, `${paused.at - at} ms`);
    const [taken] = readdirSync(running.evidence);
    const evidence = join(running.evidence, taken!);
    assert.ok(statSync(join(evidence, 'SHA256SUMS')).mtimeMs <= paused.at, 'hashed after the pause');
    assert.equal(spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: evidence }).status, 0);
    const files = readdirSync(evidence).sort();
    assert.deepEqual(files, [
      ...['SHA256SUMS', 'diff.json', 'event.json', 'inspect.json', 'logs.txt', 'manifest.json'],
      ...['neighbours.jsonl', 'top.json'],
    ]);
    const text = (file: string) => readFileSync(join(evidence, file), 'utf8');
    assert.match(text('diff.json'), /"\/tmp\/dropped"/);
    assert.match(text('logs.txt'), /^stdout .* hello$/m);
    assert.match(text('logs.txt'), /^stderr .* oops$/m);
    assert.match(text('top.json'), /sleep 1/);
    assert.equal(JSON.parse(text('inspect.json')).Id, id(WEB));

    await until(async () => (await running.pending()).length === 1);
    assert.deepEqual(networks(id(WEB)), []);
    const before = state(id(WEB)).StartedAt;
    const [waiting] = await running.pending();
    const said = await running.ask(`/api/approvals/${waiting!.id}/approve`, { method: 'POST' });
    assert.equal(said.status, 200);
    await until(() => state(id(WEB)).StartedAt !== before);
    assert.equal(state(id(WEB)).Paused, false);
    await running.process.end();
  });

  test('a thousand triggers in a minute: the budget and no more, nothing denied; a replayed file: nothing', async () => {
    const budget = { acts: 3, per: '1h' };
    await running.start({ ...POLICY, budget, responses: [{ ...RESPONSE, steps: ['evidence', 'pause'] }] });
    const began = Date.now();
    const all = Array.from({ length: 1000 }, (_, number) => ({
      ...event(names[number % names.length]!),
      command: String(number),
    }));
    running.fire(...all);
    await running.settled();
    appendFileSync(running.events, readFileSync(running.events));
    await running.process.until(
      (metrics) => metrics.get('falco_responder_events_total{verdict="duplicate"}')! >= 1000,
    );
    await running.settled();
    const paused = happened(began).filter(({ action }) => action === 'pause');
    assert.ok(paused.length > 0 && paused.length <= 3, JSON.stringify(paused));
    for (const name of [POSTGRES, 'respond-test-falco']) assert.equal(state(id(name)).Paused, false);
    await running.process.end();
  });

  test('the proxy: what the responder does not need is refused', {
    skip: PROXY === undefined && 'RESPOND_PROXY names none',
  }, async () => {
    const status = (method: string, path: string) =>
      new Promise<number>((resolve, reject) => {
        const asked = request({ socketPath: proxySocket, method, path, headers: { Host: 'docker' } });
        asked.on('response', (answer) => resolve(answer.resume().statusCode!)).on('error', reject);
        asked.end(method === 'POST' ? '{}' : undefined);
      });
    const web = `/containers/${id(WEB)}`;
    for (const path of [
      ...['/containers/create', `${web}/exec`, `${web}/start`, `${web}/kill`, `${web}/update`, '/build'],
      ...['/images/create?fromImage=x', '/exec/x/start', '/networks/create', '/volumes/create'],
      ...[`/containers/${WEB}/pause`, `${web}/pause/..%2f..%2fcreate`, `/v1.41${web}/pause`],
      ...[`${web}/pause/../../create`, '//containers/create', `${web}/pause%0a`],
    ])
      assert.equal(await status('POST', path), 403, path);
    for (const path of [
      '/info',
      '/version',
      '/secrets',
      '/images/json',
      `${web}/archive?path=/etc`,
      `${web}/attach/ws`,
    ])
      assert.equal(await status('GET', path), 403, path);
    for (const method of ['PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'])
      assert.equal(await status(method, web), 405, method);
    assert.equal(await status('GET', '/_ping'), 200);
    assert.equal(await status('GET', `${web}/json`), 200);
  });

  test('names that are flags, paths, unicode or 10 KB, and labels of any text: nothing but what is allowed is acted on', async () => {
    const long = `respond-test-${'x'.repeat(10_000)}`;
    const made = [long, 'respond-test-a.b_c-d'].map((name) => {
      const label = ['--label', 'com.docker.compose.service=$(reboot)\u001b[31m <script>'];
      return runContainer(name, ...label);
    });
    for (const name of ['--all', '../../etc', 'ünïcode', 'a b'])
      assert.throws(() => runContainer(name), /Invalid container name|invalid reference|requires at least/i);
    await running.start({ responses: [{ ...RESPONSE, steps: ['evidence', 'pause'] }] });
    running.fire(...made.map((each) => ({ id: each.slice(0, 12) })), { name: long }, { name: '--all' });
    await running.process.until(
      (metrics) => metrics.get('falco_responder_actions_total{action="pause",outcome="done"}') === 1,
    );
    await running.settled();
    assert.deepEqual(
      made.map((each) => state(each).Paused),
      [false, true],
    );
    for (const line of running.process.log.split('\n')) assert.doesNotMatch(line, /\u001b|<script>/);
    removeAll(...made);
    await running.process.end();
  });

  test('a container that took the name of one that has gone is not acted on', async () => {
    await running.start(POLICY);
    const gone = event(WEB);
    removeAll(WEB);
    const fresh = runContainer(WEB);
    ids.set(WEB, fresh);
    running.fire(gone, { name: 'respond-test-2', at: Date.now() - 200_000 });
    await running.process.until(
      (metrics) => metrics.get('falco_responder_events_total{verdict="gone"}')! === 2,
    );
    assert.equal(state(fresh).Paused, false);
    assert.equal(state(id('respond-test-2')).Paused, false);
    await running.process.end();
  });
});
