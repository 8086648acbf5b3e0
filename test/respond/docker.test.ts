/** The Docker API: what is asked for, what becomes of each kind of answer, and what a container must be to be one. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Engine } from '../../src/respond/docker/engine.ts';
import { EngineError } from '../../src/respond/docker/request.ts';
import { logText } from '../../src/respond/docker/streams.ts';
import { temporary } from '../support/exporter.ts';
import { idOf, StandIn } from './stand-in.ts';

const directory = temporary();
after(() => directory.remove());
const engineAt = (socket: string, timeout = 2000) =>
  new Engine({ current: { docker: { socket, timeout }, grace: 1000 } });

describe('an engine that answers as a real one did', () => {
  const socket = join(directory.path, 'recorded.sock');
  const engine = engineAt(socket);
  let standIn: StandIn;
  before(async () => {
    standIn = await StandIn.start(socket);
  });
  after(() => standIn.close());

  test('a container: its id, name, state and networks', async () => {
    const { id } = standIn.add('web', { labels: { tier: 'front' } });
    const found = (await engine.inspect(id))!;
    assert.deepEqual(
      [found.id, found.name, found.image, found.running, found.paused, found.labels],
      [id, 'web', 'base:1', true, false, { tier: 'front' }],
    );
    assert.deepEqual(found.networks, [{ name: 'shop', id: idOf('shop') }]);
    assert.equal(found.created, Date.parse('2026-01-01T00:00:00Z'));
    assert.deepEqual(await engine.list(), [{ id, names: ['web'] }]);
    assert.equal(await engine.inspect('0'.repeat(64)), undefined);
  });

  test('each act, and the same once more', async () => {
    const { id } = standIn.add('acts');
    const conflict = (error: unknown) =>
      error instanceof EngineError && error.status === 409 && !error.passes;
    await engine.pause(id);
    await assert.rejects(engine.pause(id), conflict);
    await engine.unpause(id);
    await assert.rejects(engine.unpause(id), (error: unknown) => error instanceof EngineError);
    await engine.disconnect(idOf('shop'), id);
    // What is not connected is as it should be.
    await engine.disconnect(idOf('shop'), id);
    await engine.restart(id);
    await engine.stop(id);
    await engine.stop(id);
    assert.deepEqual(
      standIn.effects.filter((each) => each.id === id).map(({ action }) => action),
      ['pause', 'unpause', 'disconnect', 'restart', 'stop'],
    );
    await assert.rejects(
      engine.pause('f'.repeat(64)),
      (error: unknown) => error instanceof EngineError && error.status === 404,
    );
  });

  test('what evidence is made of', async () => {
    const { id } = standIn.add('evidence');
    assert.match((await engine.processes(id, 2000)).body.toString(), /"Processes"/);
    assert.match((await engine.changes(id, 2000)).body.toString(), /"Kind"/);
    assert.match(logText((await engine.logs(id, 2000, 10_000, 100)).body).toString(), /^stdout .*hello$/m);
    const cut = await engine.logs(id, 2000, 20, 100);
    assert.deepEqual([cut.body.length, cut.cut], [20, true]);
    const pieces: Buffer[] = [];
    const take = async (chunk: Buffer) => {
      pieces.push(chunk);
    };
    assert.equal(await engine.exported(id, 2000, 1000, take), true);
    assert.equal(Buffer.concat(pieces).length, 1000);
    assert.equal(await engine.exported(id, 2000, 1e6, take), false);
  });

  test('only ids of the engine stand in a path', async () => {
    for (const id of ['web', '../x', `${'a'.repeat(64)}/exec`, 'A'.repeat(64), `${'a'.repeat(64)}\n`]) {
      await assert.rejects(engine.pause(id), EngineError);
      await assert.rejects(async () => engine.processes(id, 100), EngineError);
      await assert.rejects(engine.disconnect(id, 'a'.repeat(64)), EngineError);
    }
    assert.ok(!standIn.asked.some((each) => /exec|\.\./.test(each)));
  });
});

describe('an engine that answers otherwise', () => {
  const socket = join(directory.path, 'other.sock');
  let server: Server | undefined;
  const answering = async (listener: RequestListener) => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server!.listen(socket, resolve));
  };
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
  });
  const failsWith = async (engine: Engine, kind: EngineError['kind'], passes: boolean, words: RegExp) => {
    await assert.rejects(engine.list(), (error: unknown) => {
      assert.ok(error instanceof EngineError);
      assert.deepEqual([error.kind, error.passes], [kind, passes], error.message);
      assert.match(error.message, words);
      return true;
    });
  };

  test('nobody listens: it is away, and surely nothing was done', async () => {
    const engine = engineAt(join(directory.path, 'none.sock'));
    assert.equal(engine.answered, false);
    await failsWith(engine, 'away', true, /no such file|ENOENT/i);
    assert.ok(engine.fault);
  });

  test('no answer in time, or half of one: unclear', async () => {
    await answering((request, response) => {
      if (request.url === '/_ping') response.write('O');
    });
    const engine = engineAt(socket, 100);
    await failsWith(engine, 'unclear', true, /no answer in 100 ms/);
    await assert.rejects(engine.ping(), (error: unknown) => (error as EngineError).kind === 'unclear');
  });

  test('a connection that breaks off: unclear', async () => {
    await answering((request) => request.socket.destroy());
    await failsWith(engineAt(socket), 'unclear', true, /./);
  });

  test('a refusal says why, in one line of plain text', async () => {
    await answering((_, response) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ message: `no\u001b[31m\nfake=line ${'x'.repeat(5000)}` }));
    });
    const engine = engineAt(socket);
    await failsWith(engine, 'refused', true, /^the engine, or its proxy, answered 500: no[^\n\u001b]*$/);
    assert.ok(engine.fault!.message.length < 400);
  });

  test('the proxy refuses: it does not pass by waiting, and is a fault', async () => {
    await answering((_, response) => {
      response.statusCode = 403;
      response.end('Forbidden\n');
    });
    const engine = engineAt(socket);
    await failsWith(engine, 'refused', false, /answered 403: Forbidden/);
    assert.equal(engine.fault?.status, 403);
  });

  for (const [what, body] of [
    ['no JSON', 'hello'],
    ['JSON of another shape', '{"a":1}'],
    ['ids that are none', '[{"Id":"../x","Names":["/web"]}]'],
  ] as const)
    test(`a list that is ${what} is none`, async () => {
      await answering((_, response) => response.end(body));
      await failsWith(engineAt(socket), 'refused', true, /not what was expected/);
    });

  test('an answer that is too long is none', async () => {
    await answering((_, response) => response.end(Buffer.alloc(5 * 1024 * 1024)));
    await assert.rejects(engineAt(socket).inspect('a'.repeat(64)), /an answer of over/);
  });

  test('another container than was asked for is none', async () => {
    const other = {
      ...{ Id: 'b'.repeat(64), Name: '/web', Created: '2026-01-01T00:00:00Z' },
      State: { Running: true, Paused: false, StartedAt: 'x' },
      Config: { Image: 'x' },
    };
    await answering((_, response) => response.end(JSON.stringify(other)));
    await assert.rejects(engineAt(socket).inspect('a'.repeat(64)), /another container/);
  });

  test('names that Docker would not give are none', async () => {
    await answering((_, response) =>
      response.end(
        JSON.stringify([{ Id: 'a'.repeat(64), Names: ['/-rf', '/a b', '/ok', `/${'x'.repeat(300)}`] }]),
      ),
    );
    assert.deepEqual(await engineAt(socket).list(), [{ id: 'a'.repeat(64), names: ['ok'] }]);
  });

  test('what takes the bytes may fail: that is its own error', async () => {
    await answering((_, response) => response.end('x'.repeat(100)));
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    await assert.rejects(
      engineAt(socket).exported('a'.repeat(64), 1000, 1000, async () => {
        throw full;
      }),
      (error: unknown) => error === full,
    );
  });
});

test('a log of a terminal has no frames, and a frame that is cut off keeps what there is', () => {
  assert.equal(logText(Buffer.from('plain text\n')).toString(), 'plain text\n');
  const frame = (stream: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(text.length, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const whole = Buffer.concat([frame(1, 'a\n'), frame(2, 'b')]);
  assert.equal(logText(whole).toString(), 'stdout a\nstderr b\n');
  assert.equal(logText(whole.subarray(0, whole.length - 1)).toString(), 'stdout a\nstderr \n');
});
