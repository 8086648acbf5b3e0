/** `health` as a container's health check runs it: the same environment as the exporter's, an exit code. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command, Exporter, freePort, temporary } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';

const directory = temporary();
after(() => directory.remove());

/** `health` for an exporter that was told by its environment to listen on all addresses of a port. */
function health(port: number) {
  return command(['health'], { env: { FALCO_EVENT_EXPORTER_WEB_LISTEN_ADDRESS: `:${port}` } });
}

async function portOf(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}

test('an exporter that runs is healthy, by environment and by flag, also while its input is missing', async () => {
  const exporter = await Exporter.start([`--input.file=${join(directory.path, 'none')}`, '--state.dir=']);
  assert.deepEqual(await health(exporter.port), { code: 0, stdout: '', stderr: '' });
  const byFlag = await command(['health', `--web.listen-address=127.0.0.1:${exporter.port}`]);
  assert.equal(byFlag.code, 0);
  await exporter.end();
});

test('below a route prefix it is asked there; events are posted there', async () => {
  const env = { FALCO_EVENT_EXPORTER_WEB_EXTERNAL_URL: 'http://example.com/falco/' };
  const exporter = await Exporter.start(['--input.http', '--state.dir='], { env });
  await exporter.logged(/page=http:\/\/example\.com\/falco\/ /);
  const found = await command(['health', `--web.listen-address=127.0.0.1:${exporter.port}`], { env });
  assert.deepEqual(found, { code: 0, stdout: '', stderr: '' });
  const without = await command(['health', `--web.listen-address=127.0.0.1:${exporter.port}`]);
  assert.equal(without.code, 1);
  const body = '{"rule":"R","priority":"Error","output":"o"}';
  const headers = { 'Content-Type': 'application/json' };
  for (const [path, status] of [
    ['/falco/events', 204],
    ['/events', 404],
  ] as const) {
    const answer = await fetch(exporter.url(path), { method: 'POST', headers, body });
    assert.equal(answer.status, status, path);
  }
  await exporter.end();
});

test('nobody there, and who answers something else, is not healthy', async () => {
  const nobody = await health(await freePort());
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /WEB_NO_ANSWER/);
  const exporter = await Exporter.start(['--input.http', '--state.dir=']);
  exporter.process.kill('SIGSTOP');
  const stopped = await health(exporter.port);
  exporter.process.kill('SIGCONT');
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /WEB_NO_ANSWER/);
  await exporter.end();
});

test('a port that changes with each start, and a wrong configuration, are said to be so', async () => {
  assert.match((await health(0)).stderr, /WEB_NO_ANSWER/);
  assert.equal((await command(['health', '--web.listen-address=nonsense'])).code, 2);
});

test('with TLS, a password or a client certificate it lives all the same', {
  skip: without('openssl', 'version'),
}, async () => {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory.path, name));
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', '/CN=elsewhere', '-keyout', key!, '-out', cert!],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const pair = { key: readFileSync(key!), cert: readFileSync(cert!) };
  for (const [options, status, code] of [
    [{}, 200, 0],
    [{}, 401, 0],
    [{}, 503, 1],
    [{ requestCert: true, rejectUnauthorized: true, ca: pair.cert, maxVersion: 'TLSv1.2' }, 200, 0],
    [{ requestCert: true, rejectUnauthorized: true, ca: pair.cert, minVersion: 'TLSv1.3' }, 200, 0],
  ] as const) {
    const server = createServer({ ...pair, ...options }, (_request, response) => {
      response.writeHead(status).end();
    });
    const answer = await health(await portOf(server));
    server.close();
    server.closeAllConnections();
    assert.equal(answer.code, code, `${Object.keys(options)} ${status}: ${answer.stderr}`);
  }
});

test('a listener that only hangs up is not healthy', async () => {
  const server = createTcpServer((socket) => socket.destroy());
  assert.equal((await health(await portOf(server))).code, 1);
  server.close();
});
