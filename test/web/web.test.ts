import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { configSchema } from '../../src/config/schema.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { History } from '../../src/ledger/history/history.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ServiceResolver } from '../../src/ledger/service.ts';
import { createLogger } from '../../src/log/log.ts';
import { LiveEvents } from '../../src/web/events/live-events.ts';
import { Web, type WebOptions } from '../../src/web/web.ts';
import { temporary } from '../support/exporter.ts';

const EVENT = '{"rule":"R","priority":"Error","output":"o","time":"2026-11-23T12:00:00Z"}';

interface Room {
  web: Web;
  url(path: string): string;
  /** Counts events as if they had just been read. */
  read(lines: string): void;
}

async function start(
  t: TestContext,
  web: Record<string, unknown> = {},
  more: Partial<WebOptions> = {},
): Promise<Room> {
  const ledger = new Ledger({
    services: new ServiceResolver({ mappings: [] }),
    extraLabels: [],
    seriesLimit: 100,
  });
  const scanner = new PlainScanner(ledger.wanted, 1024);
  const config = configSchema.parse({ web: { listen_address: '127.0.0.1:0', ...web } }).web;
  const live = config.disable_events
    ? undefined
    : new LiveEvents((tuple) => ledger.labelsOf(tuple), systemClock);
  const started = new Web({
    config,
    clock: systemClock,
    log: createLogger({ level: 'error', format: 'json' }),
    state: {
      version: '1',
      startedAt: 0,
      ledger,
      history: new History(systemClock),
      inputs: () => [],
      lastLine: () => undefined,
      notReady: () => 'not yet',
      snapshot: () => ({ kept: false, written: undefined }),
      rules: () => undefined,
    },
    live,
    metrics: async ({ view }) => Buffer.from(`# ${view}\n`),
    noise: undefined,
    ingest: undefined,
    environment: {},
    ...more,
  });
  await started.listen();
  t.after(() => started.close(100));
  const read = (lines: string) => {
    const bytes = Buffer.from(lines);
    const batch = scanner.scan(bytes);
    ledger.count(batch, bytes, scanner);
    live?.take(batch, bytes);
  };
  return { web: started, url: (path) => `http://127.0.0.1:${started.addresses[0]!.port}${path}`, read };
}

/** With any headers, Host too. */
async function ask(room: Room, path: string, headers: Record<string, string>): Promise<number> {
  const asked = request(room.url(path), { headers, agent: false }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

test('every answer has the headers that keep pages and frames out, and none that tells what serves it', async (t) => {
  const room = await start(t);
  for (const path of ['/', '/metrics', '/healthz', '/api/summary', '/style.css', '/nowhere']) {
    const { headers } = await fetch(room.url(path));
    assert.match(headers.get('content-security-policy')!, /^default-src 'none'/, path);
    assert.doesNotMatch(headers.get('content-security-policy')!, /unsafe|data:|https?:/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'deny');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('x-powered-by'), null);
  }
});

test('unknown paths are 404, wrong methods 405, both in plain text', async (t) => {
  const room = await start(t);
  for (const path of [
    '/nowhere',
    '/metrics/',
    '/Metrics',
    '/events',
    '/..%2f',
    '/%',
    '//',
    '/static/../../package.json',
  ]) {
    const answer = await fetch(room.url(path));
    assert.ok([400, 404].includes(answer.status), `${path} ${answer.status}`);
    assert.match(answer.headers.get('content-type')!, /^text\/plain/);
  }
  for (const path of [
    '/',
    '/metrics',
    '/healthz',
    '/readyz',
    '/api/summary',
    '/api/events',
    '/numbers',
    '/script.js',
  ])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await fetch(room.url(path), { method });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.get('allow'), 'GET, HEAD');
    }
  assert.equal((await fetch(room.url('/metrics'), { method: 'HEAD' })).status, 200);
});

test('all is below the route prefix, which is the path of the external URL where none is given', async (t) => {
  for (const web of [
    { external_url: 'https://example.com/falco/x/' },
    { route_prefix: 'falco/x/' },
    { external_url: 'https://example.com/elsewhere', route_prefix: '/falco/x' },
  ]) {
    const room = await start(t, web);
    for (const path of [
      '/',
      '/metrics',
      '/healthz',
      '/api/summary',
      '/api/events',
      '/numbers',
      '/script.js',
    ]) {
      assert.equal((await fetch(room.url(`/falco/x${path}`))).status, 200, path);
      if (path !== '/') assert.equal((await fetch(room.url(path))).status, 404, path);
    }
    for (const path of ['/', '/falco/x']) {
      const answer = await fetch(room.url(`${path}?rule=a%26b`), { redirect: 'manual' });
      assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/falco/x/?rule=a%26b']);
    }
    assert.equal((await fetch(room.url('/falco/xy/metrics'))).status, 404);
    const page = await (await fetch(room.url('/falco/x/'))).text();
    assert.doesNotMatch(page, /(href|src)="\//, 'its links are relative');
  }
  const stripped = await start(t, { external_url: 'https://example.com/falco', route_prefix: '/' });
  assert.equal((await fetch(stripped.url('/metrics'))).status, 200);
  assert.equal((await fetch(stripped.url('/'), { redirect: 'manual' })).status, 200);
});

test('/metrics tells scrapes of Prometheus from others; /readyz says why not', async (t) => {
  const room = await start(t);
  assert.equal(await (await fetch(room.url('/metrics'))).text(), '# counted\n');
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '10' };
  assert.equal(await (await fetch(room.url('/metrics'), { headers })).text(), '# shown\n');
  const asked = async (path: string) => {
    const answer = await fetch(room.url(path), { headers });
    return answer.ok ? answer.text() : answer.status;
  };
  assert.equal(await asked('/metrics?view=shown'), '# shown\n');
  assert.equal(await asked('/metrics?view=counted'), '# counted\n');
  for (const query of ['view=', 'view=all', 'view=shown&view=counted'])
    assert.equal(await asked(`/metrics?${query}`), 400);
  const ready = await fetch(room.url('/readyz'));
  assert.deepEqual([ready.status, await ready.text()], [503, 'not yet\n']);
});

test('only so many scrapes at once, and as many of the rest; the next is told to come again', async (t) => {
  const waiting: (() => void)[] = [];
  const metrics = () => new Promise<Buffer>((resolve) => waiting.push(() => resolve(Buffer.alloc(0))));
  const room = await start(t, { max_requests: 2 }, { metrics });
  const first = [fetch(room.url('/metrics')), fetch(room.url('/metrics'))];
  while (waiting.length < 2) await new Promise(setImmediate);
  const refused = await fetch(room.url('/metrics'));
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get('retry-after'));
  assert.equal((await fetch(room.url('/healthz'))).status, 200);
  assert.equal((await fetch(room.url('/'))).status, 200);
  for (const answer of waiting) answer();
  assert.deepEqual(
    (await Promise.all(first)).map(({ status }) => status),
    [200, 200],
  );
  // A slot of a client that went away is free again.
  const gone = new AbortController();
  const given = [0, 1].map(() => fetch(room.url('/metrics'), { signal: gone.signal }).catch(() => undefined));
  while (waiting.length < 4) await new Promise(setImmediate);
  gone.abort();
  await Promise.all(given);
  while (waiting.length < 5) {
    void fetch(room.url('/metrics')).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('an answer that fails is a 500 in words, and the next is answered', async (t) => {
  let fail = true;
  const metrics = async () => {
    if (fail) throw new Error('secret path /etc/shadow');
    return Buffer.from('ok');
  };
  const room = await start(
    t,
    {},
    { metrics, log: createLogger({ level: 'error', format: 'json' }, () => undefined) },
  );
  const answer = await fetch(room.url('/metrics'));
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /secret|at /);
  fail = false;
  assert.equal((await fetch(room.url('/metrics'))).status, 200);
});

test('events: as JSON, newest first, with the line as it was read', async (t) => {
  const room = await start(t);
  room.read(
    `${EVENT}\nno event\n{"rule":"S","priority":"Debug","output_fields":{"evt.time":1795446157593751982}}\n`,
  );
  const text = await (await fetch(room.url('/api/events'))).text();
  assert.match(text, /1795446157593751982/);
  const { events } = JSON.parse(text) as { events: { rule: string; priority: string; service: string }[] };
  assert.deepEqual(
    events.map(({ rule, priority, service }) => [rule, priority, service]),
    [
      ['S', 'debug', 'unknown'],
      ['R', 'error', 'unknown'],
    ],
  );
});

test('events: those that are asked for, and a wrong question is refused', async (t) => {
  const room = await start(t);
  room.read(`${EVENT}\n{"rule":"S","priority":"Debug"}\n`);
  const asked = await (await fetch(room.url('/api/events?priority=debug&since=1h'))).json();
  const { kept, no_longer_kept, events } = asked as Record<string, unknown> & { events: { rule: string }[] };
  assert.deepEqual([kept, no_longer_kept, events.map(({ rule }) => rule)], [2, 0, ['S']]);
  for (const query of ['?prority=error', '?since=x', '?limit=0']) {
    const answer = await fetch(room.url(`/api/events${query}`));
    assert.deepEqual([answer.status, (await answer.text()).split('\n').length], [400, 2], query);
  }
  const live = await fetch(room.url('/api/events?rule=S'), { headers: { Accept: 'text/event-stream' } });
  assert.equal(live.status, 400);
});

test('events: live, each once', async (t) => {
  const room = await start(t);
  room.read(`${EVENT}\n`);
  const answer = await fetch(room.url('/api/events'), { headers: { Accept: 'text/event-stream' } });
  assert.match(answer.headers.get('content-type')!, /^text\/event-stream/);
  let text = '';
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (wanted: RegExp) => {
    while (!wanted.test(text)) text += (await reader.read()).value;
  };
  await until(/"id":0/);
  room.read(`${EVENT}\n${EVENT}\n`);
  await until(/"id":2/);
  assert.equal(text.match(/^data: /gm)?.length, 3);
  await reader.cancel();
});

test('events are for this machine only, where no users are configured', async (t) => {
  const room = await start(t, {}, { ingest: { ingest: () => 'counted', refuse: () => undefined } });
  for (const headers of [
    { 'X-Forwarded-For': '127.0.0.1' },
    { Forwarded: 'for=127.0.0.1' },
    { Host: 'attacker.example' },
  ] as Record<string, string>[]) {
    assert.equal(await ask(room, '/api/events', headers), 403);
    const asked = request(room.url('/events'), {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
    }).end(EVENT);
    const [answer] = await once(asked, 'response');
    assert.equal(answer.statusCode, 403);
    answer.resume();
  }
  const page = await fetch(room.url('/'), { headers: { 'X-Forwarded-For': '10.0.0.1' } });
  assert.match(await page.text(), /--web\.allow-remote-events/);
  const open = await start(t, { allow_remote_events: true });
  assert.equal(await ask(open, '/api/events', { 'X-Forwarded-For': '10.0.0.1' }), 200);
});

test('with --web.disable-events none are kept', async (t) => {
  const room = await start(t, { disable_events: true });
  room.read(`${EVENT}\n`);
  assert.equal((await fetch(room.url('/api/events'))).status, 404);
  assert.match(await (await fetch(room.url('/'))).text(), /--web\.disable-events/);
});

test('POST /events: 2xx only once it is counted', async (t) => {
  const bodies: string[] = [];
  const refused: string[] = [];
  const ingest = {
    ingest(body: Buffer) {
      bodies.push(body.toString());
      return body.toString() === EVENT ? ('counted' as const) : ('malformed' as const);
    },
    refuse: ({ kind }: { kind: string }) => refused.push(kind),
  };
  const room = await start(t, {}, { ingest });
  const post = (body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
    fetch(room.url('/events'), { method: 'POST', body, headers });
  const counted = await post(EVENT);
  assert.deepEqual([counted.status, await counted.text()], [204, '']);
  assert.equal((await post(EVENT, { 'Content-Type': 'application/json; charset=utf-8' })).status, 204);
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('')).status, 400);
  const before = bodies.length;
  assert.equal((await post(EVENT, { 'Content-Type': 'text/plain' })).status, 415);
  assert.equal(
    (await post(EVENT, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })).status,
    415,
  );
  assert.equal((await post('x'.repeat(1024 * 1024 + 1))).status, 413);
  assert.equal(bodies.length, before);
  assert.deepEqual(refused, ['text', 'type', 'large'], 'what is refused unread is counted, too');
  assert.equal((await post(`"${'x'.repeat(1024 * 1024 - 2)}"`)).status, 400);
  assert.equal((await fetch(room.url('/events'))).status, 405);
});

test('a request that is cut off in its body is not taken', async (t) => {
  let taken = 0;
  const room = await start(
    t,
    {},
    {
      ingest: { ingest: () => (taken++ ? 'counted' : 'counted'), refuse: () => undefined },
    },
  );
  const socket = connect(room.web.addresses[0]!.port, '127.0.0.1');
  socket.end(
    `POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n${EVENT}`,
  );
  await once(socket.resume(), 'close');
  assert.equal(taken, 0);
});

test('what is no HTTP is answered with 400 and closed', async (t) => {
  const room = await start(t);
  const socket = connect(room.web.addresses[0]!.port, '127.0.0.1');
  socket.write('\x16\x03\x01 what\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 400 /);
  socket.destroy();
});

test('a new web configuration ends the streams: who may look is asked again', async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  const file = join(path, 'web.yml');
  writeFileSync(file, '');
  t.mock.timers.enable({ apis: ['setInterval'] });
  const room = await start(t, { config: { file } });
  const signal = AbortSignal.timeout(20_000);
  const stream = await fetch(room.url('/api/events'), { headers: { Accept: 'text/event-stream' }, signal });
  writeFileSync(file, 'http_server_config: {headers: {X-Frame-Options: sameorigin}}');
  t.mock.timers.tick(2000);
  assert.match(await stream.text(), /^retry: /);
  const { headers } = await fetch(room.url('/healthz'));
  assert.equal(headers.get('x-frame-options'), 'sameorigin');
});

test('a new web configuration closes connections that were made under the old one', async (t) => {
  const { path, remove } = temporary();
  t.after(remove);
  const file = join(path, 'web.yml');
  writeFileSync(file, '');
  t.mock.timers.enable({ apis: ['setInterval'] });
  const room = await start(t, { config: { file } });
  const socket = connect(Number(new URL(room.url('/')).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 /);
  writeFileSync(file, 'http_server_config: {headers: {X-Frame-Options: sameorigin}}');
  t.mock.timers.tick(2000);
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
});
