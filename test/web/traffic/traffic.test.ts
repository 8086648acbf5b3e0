import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Client, until, World, type WorldOptions } from './world.ts';

/** More than a system takes of an answer that its peer doesn't read. */
const LONG = 12 * 1024 * 1024;
const EVENT = '{"rule":"R","priority":"Error"}';
const POST = `POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

async function start(t: TestContext, options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await World.start({ maxRequests: 2, ...options });
  t.after(() => world.stop());
  return world;
}

test('requests that were sent ahead are answered one at a time, in their order', async (t) => {
  const asked: (() => void)[] = [];
  const metrics = () => new Promise<Buffer>((resolve) => asked.push(() => resolve(Buffer.from('m'))));
  const world = await start(t, { metrics });
  const client = (await world.client())
    .read()
    .get('/metrics')
    .get('/healthz')
    .get('/metrics')
    .get('/nowhere');
  await until(world, () => asked.length === 1);
  await world.settle();
  assert.deepEqual([asked.length, world.active('scrape'), client.statuses], [1, 1, []]);
  asked[0]!();
  await until(world, () => asked.length === 2);
  assert.deepEqual(client.statuses, [200, 200]);
  asked[1]!();
  await until(world, () => client.statuses.length === 4);
  assert.deepEqual([client.statuses, world.active('scrape')], [[200, 200, 200, 404], 0]);
});

test('too many requests sent ahead end the connection, and nothing of them stays', async (t) => {
  const world = await start(t, { metrics: () => new Promise(() => undefined) });
  const client = (await world.client()).read().get('/metrics', '', 1000);
  await until(world, () => client.isOver);
  await world.settle();
  assert.deepEqual([world.active('scrape'), world.traffic.connections.size], [0, 0]);
  assert.equal(world.traffic.status.dropped.find(({ reason }) => reason === 'pipelined')!.count, 1);
});

test('what was sent ahead of the last answer of a connection is not done', async (t) => {
  let answer = () => {};
  const metrics = () => new Promise<Buffer>((resolve) => (answer = () => resolve(Buffer.from('m'))));
  const world = await start(t, { metrics });
  const client = (await world.client()).read().get('/metrics');
  client.socket.write(`${POST}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);
  await until(world, () => world.active('scrape') === 1);
  world.traffic.connections.retire();
  answer();
  await until(world, () => client.isOver);
  assert.deepEqual([client.statuses, world.posted], [[200], 0]);
  // Node itself refuses what comes after a request that was to be the last.
  const closing = (await world.client()).read();
  const post = (more: string) => `${POST}${more}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`;
  closing.socket.write(post('Connection: close\r\n') + post(''));
  await until(world, () => closing.isOver);
  assert.equal(world.posted, 1);
});

test('a slot is given back when its socket ends, whatever was queued behind the answer', async (t) => {
  const world = await start(t, { metricsBytes: LONG });
  for (let round = 0; round < 5; round++) {
    const client = (await world.client()).get('/metrics', '', 10);
    await until(world, () => world.active('scrape') === 1);
    client.reset();
    await until(world, () => world.active('scrape') === 0);
  }
  assert.equal(world.traffic.connections.size, 0);
});

test('a peer that takes nothing is given up, one that takes its time is not', async (t) => {
  const [step, steps] = [3 * 1024 * 1024, 7];
  const metricsBytes = LONG + step * steps;
  const world = await start(t, { metricsBytes, maxRequests: 3 });
  const [still, slow] = [await world.client(), await world.client()];
  for (const client of [still, slow]) client.get('/metrics');
  await until(world, () => world.active('scrape') === 2);
  for (let taken = 1; taken <= steps; taken++) {
    // The system asks for more only when a good part of what it holds is gone.
    slow.read(step * taken);
    await until(world, () => slow.bytes >= step * taken);
    await world.pass(4900);
    assert.equal(world.active('scrape'), taken <= 6 ? 2 : 1, `after ${4.9 * taken} s`);
  }
  assert.equal(world.refused('scrape', 'slow'), 1);
  slow.read();
  await until(world, () => slow.bytes > metricsBytes);
});

test('a peer that stops in the middle of a body is given up', async (t) => {
  const world = await start(t);
  const client = await world.client();
  client.socket.write(`${POST}Content-Length: 100\r\n\r\n{"rule"`);
  await until(world, () => world.active('post') === 1);
  await world.pass(29_000);
  assert.equal(world.active('post'), 1);
  await world.pass(2000);
  assert.deepEqual([world.active('post'), world.refused('post', 'slow')], [0, 1]);
});

test('purposes have slots of their own: readers of the page cost Falco no event, and Prometheus no scrape', async (t) => {
  const world = await start(t, { page: () => 'x'.repeat(LONG) });
  for (let reader = 0; reader < 10; reader++) (await world.client()).get('/api/summary');
  await until(world, () => world.active('people') === 2);
  const others = [
    (await world.client()).read().get('/metrics'),
    (await world.client()).read().get('/healthz'),
    (await world.client()).read(),
  ];
  others[2]!.socket.write(`${POST}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);
  await until(world, () => others.every(({ statuses }) => statuses.length > 0));
  assert.deepEqual(
    others.map(({ statuses }) => statuses[0]),
    [200, 200, 204],
  );
});

test('who waits gets the slot of a peer that does not move, of the one that holds most first', async (t) => {
  const world = await start(t, { metricsBytes: LONG, maxRequests: 3 });
  const greedy = [await world.client('127.0.0.2'), await world.client('127.0.0.2')];
  const modest = await world.client('127.0.0.3');
  for (const client of [modest, ...greedy]) client.get('/metrics');
  await until(world, () => world.active('scrape') === 3);
  await world.pass(1000);
  const scraper = (await world.client('127.0.0.1')).read().get('/metrics');
  await until(world, () => world.waiting('scrape') === 1 || scraper.bytes > 0);
  await world.pass(500);
  await until(world, () => scraper.bytes > LONG);
  await world.settle();
  assert.equal(
    greedy.filter(({ isOver }) => isOver).length + Number(modest.isOver),
    0,
    'they have not read that yet',
  );
  assert.equal(world.active('scrape'), 2);
  for (const client of [modest, ...greedy]) client.read();
  await until(world, () => greedy.some(({ isOver }) => isOver) && modest.bytes > LONG);
});

test('where nobody comes to an end, who waits is told to come again', async (t) => {
  const world = await start(t, { metrics: () => new Promise(() => undefined) });
  for (let scraper = 0; scraper < 2; scraper++) (await world.client()).get('/metrics');
  await until(world, () => world.active('scrape') === 2);
  const third = (await world.client()).read().get('/metrics');
  await until(world, () => world.waiting('scrape') === 1);
  await world.pass(1900);
  assert.deepEqual(third.statuses, []);
  await world.pass(200);
  await until(world, () => third.statuses.length > 0);
  assert.deepEqual([third.statuses, world.refused('scrape', 'busy')], [[503], 1]);
  assert.match(third.text, /retry-after: 1\r\n/i);
});

test('who waits and goes away has no slot', async (t) => {
  const asked: (() => void)[] = [];
  const metrics = () => new Promise<Buffer>((resolve) => asked.push(() => resolve(Buffer.from('m'))));
  const world = await start(t, { metrics, maxRequests: 1 });
  (await world.client()).get('/metrics');
  await until(world, () => asked.length === 1);
  const gone = (await world.client()).get('/metrics');
  await until(world, () => world.waiting('scrape') === 1);
  gone.reset();
  await until(world, () => world.waiting('scrape') === 0);
  asked[0]!();
  await until(world, () => world.active('scrape') === 0);
  await world.settle();
  assert.equal(asked.length, 1);
});

test('there is room for one more connection: idle ones of the peer that has most make it', async (t) => {
  const world = await start(t, { mostConnections: 50 });
  const idle: Client[] = [];
  for (let at = 0; at < 49; at++) idle.push((await world.client('127.0.0.2')).read());
  const other = (await world.client('127.0.0.3')).read();
  await until(world, () => world.traffic.connections.size === 50);
  const health = (await world.client('127.0.0.1')).read().get('/healthz');
  await until(world, () => health.statuses.length === 1);
  assert.deepEqual([health.statuses, other.isOver], [[200], false]);
  await until(world, () => idle.some(({ isOver }) => isOver));
  // Those that came first.
  assert.deepEqual(
    idle.map(({ isOver }) => isOver),
    idle.map((_, at) => at < 4),
  );
  assert.equal(world.traffic.status.dropped.find(({ reason }) => reason === 'crowded')!.count, 4);
  assert.ok(world.traffic.connections.size <= 50);
});

test('a connection that is being answered is not ended for one more', async (t) => {
  const world = await start(t, { mostConnections: 8, metrics: () => new Promise(() => undefined) });
  const busy = (await world.client('127.0.0.2')).read().get('/metrics');
  await until(world, () => world.active('scrape') === 1);
  for (let at = 0; at < 30; at++) await world.client('127.0.0.2');
  await world.settle();
  assert.deepEqual([busy.isOver, world.traffic.connections.size <= 8], [false, true]);
});

test('texts that nobody takes have a budget; the peer that holds most of them loses them', async (t) => {
  const metrics = async () => Buffer.alloc(7 * 1024 * 1024, 'm');
  const world = await start(t, { metrics, maxRequests: 40 });
  const honest = (await world.client('127.0.0.1')).get('/metrics');
  await until(world, () => world.active('scrape') === 1);
  for (let at = 1; at <= 10; at++) {
    (await world.client('127.0.0.2')).get('/metrics');
    // Two texts fit. The next takes the place of one of the greedy peer.
    await until(world, () => world.refused('scrape', 'slow') === Math.max(0, at - 1));
    await until(world, () => world.active('scrape') === 2);
  }
  honest.read();
  await until(world, () => honest.bytes > 7 * 1024 * 1024);
});

test('answers are made once for all who wait for them', async (t) => {
  let made = 0;
  const page = (): string => {
    made++;
    // It takes long, so a rest follows, in which the others come in.
    world.now += 50;
    return 'x';
  };
  const world: World = await start(t, { page, maxRequests: 40 });
  const clients = await Promise.all(Array.from({ length: 20 }, () => world.client()));
  for (const client of clients) client.read().get('/api/summary');
  await until(world, () => clients.every(({ statuses }) => statuses[0] === 200));
  // They come in over more than one moment; each for itself would be 20.
  assert.ok(made < 20, `${made} times`);
});

test('large bodies that are being read have a budget together; small ones come in all the while', async (t) => {
  const world = await start(t, { maxRequests: 40 });
  const large = await Promise.all(Array.from({ length: 12 }, () => world.client()));
  for (const client of large)
    client.read().socket.write(`${POST}Content-Length: 1000000\r\n\r\n${'x'.repeat(999_999)}`);
  await until(world, () => large.some(({ statuses }) => statuses[0] === 503));
  const small = (await world.client()).read();
  small.socket.write(`${POST}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);
  await until(world, () => small.statuses.length > 0);
  assert.deepEqual(small.statuses, [204]);
  assert.ok(world.refused('post', 'busy') >= 3);
  for (const client of large) client.reset();
  await until(world, () => world.active('post') === 0);
  const later = (await world.client()).read();
  later.socket.write(`${POST}Content-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`);
  await until(world, () => later.statuses.length > 0);
  assert.deepEqual(later.statuses, [204]);
});

test('a head of an answer without its body, and a short one, are answered as others are', async (t) => {
  const world = await start(t, { metricsBytes: 100_000 });
  const client = (await world.client()).read();
  client.socket.write('HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until(world, () => client.statuses.length === 1);
  assert.match(client.text, /content-length: 100000\r\n/i);
  client.get('/healthz');
  await until(world, () => client.statuses.length === 2);
});

test('what came in under older rules goes on no longer than its answer', async (t) => {
  const asked: (() => void)[] = [];
  const metrics = () => new Promise<Buffer>((resolve) => asked.push(() => resolve(Buffer.from('m'))));
  const world = await start(t, { metrics });
  const [idle, busy] = [(await world.client()).read(), (await world.client()).read().get('/metrics')];
  await until(world, () => asked.length === 1);
  world.traffic.connections.retire();
  await until(world, () => idle.isOver);
  asked[0]!();
  await until(world, () => busy.isOver);
  assert.deepEqual(busy.statuses, [200]);
});
