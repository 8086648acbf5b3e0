/** Where the process listens: several addresses, and sockets that systemd opened before. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import { Exporter, freePort, MAIN, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());
const INPUT = [`--input.file=${directory.path}/events.json`, '--state.dir='];

test('each address that is given is listened on, and all end with it', async () => {
  const others = [await freePort(), await freePort()];
  const exporter = await Exporter.start([
    ...INPUT,
    ...others.map((port) => `--web.listen-address=127.0.0.1:${port}`),
  ]);
  for (const port of [...others, exporter.port])
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  await exporter.logged(new RegExp(`address="127.0.0.1:${others[0]}, 127.0.0.1:${others[1]}, `));
  // Bounds hold at each: a head that never ends is given up, and an idle connection keeps it from nothing.
  const idle = connect(others[1]!, '127.0.0.1');
  await once(idle, 'connect');
  assert.equal(await exporter.end(), 0);
  idle.destroy();
  await assert.rejects(fetch(`http://127.0.0.1:${others[1]}/healthz`));
});

test('one that is in use keeps it from starting, and none stays open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const free = await freePort();
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, ...INPUT, `--web.listen-address=127.0.0.1:${free}`, `--web.listen-address=127.0.0.1:${port}`],
    { encoding: 'utf8', timeout: 20_000 },
  );
  taken.close();
  assert.notEqual(status, 0);
  assert.match(stderr, /WEB_ADDRESS_IN_USE/);
});

test("systemd's sockets are listened on, and where none was passed that is said", async () => {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as { port: number };
  const start = (pid: string) =>
    spawn(
      'sh',
      [
        '-c',
        `LISTEN_FDS=1 LISTEN_PID=${pid} exec "$@"`,
        'sh',
        process.execPath,
        MAIN,
        ...INPUT,
        '--web.systemd-socket',
      ],
      { stdio: ['ignore', 'ignore', 'pipe', descriptorOf(socket)] },
    );
  const child = start('$$');
  try {
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    // Whoever comes before it is ready waits in the socket's queue.
    socket.close();
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200, log);
    assert.match(log, new RegExp(`address=127.0.0.1:${port}`));
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  } finally {
    child.kill('SIGKILL');
  }
  const wrong = spawnSync(process.execPath, [MAIN, ...INPUT, '--web.systemd-socket'], {
    env: { ...process.env, LISTEN_FDS: '1', LISTEN_PID: '1' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr, /systemd passed no socket.*WEB_ADDRESS/);
});

/** The descriptor of a server that listens: a child takes it as systemd would give it. */
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}
