/**
 * What ships, run where nothing else is: the image's exact files and the packed package, in empty directories. With
 * SHIPPED_NODES (paths between colons) under those Nodes, else under this one.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { Running, until } from '../respond/running.ts';
import { StandIn } from '../respond/stand-in.ts';
import { Exporter, temporary } from '../support/exporter.ts';
import { installPackage, layImage } from './image.ts';

const NODES = process.env.SHIPPED_NODES?.split(':') ?? [process.execPath];
const EVENT = '{"rule":"R","priority":"Error","output":"o"}\n';
const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

/** Starts it with a user, and asks with the right password, a wrong one and none. */
async function asksForPasswords(t: TestContext, program: [string, ...string[]]): Promise<void> {
  const directory = temporary();
  t.after(() => directory.remove());
  const input = join(directory.path, 'events.json');
  const web = join(directory.path, 'web.yml');
  writeFileSync(input, EVENT);
  writeFileSync(web, `basic_auth_users:\n  alice: ${hashSync('secret', 5)}\n`);
  const exporter = await Exporter.start(
    [`--input.file=${input}`, `--state.dir=${join(directory.path, 'state')}`, `--web.config.file=${web}`],
    { program, env: { NODE_PATH: '' } },
  );
  t.after(() => exporter.end('SIGKILL'));
  const right = await exporter.get('/metrics', basic('alice:secret'));
  assert.equal(right.status, 200, exporter.log);
  assert.match(right.body, /falco_exporter_build_info/);
  assert.equal((await exporter.get('/metrics', basic('alice:wrong'))).status, 401);
  assert.equal((await exporter.get('/metrics')).status, 401);
  assert.equal((await exporter.get('/style.css', basic('alice:secret'))).status, 200);
  assert.equal(await exporter.end(), 0, exporter.log);
}

/** Starts `respond` with a stand-in of the engine, and has a container paused. */
async function responds(t: TestContext, program: [string, ...string[]]): Promise<void> {
  const directory = temporary();
  t.after(() => directory.remove());
  const socket = join(directory.path, 'docker.sock');
  const engine = await StandIn.start(socket);
  t.after(() => engine.close());
  const { id } = engine.add('web');
  const response = { name: 'r', match: { rule: 'R' }, containers: { name: 'web' } };
  const running = new Running(join(directory.path, 'responder'), socket);
  await running.start({ responses: [{ ...response, steps: ['evidence', 'pause'] }] }, program);
  t.after(() => running.process.end('SIGKILL'));
  running.fire({ id, rule: 'R' });
  await until(() => engine.count('pause', id) === 1);
  await running.settled();
  assert.equal(await running.process.end(), 0, running.process.log);
}

for (const node of NODES) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

  test(`the image's files alone, Node ${version}: a user comes in by the right password, and it responds`, async (t) => {
    const directory = temporary();
    t.after(() => directory.remove());
    const main = layImage(directory.path);
    assert.ok(!existsSync(join(directory.path, 'app/node_modules')));
    assert.match(execFileSync(node, [main, '--version'], { encoding: 'utf8' }), /^falco-event-exporter \d/);
    await asksForPasswords(t, [node, main]);
    await responds(t, [node, main]);
  });
}

test('the package, packed and installed: its command starts, and a user comes in', async (t) => {
  const directory = temporary();
  t.after(() => directory.remove());
  const command = installPackage(directory.path);
  await asksForPasswords(t, [command]);
});

test('what is bundled comes with its licences', (t) => {
  const directory = temporary();
  t.after(() => directory.remove());
  const text = readFileSync(join(dirname(layImage(directory.path)), 'THIRD-PARTY-LICENSES'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const [name, version] of Object.entries(dependencies))
    assert.ok(text.includes(`\n${name} ${version} (`), name);
  assert.ok(text.includes('Permission is hereby granted') && text.includes('Apache License'));
});
