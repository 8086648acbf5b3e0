/**
 * The web room's door as it runs, with a clock that only moves when it is told to: routes, connections and slots, a real
 * socket, and clients of all kinds.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../src/clock.ts';
import { History } from '../../../src/ledger/history/history.ts';
import { createLogger } from '../../../src/log/log.ts';
import type { Purpose } from '../../../src/metrics/web-status.ts';
import { Authentication } from '../../../src/web/authentication/authentication.ts';
import { KeptEvents } from '../../../src/web/events/kept.ts';
import { Streams } from '../../../src/web/events/streams.ts';
import { Listener } from '../../../src/web/listener.ts';
import { routes } from '../../../src/web/server.ts';
import { Traffic } from '../../../src/web/traffic/traffic.ts';

export interface WorldOptions {
  /** The web configuration. */
  file?: string;
  maxRequests: number;
  mostConnections?: number;
  /** Bytes of the text of /metrics. A system takes some MB of an answer that its peer doesn't read. */
  metricsBytes?: number;
  metrics?: () => Promise<Buffer>;
  page?: () => string;
}

const PURPOSE: Record<string, Purpose> = { '/metrics': 'scrape', '/events': 'post', '/healthz': 'health' };
const purposeOf = (url: string | undefined) => PURPOSE[url!] ?? 'people';

export class World {
  /** Milliseconds. */
  now = 0;
  readonly clock: Clock = { now: () => 0, monotonic: () => this.now };
  readonly traffic: Traffic;
  readonly door: Authentication;
  readonly streams: Streams;
  /** Errors that were logged. */
  readonly failed: unknown[] = [];
  /** Bodies of POST /events that were taken. */
  posted = 0;
  port = 0;
  readonly #listener: Listener;
  readonly #clients: Client[] = [];
  readonly #exchanges = new Set<{ request: IncomingMessage; response: ServerResponse }>();

  private constructor(options: WorldOptions) {
    const { maxRequests, mostConnections, metricsBytes = 16 } = options;
    const { clock } = this;
    const text = Buffer.alloc(metricsBytes, 'm');
    this.traffic = new Traffic({
      clock,
      maxRequests,
      purposeOf: ({ url }) => purposeOf(url),
      ...(mostConnections !== undefined && { mostConnections }),
    });
    const log = createLogger({ level: 'error', format: 'json' }, () => undefined);
    this.door = new Authentication({
      file: options.file,
      clock,
      log,
      refused: (request, reason) => this.traffic.refused(request, reason),
    });
    const events = new KeptEvents();
    this.streams = new Streams(events, clock);
    const web = routes({
      prefix: '',
      history: new History(clock),
      authentication: this.door,
      links: { telemetryPath: '/metrics', dashboards: undefined, runbooks: undefined },
      traffic: this.traffic,
      allowRemoteEvents: true,
      metrics: options.metrics ?? (async () => text),
      notReady: () => this.traffic.stuck,
      summary: options.page ? (options.page as never) : () => ({}) as never,
      recent: { events, streams: this.streams },
      noise: undefined,
      ingest: {
        ingest: () => {
          this.posted++;
          return 'counted';
        },
        refuse: () => undefined,
      },
      failed: (error) => this.failed.push(error),
    });
    this.#listener = new Listener((request, response) => {
      this.#exchanges.add({ request, response });
      web(request, response);
    }, this.traffic.connections);
  }

  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options);
    world.#listener.secure(world.door.config.tls);
    await world.#listener.listen([{ host: '127.0.0.1', port: 0 }]);
    world.port = world.#listener.addresses[0]!.port;
    return world;
  }

  /** As the web room does when a file of the web configuration has changed. */
  reload(): void {
    if (!this.door.look()) return;
    this.#listener.secure(this.door.config.tls);
    this.streams.close();
    this.traffic.connections.retire();
  }

  async stop(): Promise<void> {
    this.streams.close();
    await this.#listener.close(0);
    this.traffic.close();
    await this.door.close();
  }

  /** Lets all that is on its way arrive, and what it causes happen. */
  async settle(turns = 20): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  }

  /** Time goes on in small steps, with a look at each, as it does where it is not told to. Milliseconds. */
  async pass(time: number): Promise<void> {
    for (const until = this.now + time; this.now < until; ) {
      this.now += Math.min(100, until - this.now);
      for (const client of this.#clients) client.drip();
      await this.settle(5);
      this.traffic.look();
      this.streams.look();
      await this.settle();
    }
  }

  active(purpose: Purpose): number {
    return this.traffic.status.purposes.find((each) => each.purpose === purpose)!.active;
  }

  waiting(purpose: Purpose): number {
    return this.traffic.status.purposes.find((each) => each.purpose === purpose)!.waiting;
  }

  /** Requests that are being answered, or wait for it, as Node's own objects tell: what slots are held against. */
  live(purpose: Purpose): number {
    for (const exchange of this.#exchanges) {
      const { request, response } = exchange;
      if (response.writableFinished || request.socket.destroyed) this.#exchanges.delete(exchange);
    }
    return [...this.#exchanges].filter(
      ({ request: { url, headers } }) => purposeOf(url) === purpose && headers.accept === undefined,
    ).length;
  }

  refused(purpose: Purpose, reason: string): number {
    return this.traffic.status.refusals.find((each) => each.purpose === purpose && each.reason === reason)!
      .count;
  }

  async client(from = '127.0.0.2'): Promise<Client> {
    const client = await Client.connect(this.port, from);
    this.#clients.push(client);
    return client;
  }
}

/** Waits for what a thread or the system does in its own time, which on a busy machine is long. */
export async function until(world: World, wanted: () => boolean): Promise<void> {
  const began = performance.now();
  while (!wanted()) {
    assert.ok(performance.now() - began < PATIENCE, `not so: ${wanted}`);
    await world.settle(5);
  }
}

/** Real milliseconds, within which the system has done what it does. */
const PATIENCE = 20_000;

/** Taken at a step by who takes as little as moves: a system asks for more when a good part of what it holds is gone. */
const CREEP = 1024 * 1024;

/** A connection that does what it is told, and reads only then. */
export class Client {
  /** What it has read so far. */
  text = '';
  isOver = false;
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined).once('close', () => (this.isOver = true));
  }

  static async connect(port: number, from: string): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const client = new Client(socket);
    socket.pause();
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
    return client;
  }

  /** Asks for a path. @param more lines of the head */
  get(path: string, more = '', times = 1): this {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`.repeat(times));
    return this;
  }

  /** Reads all that comes from now on. @param most bytes in all at which it stops, roughly */
  read(most = Number.POSITIVE_INFINITY): this {
    this.#most = most;
    if (this.socket.listenerCount('data') === 0)
      this.socket.on('data', (piece: Buffer) => {
        // A long body is only counted.
        if (this.text.length < 4096) this.text += piece.toString('latin1');
        else this.#long += piece.length;
        if (this.bytes >= this.#most) this.socket.pause();
      });
    this.socket.resume();
    return this;
  }

  #creeps: 'sending' | 'taking' | undefined;
  #long = 0;
  #most = Number.POSITIVE_INFINITY;

  /** Bytes read. */
  get bytes(): number {
    return this.text.length + this.#long;
  }

  /** Statuses of the answers that it has read, where they are short. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  }

  /** Moves at each step, by as little as it can, from now on. @param sends bytes of a body, else it takes some of an answer */
  creep(sends: boolean): this {
    this.#creeps = sends ? 'sending' : 'taking';
    return this;
  }

  drip(): void {
    if (this.#creeps === 'sending' && !this.socket.destroyed) this.socket.write('x');
    if (this.#creeps === 'taking') this.read(this.bytes + CREEP);
  }

  reset(): void {
    this.#creeps = undefined;
    this.socket.resetAndDestroy();
  }
}
