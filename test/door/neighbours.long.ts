/**
 * Hostile neighbours of a real process: whatever they do, Prometheus is answered, Falco's events are taken, health is told,
 * and nothing stays of them. The numbers are those of attacks that once succeeded.
 */
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { type Exporter, pause } from '../support/exporter.ts';
import { type Cell, cell } from './cell.ts';
import { answered, basic, client, clients, EVENT, get, post, repeat } from './clients.ts';

const OPEN = ['--input.http', '--web.allow-remote-events'];
const SCRAPE = get('/metrics', 'X-Prometheus-Scrape-Timeout-Seconds: 10\r\n');

/** Counts so many series, so that an answer is larger than what a system takes for who doesn't read. */
async function manySeries(cell: Cell, exporter: Exporter, count = 9000): Promise<void> {
  const line = (n: number) => EVENT.replace('"web"', `"web-${n}-${'x'.repeat(200)}"`);
  appendFileSync(cell.input, `${Array.from({ length: count }, (_, n) => line(n)).join('\n')}\n`);
  await exporter.until((metrics) => (metrics.get('falco_exporter_series') ?? 0) >= count);
}

/** The rightful come, so many times each at once. */
async function allCome({ port }: Exporter, times: number, rest?: number): Promise<string> {
  const all = [
    answered('scrapes', port, SCRAPE, times, rest),
    answered('events', port, post(EVENT), times, rest),
    answered('health', port, get('/healthz'), times, rest),
  ];
  return (await Promise.all(all)).join('; ');
}

/** Nothing is taken once everybody has gone. */
async function nothingStays(exporter: Exporter): Promise<void> {
  const taken = (metrics: Map<string, number>) =>
    ['post', 'people', 'health'].map((purpose) =>
      metrics.get(`falco_exporter_web_requests{purpose="${purpose}"}`),
    );
  await exporter.until((metrics) => taken(metrics).every((count) => count === 0));
  await exporter.until((metrics) => metrics.get('falco_exporter_web_requests{purpose="scrape"}') === 1);
  await exporter.until((metrics) => metrics.get('falco_exporter_web_connections')! <= 2);
}

cell('38 pipelined GETs and a reset, forty times over', async (cell) => {
  const exporter = await cell.start(OPEN);
  await manySeries(cell, exporter);
  for (let time = 0; time < 40; time++) {
    const one = await client(exporter.port);
    one.write(get('/metrics').repeat(38));
    await pause(20);
    one.resetAndDestroy();
    // Few enough to be all answered.
    const other = await client(exporter.port);
    other.write(get(time % 2 === 0 ? '/metrics' : '/').repeat(16));
    await pause(20);
    other.resetAndDestroy();
  }
  const figures = await allCome(exporter, 5);
  await nothingStays(exporter);
  return figures;
});

for (const [count, from] of [
  [3, '127.0.0.2'],
  [40, '127.0.0.2'],
  [120, '127.0.0.2'],
] as const)
  cell(`${count} connections that don't read, against 36 scrapes and 36 events`, async (cell, t) => {
    const exporter = await cell.start(OPEN);
    await manySeries(cell, exporter);
    const all = await clients(exporter.port, count, from);
    for (const one of all) one.write(get('/metrics').repeat(14));
    const again = repeat(
      t,
      async () => {
        const more = await clients(exporter.port, 3, from);
        for (const one of more) one.write(get('/metrics').repeat(14));
        all.push(...more);
      },
      500,
    );
    const figures = await allCome(exporter, 36);
    await again();
    for (const one of all) one.resetAndDestroy();
    await nothingStays(exporter);
    return figures;
  });

for (const [what, request, bytes] of [
  ['that take a little at a time', get('/metrics'), 0],
  ['that send a body byte by byte', post(EVENT.slice(0, 9), '', 900_000), 1],
] as const)
  for (const [count, addresses] of [
    [60, 1],
    [160, 100],
  ] as const)
    cell(`${count} connections from ${addresses} addresses ${what}`, async (cell, t) => {
      const exporter = await cell.start(OPEN);
      await manySeries(cell, exporter);
      const open = async (at: number) => {
        const one = await client(exporter.port, `127.0.1.${1 + (at % addresses)}`);
        one.write(request);
        return one.on('readable', () => undefined);
      };
      const all = await Promise.all(Array.from({ length: count }, (_, at) => open(at)));
      const creep = repeat(
        t,
        async () => {
          for (const [at, one] of all.entries()) {
            if (one.destroyed) all[at] = await open(at);
            else if (bytes > 0) one.write('x');
            else one.read(16_384);
          }
        },
        100,
      );
      const figures = await allCome(exporter, 30);
      await creep();
      for (const one of all) one.resetAndDestroy();
      await nothingStays(exporter);
      return figures;
    });

cell('40 connections at 600 requests a second, against 24 scrapes', async (cell, t) => {
  const exporter = await cell.start(OPEN);
  await manySeries(cell, exporter);
  const all = await clients(exporter.port, 40);
  for (const one of all) one.resume();
  const paths = ['/metrics', '/', '/api/summary', '/api/events', '/numbers'];
  const flood = repeat(
    t,
    () => {
      for (const [at, one] of all.entries()) one.write(get(paths[at % paths.length]!).repeat(1));
    },
    66,
  );
  const figures = await allCome(exporter, 24, 200);
  await flood();
  for (const one of all) one.resetAndDestroy();
  await nothingStays(exporter);
  return figures;
});

cell('readers of the page, of events and of streams cost Falco no event', async (cell) => {
  const exporter = await cell.start(OPEN);
  await manySeries(cell, exporter);
  const all = await clients(exporter.port, 200);
  for (const [at, one] of all.entries())
    one.write(get(['/', '/api/events', '/numbers', '/api/summary'][at % 4]!).repeat(10));
  const figures = await allCome(exporter, 36);
  for (const one of all) one.resetAndDestroy();
  await nothingStays(exporter);
  return figures;
});

cell('large bodies that are never finished leave room for others', async (cell) => {
  const exporter = await cell.start(OPEN);
  const all = await clients(exporter.port, 39);
  for (const one of all) one.write(post('x'.repeat(900_000), '', 1_000_000));
  await pause(500);
  const list = post(`[${Array.from({ length: 2000 }, () => EVENT).join(',')}]`);
  const lists = await answered('lists of 170 kB', exporter.port, list, 20);
  const figures = `${lists}; ${await allCome(exporter, 20)}`;
  for (const one of all) one.resetAndDestroy();
  await nothingStays(exporter);
  return figures;
});

cell('1,500 idle connections, and 1,500 half heads, against health', async (cell) => {
  const exporter = await cell.start(OPEN);
  const all = await clients(exporter.port, 1500);
  const figures = [await allCome(exporter, 10)];
  const halves = await clients(exporter.port, 1500, '127.0.0.3');
  for (const one of halves) one.write('GET /metrics HTTP/1.1\r\nX-Slow: ');
  figures.push(await allCome(exporter, 10));
  for (const one of [...all, ...halves]) one.resetAndDestroy();
  await nothingStays(exporter);
  return figures.join('; ');
});

/** A web configuration with one user. */
function users(cell: Cell, more = '', cost = 10): string {
  const path = join(cell.directory, 'web.yml');
  writeFileSync(path, `basic_auth_users:\n  prometheus: ${hashSync('right', cost)}\n${more}`);
  return path;
}

cell('48 connections that guess passwords, against the right one, remembered and not', async (cell, t) => {
  const path = users(cell);
  const exporter = await cell.start([...OPEN, `--web.config.file=${path}`]);
  const all = await clients(exporter.port, 48);
  for (const one of all) one.resume();
  let guess = 0;
  const guessing = repeat(
    t,
    () => {
      for (const one of all) one.write(get('/metrics', basic('prometheus', `guess ${guess++}`)));
    },
    50,
  );
  await pause(500);
  const right = (text: string) => text.replace('\r\n', `\r\n${basic('prometheus', 'right')}`);
  const first = await answered('the right password', exporter.port, right(SCRAPE), 23);
  // Of another hash, so that nobody is remembered.
  users(cell);
  utimesSync(path, new Date(), new Date());
  await exporter.logged(/was read again/);
  const after = await answered('after a reload', exporter.port, right(SCRAPE), 23);
  await guessing();
  for (const one of all) one.resetAndDestroy();
  return `${first}, ${after}`;
});

cell('a rate limit that others use up is none for Prometheus, nor for health', async (cell, t) => {
  const path = users(cell, 'rate_limit:\n  interval: 100ms\n  burst: 5\n');
  const exporter = await cell.start([...OPEN, `--web.config.file=${path}`]);
  const right = (text: string) => text.replace('\r\n', `\r\n${basic('prometheus', 'right')}`);
  // It has come before: whom nobody knows yet has the limit of its address.
  await answered('a first one', exporter.port, right(SCRAPE), 1);
  const all = await clients(exporter.port, 20, '127.0.0.1');
  for (const one of all) one.resume();
  repeat(
    t,
    () => {
      for (const one of all) one.write(get('/metrics'));
    },
    10,
  );
  await pause(300);
  const scrapes = await answered('scrapes', exporter.port, right(SCRAPE), 24, 150);
  return `${scrapes}; ${await answered('health', exporter.port, right(get('/healthz')), 24)}`;
});
