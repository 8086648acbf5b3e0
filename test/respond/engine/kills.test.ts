/**
 * kill -9 at random moments, against a real engine: RESPOND_KILLS histories, from RESPOND_SEED on. Each event is decided
 * once, each act is done at most once, and what was begun is brought to its end by the next process.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Random } from '../../event/fuzz/random.ts';
import { pause, temporary } from '../../support/exporter.ts';
import { Running, until } from '../running.ts';
import { docker, happened, networks, removeAll, runContainer, SOCKET, state } from './engine.ts';

const RUNS = Number(process.env.RESPOND_KILLS ?? 5);
const SEED = Number(process.env.RESPOND_SEED ?? Date.now() % 1e6);
const ALLOWED = ['respond-kill-a', 'respond-kill-b'];
const DENIED = 'respond-kill-postgres';
const NETWORK = 'respond-kill';
const POLICY = {
  responses: [
    {
      name: 'drop',
      match: { rule: '/Drop.*/' },
      containers: { name: '/respond-kill-.*/' },
      steps: ['evidence', 'pause', 'disconnect'],
    },
  ],
};

describe(`kill -9: ${RUNS} histories from seed ${SEED} on`, {
  skip: SOCKET === undefined && 'RESPOND_ENGINE names none',
}, () => {
  const directory = temporary();
  const ids = new Map<string, string>();

  before(() => {
    removeAll(...ALLOWED, DENIED);
    spawnSync('docker', ['--host', `unix://${SOCKET}`, 'network', 'create', NETWORK]);
    for (const name of [...ALLOWED, DENIED]) ids.set(name, runContainer(name, '--network', NETWORK));
  });

  after(() => {
    removeAll(...ALLOWED, DENIED);
    docker('network', 'rm', NETWORK);
    directory.remove();
  });

  for (let run = 0; run < RUNS; run++)
    test(`seed ${SEED + run}`, async () => {
      const random = new Random(SEED + run);
      const began = Date.now();
      const running = new Running(join(directory.path, String(run)), SOCKET!);
      await running.start(POLICY);
      running.fire(
        ...[...ALLOWED, DENIED].map((name, at) => ({
          ...{ id: ids.get(name)!.slice(0, 12), name, rule: `Drop ${at}` },
        })),
      );
      for (let kills = 1 + random.below(3); kills > 0; kills--) {
        await pause(random.below(250));
        await running.process.end('SIGKILL');
        await running.start(POLICY);
      }
      await until(async () => {
        const metrics = await running.process.metrics();
        const decided = ['response', 'denied'].reduce(
          (sum, verdict) => sum + metrics.get(`falco_responder_events_total{verdict="${verdict}"}`)!,
          0,
        );
        return decided === 3 && metrics.get('falco_responder_active_responses') === 0;
      });
      await running.process.end();
      const done = happened(began);
      for (const name of ALLOWED)
        assert.ok(done.filter((one) => one.name === name && one.action === 'pause').length <= 1, name);
      assert.deepEqual(
        done.filter((one) => one.name === DENIED && one.action !== 'exec_die'),
        [],
      );
      const [paused, cut] = [
        ALLOWED.filter((name) => state(ids.get(name)!).Paused),
        ALLOWED.filter((name) => networks(ids.get(name)!).length === 0),
      ];
      // The budget is three: two pauses and one disconnection, or one of each for one container and a pause.
      assert.ok(paused.length + cut.length <= 3, `${paused} ${cut}`);
      assert.equal(paused.length, 2, 'what was begun is brought to its end');
      for (const name of paused) docker('unpause', name);
      for (const name of cut) docker('network', 'connect', NETWORK, name);
    });
});
