/**
 * Who is answered when: connections, slots by purpose, and what is on its way to slow peers. One look at all of them,
 * ten times a second while anything is being answered, replaces timers for each request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import { PURPOSES, type Purpose, type Refusal, Tally, type WebStatus } from '../../metrics/web-status.ts';
import { plain } from '../answer.ts';
import { Connections } from './connections.ts';
import { Moments } from './moments.ts';
import { type Asker, Pace } from './pace.ts';
import { Pool } from './pool.ts';
import { Untaken } from './untaken.ts';

const LOOK = 100;
/** A peer that neither takes nor sends a byte that is waited for is given up after so long; milliseconds. */
const STILL = 30_000;

export interface TrafficOptions {
  clock: Clock;
  /** Requests of each purpose that are answered at once. */
  maxRequests: number;
  /** What a request is for. */
  purposeOf(request: IncomingMessage): Purpose;
  mostConnections?: number;
}

export class Traffic {
  readonly tally = new Tally();
  readonly connections: Connections;
  readonly #options: TrafficOptions;
  readonly #pools: ReadonlyMap<Purpose, Pool>;
  readonly #untaken: Untaken;
  readonly #pace: Pace;
  readonly #moments: Moments;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { maxRequests, clock, mostConnections: most } = options;
    const now = () => clock.monotonic();
    this.#pace = new Pace(clock);
    this.#moments = new Moments(this.#pace);
    this.connections = new Connections({
      events: {
        now,
        purposeOf: options.purposeOf,
        began: () => this.#watch(),
        pipelined: () => this.tally.dropped('pipelined'),
      },
      crowded: () => this.tally.dropped('crowded'),
      ...(most !== undefined && { most }),
    });
    this.#pools = new Map(
      PURPOSES.map((purpose) => [
        purpose,
        new Pool({ most: maxRequests, now, cut: () => this.tally.refused(purpose, 'slow') }),
      ]),
    );
    this.#untaken = new Untaken({ now, cut: ({ purpose }) => this.tally.refused(purpose, 'slow') });
  }

  /** Takes a slot for a request, as soon as there is one. */
  readonly slot = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const purpose = this.#options.purposeOf(request);
    const pool = this.#pools.get(purpose)!;
    pool.enter(this.connections.of(request), next, () => {
      this.tally.refused(purpose, 'busy');
      response.setHeader('Retry-After', '1');
      plain(response, 503, `${pool.most} such requests are being answered: see --web.max-requests`);
    });
  };

  /** A request was refused before it asked for a slot. */
  refused(request: IncomingMessage, reason: Refusal): void {
    this.tally.refused(this.#options.purposeOf(request), reason);
  }

  /** A text for this request, made in its turn: `make` takes the processor, and anybody can ask for it. */
  paced(request: IncomingMessage, make: () => Promise<Buffer>): Promise<Buffer> {
    return this.#pace.do(this.#asker(request), make);
  }

  /**
   * The same, made once for all who wait for it.
   * @param key what makes texts equal
   */
  shared(request: IncomingMessage, key: string, make: () => string | Promise<Buffer>): Promise<Buffer> {
    return this.#moments.text(this.#asker(request), key, make);
  }

  #asker(request: IncomingMessage): Asker {
    const { peer } = this.connections.of(request);
    return { peer, scrapes: this.#options.purposeOf(request) === 'scrape' };
  }

  /** Answers with a text that may be long and that others may share; its type must be set. */
  send(request: IncomingMessage, response: ServerResponse, text: Buffer): void {
    this.#untaken.send(this.connections.of(request), response, text);
  }

  /**
   * Why what this process is for doesn't go on, in words; undefined while it does. Refusals alone are no such reason:
   * anybody who can ask could make some.
   */
  get stuck(): string | undefined {
    for (const purpose of ['scrape', 'post'] as const) {
      const still = this.#pools.get(purpose)!.stuck;
      if (still !== undefined)
        return `no request of purpose ${purpose} has come to its end for ${Math.round(still / 1000)} s, and others are refused`;
    }
    return undefined;
  }

  /** All but what the streams and authentication know. */
  get status(): Omit<WebStatus, 'streams' | 'passwordsWaiting'> {
    return {
      purposes: [...this.#pools].map(([purpose, { taken, most, waiting }]) => ({
        purpose,
        active: taken,
        limit: most,
        waiting,
      })),
      refusals: this.tally.refusals,
      connections: { open: this.connections.size, limit: this.connections.most },
      dropped: this.tally.drops,
    };
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** Gives up who doesn't move. */
  look(): void {
    const now = this.#options.clock.monotonic();
    let idle = true;
    for (const connection of [...this.connections]) {
      if (connection.isIdle) continue;
      idle = false;
      if (connection.stalled(now) < STILL) continue;
      this.tally.refused(connection.purpose, 'slow');
      connection.end();
    }
    for (const pool of this.#pools.values()) pool.relieve();
    if (!idle) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #watch(): void {
    this.#looking ??= setInterval(() => this.look(), LOOK).unref();
  }
}
