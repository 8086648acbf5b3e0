/**
 * Who must not be hindered, as a process of its own: what keeps those busy who mean no good is not to be taken for the
 * exporter's slowness. Gets what to ask, and sends back what came.
 */
import { performance } from 'node:perf_hooks';
import { pause } from '../support/exporter.ts';
import { client } from './clients.ts';

export interface Asking {
  port: number;
  request: string;
  times: number;
  /** Milliseconds between two. */
  rest: number;
}

export interface Answer {
  /** 0: none came. */
  status: number;
  /** Milliseconds until it was whole. */
  took: number;
}

process.on('message', ({ port, request, times, rest }: Asking) => {
  void (async () => {
    const answers: Answer[] = [];
    for (let time = 0; time < times; time++) {
      answers.push(await ask(port, request));
      await pause(rest);
    }
    process.send!(answers);
  })();
});

/** On a connection of its own, as Prometheus does at its first scrape. */
async function ask(port: number, request: string): Promise<Answer> {
  const began = performance.now();
  const socket = await client(port, '127.0.0.1');
  socket.write(request.replace('\r\n', '\r\nConnection: close\r\n'));
  let head = '';
  socket.on('data', (piece: Buffer) => {
    if (head === '') head = piece.toString('latin1', 0, 12);
  });
  socket.setTimeout(20_000, () => socket.destroy());
  await new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.resume().once('close', () => resolve());
  });
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), took: performance.now() - began };
}
