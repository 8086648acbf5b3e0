/** Clients that mean no good, or are too many: counting goes on exactly, and memory stays bounded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Exporter, pause, temporary } from '../../support/exporter.ts';

const directory = temporary();
const input = join(directory.path, 'events.json');
const EVENT = '{"rule":"R","priority":"Error","output_fields":{"container.name":"web"},"output":"o"}\n';
const SAMPLE = 'falco_events_total{rule="R",service="web",priority="error"}';
/** Of the process at its highest, in MiB; without any clients it is about 90. */
const MOST_MEMORY = 300;

const MOST_STREAMS = 20;

let exporter: Exporter;
let written = 0;
let writing: NodeJS.Timeout;
let event = EVENT;

before(async () => {
  writeFileSync(input, '');
  exporter = await Exporter.start([
    `--input.file=${input}`,
    `--state.dir=${join(directory.path, 'state')}`,
    '--input.http',
  ]);
  await exporter.ready();
  // All the while events come.
  writing = setInterval(() => {
    appendFileSync(input, event.repeat(50));
    written += 50;
  }, 20);
});
after(async () => {
  clearInterval(writing);
  await exporter?.end('SIGKILL');
  directory.remove();
});

/** Highest memory of the process so far, in MiB. */
function peakMemory(): number {
  const status = readFileSync(`/proc/${exporter.process.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

/** What is written so far is counted, soon and exactly. */
async function countsAreExact(): Promise<void> {
  const now = written;
  const metrics = await exporter.until((metrics) => (metrics.get(SAMPLE) ?? 0) >= now);
  assert.ok(metrics.get(SAMPLE)! <= written);
}

/** @returns the status, or the error's code */
async function status(path: string, agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    get(exporter.url(path), { agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode!));
      answer.on('error', () => resolve('cut'));
    }).on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? 'failed'));
  });
}

test('200 clients that send a byte a second are cut off, and others are answered meanwhile', async () => {
  const slow: Socket[] = [];
  const text = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(1000)}`;
  for (let client = 0; client < 200; client++)
    slow.push(connect(exporter.port, '127.0.0.1').on('error', () => undefined));
  const closed = Promise.all(slow.map((socket) => once(socket.resume(), 'close')));
  let sent = 0;
  const sending = setInterval(() => {
    for (const socket of slow) socket.write(text[sent]!);
    sent++;
  }, 1000);
  await pause(1000);
  await countsAreExact();
  await closed;
  clearInterval(sending);
  await countsAreExact();
});

test('1,000 parallel scrapes: some are answered, the rest are told to come again', async () => {
  const agent = new Agent({ maxSockets: 1000 });
  const answers = await Promise.all(Array.from({ length: 1000 }, () => status('/metrics', agent)));
  agent.destroy();
  assert.deepEqual(
    answers.filter((answer) => answer !== 200 && answer !== 503),
    [],
  );
  assert.ok(answers.filter((answer) => answer === 200).length >= 40);
  await countsAreExact();
});

test('1,000 parallel looks at the page', async () => {
  const agent = new Agent({ maxSockets: 1000 });
  const answers = await Promise.all(Array.from({ length: 1000 }, () => status('/', agent)));
  agent.destroy();
  assert.deepEqual(
    answers.filter((answer) => answer !== 200 && answer !== 503),
    [],
  );
  await countsAreExact();
});

test('a POST of 100 MB is refused before it is read, however its length is told', async () => {
  for (const headers of [{ 'Content-Length': String(100e6) }, { 'Transfer-Encoding': 'chunked' }]) {
    const posting = request(exporter.url('/events'), {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
    });
    const answered = new Promise<number | undefined>((resolve) => {
      posting.once('response', ({ statusCode }) => resolve(statusCode));
      // The connection may end under a client that still sends.
      posting.once('error', () => resolve(undefined));
    });
    const piece = Buffer.alloc(1e6, 'x');
    let sent = 0;
    const send = () => {
      while (sent < 100 && !posting.destroyed && posting.write(piece)) sent++;
      sent++;
    };
    posting.on('drain', send);
    send();
    assert.ok([413, undefined].includes(await answered));
    assert.ok(sent < 100, 'it was read to its end');
    posting.destroy();
  }
  // A client that asks first is told at once.
  const asking = request(exporter.url('/events'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': String(100e6), Expect: '100-continue' },
  });
  asking.flushHeaders();
  asking.on('continue', () => assert.fail('it was asked to go on'));
  const [refused] = await once(asking, 'response');
  assert.equal(refused.statusCode, 413);
  asking.on('error', () => undefined).destroy();
  await countsAreExact();
});

/** Opens that many live streams. @returns what has been opened, and how many were accepted */
async function openStreams(count: number): Promise<{ sockets: Socket[]; accepted: number }> {
  const sockets = Array.from({ length: count }, () => connect(exporter.port, '127.0.0.1'));
  const first = sockets.map(async (socket) => {
    socket.on('error', () => undefined);
    socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    return data.toString('latin1', 0, 12);
  });
  const answers = await Promise.all(first);
  assert.deepEqual(
    answers.filter((answer) => answer !== 'HTTP/1.1 200' && answer !== 'HTTP/1.1 503'),
    [],
  );
  return { sockets, accepted: answers.filter((answer) => answer === 'HTTP/1.1 200').length };
}

test('live streams are bounded, and a reader who does not read is dropped', async () => {
  const { sockets, accepted } = await openStreams(30);
  assert.equal(accepted, MOST_STREAMS);
  // All but one go away. Long events fill what the system holds for the one that does not read.
  event = EVENT.replace('"o"', `"${'o'.repeat(16_000)}"`);
  for (const socket of sockets.slice(1)) socket.destroy();
  await countsAreExact();
  for (;;) {
    await pause(1000);
    const more = await openStreams(30);
    for (const socket of more.sockets) socket.destroy();
    if (more.accepted === MOST_STREAMS) break;
    assert.equal(more.accepted, MOST_STREAMS - 1);
  }
  event = EVENT;
  sockets[0]!.destroy();
});

test('after all that: every event once, and memory within its bound', async () => {
  clearInterval(writing);
  const metrics = await exporter.until((metrics) => (metrics.get(SAMPLE) ?? 0) >= written);
  assert.equal(metrics.get(SAMPLE), written);
  assert.equal(metrics.get('falco_exporter_lines_total{outcome="malformed"}'), 0);
  assert.ok(peakMemory() < MOST_MEMORY, `${peakMemory()} MiB`);
  console.log(`${written} events, at most ${Math.round(peakMemory())} MiB`);
});
