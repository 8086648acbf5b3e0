import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { movedTo } from '../../src/demo/player.ts';
import { program } from '../../src/demo/program.ts';
import { freePort, pause, samples } from '../support/exporter.ts';
import { counted, sorted, truth } from '../support/truth.ts';

const DEMO = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));
const RECORDING = new URL('../../examples/recording/shop.log', import.meta.url);

test('a line moved to now differs in its times alone', () => {
  const now = Date.UTC(2030, 0, 2, 3, 4, 5, 6);
  for (const line of readFileSync(RECORDING, 'utf8').trimEnd().split('\n')) {
    const moved = movedTo(line, now);
    if (!line.startsWith('{')) {
      assert.equal(moved, line);
      continue;
    }
    const [before, after] = [JSON.parse(line), JSON.parse(moved)];
    assert.match(after.time, /^2030-01-02T03:04:05\.006\d{6}Z$/);
    before.time = after.time;
    if (before.rule !== 'Falco internal: metrics snapshot') {
      assert.ok(after.output.startsWith(`${after.time.slice(11, -1)}: `), after.output);
      before.output = after.output.slice(0, 18) + before.output.slice(18);
    }
    delete before.output_fields?.['evt.time'];
    delete after.output_fields?.['evt.time'];
    assert.deepEqual(after, before);
  }
});

test('after the recording there is an event every few seconds, a heartbeat a minute, an attack now and then', () => {
  const lines = readFileSync(RECORDING, 'utf8').trimEnd().split('\n');
  const played = program(lines);
  for (const line of lines) assert.equal(played.next().value.line, line);
  let elapsed = 0;
  let longest = 0;
  const rules = new Map<string, number>();
  while (elapsed < 15 * 60_000) {
    const { line, wait, isFirstRun } = played.next().value;
    const { rule } = JSON.parse(line) as { rule: string };
    assert.equal(isFirstRun, false);
    elapsed += wait;
    longest = Math.max(longest, wait);
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
  }
  assert.ok(longest <= 5000);
  const heartbeats = rules.get('Falco internal: metrics snapshot')!;
  assert.ok(heartbeats >= 8 && heartbeats <= 15, String(heartbeats));
  assert.ok(rules.get('Netcat Remote Code Execution in Container')! >= 2, 'attacks');
});

test('npm start: a port in use is told with a command that works', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const demo = spawn(process.execPath, [DEMO, `--web.listen-address=127.0.0.1:${port}`]);
  let said = '';
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  assert.deepEqual(await once(demo, 'close'), [1, null]);
  server.close();
  assert.match(said, /WEB_ADDRESS_IN_USE/);
  assert.match(said, /npm start -- --web\.listen-address=127\.0\.0\.1:9377$/m);
});

test('npm start: counts what was played, says where, and Ctrl-C ends it leaving nothing behind', async () => {
  const port = await freePort();
  const demo = spawn(process.execPath, [DEMO], {
    env: { ...process.env, FALCO_EVENT_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}` },
  });
  let said = '';
  demo.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(demo, 'exit');
  const metrics = async () =>
    samples(
      await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      ),
    );
  const limit = Date.now() + 20_000;
  while ((await metrics()).get('falco_exporter_lines_total{outcome="event"}') === undefined || said === '') {
    assert.ok(Date.now() < limit, said);
    await pause(50);
  }
  const file = /the file {2}(\S+)/.exec(said)![1]!;
  // What is played goes on meanwhile: the counts lie between those of the file before and after.
  let agreed = false;
  while (!agreed) {
    assert.ok(Date.now() < limit);
    await pause(200);
    const before = truth(readFileSync(file, 'utf8'));
    const found = counted(await metrics());
    agreed = before.size > 3 && JSON.stringify(sorted(before)) === JSON.stringify(sorted(found));
  }
  assert.match(said, new RegExp(`http://127\\.0\\.0\\.1:${port}/metrics`));
  demo.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
  assert.equal(existsSync(file), false);
});
