/** Signals from the first moment on, and logs that nobody takes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, freePort, MAIN, pause, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const ARGS = ['--state.dir=', `--input.file=${join(directory.path, 'events.json')}`];
writeFileSync(join(directory.path, 'events.json'), '');

/** Starts it, and waits until the kernel knows that it listens: to a hang-up, which Node itself never does. */
async function begun(command = [process.execPath, MAIN]) {
  const args = [...command.slice(1), ...ARGS, `--web.listen-address=127.0.0.1:${await freePort()}`];
  const child = spawn(command[0]!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const pid = () => (command.length === 2 ? child.pid! : childOf(child.pid!));
  const catches = () => {
    const text = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid()}/status`, 'utf8'))?.[1];
    return (BigInt(`0x${text}`) & 1n) !== 0n;
  };
  while (pid() === undefined || !catches()) await pause(1);
  return { child, pid: pid()!, exited };
}

function childOf(pid: number): number | undefined {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return first ? Number(first) : undefined;
}

test('SIGTERM in the first moment ends it with 0', async () => {
  const { pid, exited } = await begun();
  process.kill(pid, 'SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('the same as the first process of a container', {
  skip: process.getuid?.() !== 0 && 'only root may unshare',
}, async () => {
  const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, MAIN];
  const { pid, exited } = await begun(unshare);
  process.kill(pid, 'SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('SIGHUP in the first moment is no end', async () => {
  const { child, pid, exited } = await begun();
  process.kill(pid, 'SIGHUP');
  child.stderr!.setEncoding('utf8');
  let log = '';
  child.stderr!.on('data', (text: string) => {
    log += text;
  });
  while (!log.includes('listening')) await pause(10);
  process.kill(pid, 'SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('other commands end by a signal as any process does', async () => {
  const child = spawn(process.execPath, [MAIN, 'count', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  child.stdin.write('{}\n');
  await pause(1000);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [null, 'SIGTERM']);
});

/** Makes it log some lines. */
async function logSome(exporter: Exporter): Promise<void> {
  for (let n = 0; n < 3; n++) {
    exporter.process.kill('SIGHUP');
    await pause(50);
  }
}

const rules = join(directory.path, 'rules.yaml');
writeFileSync(rules, '- rule: [\n');

test('the reader of its log is gone: it goes on', async () => {
  const exporter = await Exporter.start([...ARGS, `--rules.file=${rules}`]);
  await exporter.ready();
  exporter.process.stderr!.destroy();
  await logSome(exporter);
  assert.equal((await exporter.get('/healthz')).status, 200);
  assert.equal(await exporter.end(), 0);
});

test("the reader of its log doesn't read: it goes on, and holds little of what it would say", async () => {
  const exporter = await Exporter.start([...ARGS, `--rules.file=${rules}`, '--log.level=debug']);
  await exporter.ready();
  exporter.process.stderr!.pause();
  for (let n = 0; n < 300; n++) exporter.process.kill('SIGHUP');
  await logSome(exporter);
  assert.equal((await exporter.get('/healthz')).status, 200);
  assert.equal(await exporter.end(), 0);
});

test('the disk of its log is full: it starts, and ends as it should', async () => {
  const full = openSync('/dev/full', 'w');
  const exporter = await Exporter.start([...ARGS, `--rules.file=${rules}`], { stderr: full });
  closeSync(full);
  await exporter.ready();
  await logSome(exporter);
  assert.equal(await exporter.end(), 0);
});

test('a log that is a file', async () => {
  const path = join(directory.path, 'log');
  appendFileSync(path, '');
  const file = openSync(path, 'a');
  const exporter = await Exporter.start(ARGS, { stderr: file });
  closeSync(file);
  await exporter.ready();
  assert.equal(await exporter.end(), 0);
  const log = readFileSync(path, 'utf8');
  for (const said of ['listening', 'address=127.0.0.1:', 'caught up', 'msg=ready', 'stopping'])
    assert.ok(log.includes(said), `${said}\n${log}`);
});
