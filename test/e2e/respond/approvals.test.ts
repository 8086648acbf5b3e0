/** Who may approve, from where, how often and how long: the built responder's own port. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Running, TOKEN, until } from '../../respond/running.ts';
import { StandIn } from '../../respond/stand-in.ts';
import { temporary } from '../../support/exporter.ts';

const RESPONSE = {
  name: 'end',
  match: { rule: 'Drop' },
  containers: { name: '/shop-.*/' },
  steps: ['evidence', 'restart', 'stop'],
};

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
  await running.process.end('SIGKILL');
  await engine.close();
  directory.remove();
});

/** Asked with any headers: `fetch` allows not all of them. */
function post(path: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(running.process.url(path), { method: 'POST', headers });
    asked.on('response', (answer) => resolve(answer.resume().statusCode!)).on('error', reject);
    asked.end(body);
  });
}

async function waiting(): Promise<string> {
  await until(async () => (await running.pending()).length === 1);
  return (await running.pending())[0]!.id;
}

const bearer = { Authorization: `Bearer ${TOKEN}` };
const basic = { Authorization: `Basic ${Buffer.from(`ann:${TOKEN}`).toString('base64')}` };

test('nobody without the token, no page of another site, and nothing that is no question', async () => {
  const { id } = engine.add('shop-web');
  await running.start({ responses: [RESPONSE] });
  running.fire({ id });
  const path = `/api/approvals/${await waiting()}/approve`;
  const own = `http://127.0.0.1:${running.process.port}`;
  const wrong = Buffer.from(`ann:${TOKEN}x`).toString('base64');
  for (const headers of [
    {},
    { Authorization: `Bearer ${TOKEN}x` },
    { Authorization: `Basic ${wrong}` },
    { Cookie: `token=${TOKEN}` },
  ])
    assert.equal(await post(path, headers as Record<string, string>), 401, JSON.stringify(headers));
  assert.equal(await post(`${path}?token=${TOKEN}`, {}), 401);
  for (const headers of [
    {},
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: own, 'Sec-Fetch-Site': 'cross-site' },
    { Origin: own, 'Sec-Fetch-Site': 'same-site' },
    { Referer: `${own}/` },
  ])
    assert.equal(await post(path, { ...basic, ...(headers as object) }), 403, JSON.stringify(headers));
  for (const place of [
    '/',
    '/metrics',
    '/api/approvals',
    '/api/approvals/x/approve',
    `${path}/..`,
    path.replace('approve', 'stop'),
  ])
    assert.equal(await post(place, bearer), 404, place);
  assert.equal(await post(path.replace(/[0-9a-f]{32}/, '0'.repeat(32)), bearer), 404);
  assert.equal(await post('/alertmanager', bearer, 'x'.repeat(300 * 1024)), 413);
  for (const body of [
    '',
    'null',
    '[]',
    '{"alerts":[{"status":"firing","labels":{"a":1}}]}',
    `{"alerts":${'['.repeat(10_000)}`,
  ])
    assert.equal(await post('/alertmanager', bearer, body), 400, body.slice(0, 20));
  assert.equal((await running.process.get('/api/approvals')).status, 401);
  assert.equal((await running.process.get('/')).status, 401);
  assert.deepEqual(engine.effects, []);
  assert.ok(!running.process.log.includes(TOKEN), 'the token is in no log');

  // Its own page.
  assert.equal(await post(path, { ...basic, Origin: own, 'Sec-Fetch-Site': 'same-origin' }), 303);
  await until(() => engine.count('restart') === 1);
  assert.match(running.process.log, /by=ann/);
});

test('an answer is for one question, once: neither its repetition nor a later webhook answers the next', async () => {
  const { id } = engine.add('shop-web');
  await running.start({ responses: [RESPONSE] });
  running.fire({ id });
  const first = await waiting();
  const webhook = (approval: string) =>
    JSON.stringify({
      alerts: [
        { status: 'resolved', labels: { alertname: 'FalcoResponderApprove', approval } },
        { status: 'firing', labels: { alertname: 'constructor', approval } },
        { status: 'firing', labels: { alertname: 'FalcoResponderApprove', approval, by: 'amtool' } },
      ],
    });
  assert.equal(await post('/alertmanager', bearer, webhook(first)), 200);
  await until(() => engine.count('restart') === 1);
  await until(async () => (await waiting()) !== first);
  // Alertmanager repeats itself, and so do people.
  assert.equal(await post('/alertmanager', bearer, webhook(first)), 200);
  assert.equal(await post(`/api/approvals/${first}/approve`, bearer), 404);
  const second = await waiting();
  assert.equal(await post(`/api/approvals/${second}/refuse`, bearer), 200);
  await running.process.until(
    (metrics) => metrics.get('falco_responder_actions_total{action="stop",outcome="refused"}') === 1,
  );
  assert.equal(await post(`/api/approvals/${second}/approve`, bearer), 404);
  assert.equal(engine.count('stop'), 0);
});

test('a question outlives a kill -9, and its answer too; a changed token is taken at SIGHUP', async () => {
  const { id } = engine.add('shop-web');
  await running.start({ responses: [RESPONSE] });
  running.fire({ id });
  const question = await waiting();
  await running.process.end('SIGKILL');
  await running.start({ responses: [RESPONSE] });
  assert.equal(await waiting(), question);
  writeFileSync(join(running.directory, 'token'), 'another-token-of-some-length');
  running.process.process.kill('SIGHUP');
  await running.process.logged(/the policy was read again/);
  assert.equal(await post(`/api/approvals/${question}/approve`, bearer), 401);
  const other = { Authorization: 'Bearer another-token-of-some-length' };
  assert.equal(await post(`/api/approvals/${question}/approve`, other), 200);
  await until(() => engine.count('restart') === 1);
});
