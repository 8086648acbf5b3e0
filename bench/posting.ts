/** How much an event takes that is posted, as Falco's http_output does: ours, a bare node:http server, falcosidekick. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Exporter, freePort, get, Program, sleep } from './process.ts';

export interface Posting {
  /** Processor microseconds of the server for an event, its start left out. */
  cpu: number;
  /** MiB. */
  peak: number;
}

interface Server {
  program: Program;
  port: number;
  path: string;
}

/** Posts before the measured ones: what runs often is compiled then. */
const WARM = 5000;

/** What the others are compared with. */
export const BARE = 'bare node:http';

export const SERVERS: Record<string, () => Promise<Server | undefined>> = {
  ours: async () => {
    const exporter = await Exporter.start(['--input.http', '--state.dir=']);
    await exporter.ready(50);
    return { program: exporter, port: exporter.port, path: '/events' };
  },
  [BARE]: async () => {
    const port = await freePort();
    const script = new URL('loops/http.js', import.meta.url).pathname;
    const program = new Program(process.execPath, [script, String(port)]);
    await listens(port);
    return { program, port, path: '/' };
  },
  falcosidekick: async () => {
    const binary = process.env.FALCOSIDEKICK;
    if (binary === undefined) return undefined;
    const port = await freePort();
    const program = new Program('/usr/bin/env', [
      ...['LISTENADDRESS=127.0.0.1', `LISTENPORT=${port}`, binary],
    ]);
    program.child.stdout!.resume();
    await listens(port);
    return { program, port, path: '/' };
  },
};

/**
 * @param lines events, posted in turn over so many connections, each one at a time
 * @param posts how many are measured
 */
export async function posting(
  server: Server,
  lines: readonly string[],
  posts: number,
  connections: number,
): Promise<Posting> {
  const { program, port, path } = server;
  const requests = lines.map((line) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: falcosecurity/falco\r\nAccept: */*\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(line)}\r\n\r\n${line}`,
    ),
  );
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay();
      await once(socket, 'connect');
      return socket;
    }),
  );
  let next = 0;
  const all = async (most: number) => {
    next = 0;
    await Promise.all(
      sockets.map(async (socket) => {
        while (next < most) await post(socket, requests[next++ % requests.length]!);
      }),
    );
  };
  await all(WARM);
  const before = program.usage().cpu;
  await all(posts);
  const { cpu, peak } = program.usage();
  for (const socket of sockets) socket.destroy();
  await program.end();
  return { cpu: ((cpu - before) / posts) * 1e6, peak };
}

/** An answer comes in one piece: it is short. */
function post(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', (answer: Buffer) => {
      if (/^HTTP\/1.1 2/.test(answer.toString('latin1'))) resolve();
      else reject(new Error(answer.toString()));
    });
    socket.write(request);
  });
}

async function listens(port: number): Promise<void> {
  while ((await get(port, '/ping').catch(() => undefined)) === undefined) await sleep(20);
}
