/** Clients that mean no good, as sockets that do what they are told, and those whom they must not hinder. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pause } from '../support/exporter.ts';
import type { Answer, Asking } from './asker.ts';

/**
 * Nobody waits for longer because of others: what Prometheus waits by default; milliseconds. On a machine that does nothing
 * else it is under a second (DOOR_PATIENCE=1000).
 */
const PATIENCE = Number(process.env.DOOR_PATIENCE ?? 10_000);

export const EVENT = '{"rule":"R","priority":"Error","output_fields":{"container.name":"web"},"output":"o"}';

export function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;
}

/** A request's text. @param more lines of its head */
export function get(path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
}

export function post(body: string, more = '', length = Buffer.byteLength(body)): string {
  const head = `POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}`;
  return `${head}Content-Length: ${length}\r\n\r\n${body}`;
}

/** A connection that reads nothing until it is told to. @param from the address that it comes from */
export async function client(port: number, from = '127.0.0.2'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined).pause();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return socket;
}

export async function clients(port: number, count: number, from?: string): Promise<Socket[]> {
  const all: Socket[] = [];
  for (let at = 0; at < count; at += 100)
    all.push(
      ...(await Promise.all(Array.from({ length: Math.min(100, count - at) }, () => client(port, from)))),
    );
  return all;
}

/**
 * Who must not be hindered: asks so many times, from another process, and must be answered every time, within a second.
 * @returns the figures, in words
 */
export async function answered(
  who: string,
  port: number,
  request: string,
  times: number,
  rest = 100,
): Promise<string> {
  const asker = fork(fileURLToPath(new URL('./asker.ts', import.meta.url)));
  try {
    asker.send({ port, request, times, rest } satisfies Asking);
    const [answers] = (await once(asker, 'message')) as [Answer[]];
    const right = answers.filter(({ status }) => status === 200 || status === 204).length;
    const slowest = Math.round(Math.max(...answers.map(({ took }) => took)));
    const figures = `${who}: ${right} of ${times}, at most ${slowest} ms`;
    assert.equal(right, times, `${figures}: ${answers.map(({ status }) => status).join(' ')}`);
    assert.ok(slowest < PATIENCE, figures);
    return figures;
  } finally {
    asker.kill('SIGKILL');
  }
}

/** Keeps doing something until it is told to stop, at the latest by the test's end. */
export function repeat(t: TestContext, what: () => unknown, rest: number): () => Promise<void> {
  let goesOn = true;
  const running = (async () => {
    while (goesOn) {
      await what();
      await pause(rest);
    }
  })();
  const stop = async () => {
    goesOn = false;
    await running;
  };
  t.after(stop);
  return stop;
}
