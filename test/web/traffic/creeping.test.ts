import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, World } from './world.ts';

const EVENT = '{"rule":"R","priority":"Error"}';
const POST = `POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

test('who moves, but slowly, loses its slot to a peer that holds fewer, and keeps it from one that holds more', async (t) => {
  const world = await World.start({ maxRequests: 3 });
  t.after(() => world.stop());
  const creep = async (from: string) => {
    const client = await world.client(from);
    client.socket.write(`${POST}Content-Length: 100000\r\n\r\n{`);
    return client.read().creep(true);
  };
  const modest = await creep('127.0.0.3');
  await until(world, () => world.active('post') === 1);
  const greedy = [await creep('127.0.0.2'), await creep('127.0.0.2')];
  await until(world, () => world.active('post') === 3);
  // It presses for one more: at its own cost.
  greedy.push(await creep('127.0.0.2'));
  await until(world, () => world.waiting('post') === 1);
  await world.pass(1000);
  assert.deepEqual(
    [modest, ...greedy].map(({ isOver }) => isOver),
    [false, true, false, false],
  );
  const other = (await world.client('127.0.0.1')).read();
  other.socket.write(`${POST}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);
  await until(world, () => other.statuses.length > 0);
  assert.deepEqual(
    [other.statuses, modest.isOver, greedy.filter(({ isOver }) => isOver).length],
    [[204], false, 2],
  );
});

test('it is not ready where nothing comes to its end while others wait; who creeps, and who is refused, changes nothing', async (t) => {
  const asked: (() => void)[] = [];
  const metrics = () => new Promise<Buffer>((resolve) => asked.push(() => resolve(Buffer.from('m'))));
  const world = await World.start({ maxRequests: 2, metrics });
  t.after(() => world.stop());
  const readiness = async () => {
    const client = (await world.client('127.0.0.1')).read().get('/readyz');
    await until(world, () => client.statuses.length === 1);
    return [client.statuses[0], client.text.trim().split('\n').at(-1)];
  };
  for (let at = 0; at < 2; at++)
    (await world.client()).read().creep(true).socket.write(`${POST}Content-Length: 100000\r\n\r\n{`);
  for (let second = 0; second < 15; second++) {
    for (let at = 0; at < 20; at++)
      (await world.client()).read().creep(true).socket.write(`${POST}Content-Length: 100000\r\n\r\n{`);
    await world.pass(1000);
  }
  assert.ok(world.refused('post', 'slow') + world.refused('post', 'busy') > 100);
  assert.deepEqual(await readiness(), [200, 'ready']);

  for (let at = 0; at < 2; at++) (await world.client()).get('/metrics');
  await until(world, () => asked.length === 2);
  await world.pass(60_000);
  assert.deepEqual(await readiness(), [200, 'ready'], 'nobody else asks');
  const third = (await world.client()).read().get('/metrics');
  await until(world, () => world.waiting('scrape') === 1);
  await world.pass(9000);
  assert.deepEqual([third.statuses, await readiness()], [[503], [200, 'ready']]);
  await world.pass(2000);
  assert.deepEqual(await readiness(), [
    503,
    'no request of purpose scrape has come to its end for 11 s, and others are refused',
  ]);
  asked[0]!();
  await until(world, () => world.active('scrape') === 1);
  assert.deepEqual(await readiness(), [200, 'ready']);
});
