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
