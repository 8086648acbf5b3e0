/**
 * One connection, from its first byte to its end. Its requests are answered one at a time, in their order: Node itself
 * hands over all that came in one piece at once. Whatever a request holds is given back with its answer's end or with
 * the socket's, since Node 20 and 22 say nothing of answers that were still queued when a socket ends.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Purpose } from '../../metrics/web-status.ts';

/** Requests that may wait for the answer before them; more end the connection. Browsers and Falco send none ahead. */
const MOST_AHEAD = 16;

/** What a request holds while it is answered, or waits for. */
export interface Held {
  giveBack(connection: Connection): void;
}

export interface ConnectionEvents {
  /** A request is begun. */
  began(): void;
  /** More requests than are taken came ahead of their answers. */
  pipelined(): void;
  closed(connection: Connection): void;
  purposeOf(request: IncomingMessage): Purpose;
  /** Monotonic, in milliseconds. */
  now(): number;
}

type Ask = [request: IncomingMessage, response: ServerResponse, handler: RequestListener];

export function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

export class Connection {
  readonly peer: string;
  /** Addresses and ports of both ends: no two that are open have the same. */
  readonly ends: string;
  /** When it came, or was last asked something. */
  activeAt: number;
  readonly #events: ConnectionEvents;
  /** The connection as the system knows it; and where HTTP is spoken: within TLS, or the same. */
  readonly #socket: Socket;
  #http: Socket;
  #current: { request: IncomingMessage; response: ServerResponse } | undefined;
  readonly #ahead: Ask[] = [];
  readonly #held = new Set<Held>();
  #retired = false;
  #bytes = -1;
  #movedAt = 0;

  constructor(socket: Socket, peer: string, events: ConnectionEvents) {
    this.peer = peer;
    this.ends = endsOf(socket);
    this.activeAt = events.now();
    this.#events = events;
    this.#socket = socket;
    this.#http = socket;
    socket.once('close', () => this.#close());
  }

  /** Whether nothing is being answered on it. */
  get isIdle(): boolean {
    return this.#current === undefined;
  }

  /** What the request that is being answered is for. */
  get purpose(): Purpose {
    return this.#current ? this.#events.purposeOf(this.#current.request) : 'people';
  }

  get isOver(): boolean {
    return this.#socket.destroyed;
  }

  /** Whether its peer is to take bytes of an answer, or to send those of a request. */
  get isPeersTurn(): boolean {
    return this.#current !== undefined && (this.#http.writableLength > 0 || !this.#current.request.complete);
  }

  /** HTTP is spoken over this from now on. */
  speaksOver(http: Socket): void {
    this.#http = http;
  }

  /** A request came. It is handled when those before it are answered. */
  ask(request: IncomingMessage, response: ServerResponse, handler: RequestListener): void {
    if (this.isOver) return;
    if (!this.#current) {
      this.#begin(request, response, handler);
    } else if (this.#ahead.length < MOST_AHEAD) {
      this.#ahead.push([request, response, handler]);
    } else {
      this.#events.pipelined();
      this.end();
    }
  }

  /** The request that is being answered holds this till its end. */
  hold(held: Held): void {
    this.#held.add(held);
  }

  /**
   * How long its peer has kept us waiting: for bytes of a request, or for room for those of an answer. 0 while it is us
   * who have something to do. As exact as it is asked for often. Milliseconds.
   */
  stalled(now: number): number {
    if (!this.#current) return 0;
    const bytes = this.#http.bytesRead + this.#http.bytesWritten - this.#http.writableLength;
    if (!this.isPeersTurn || bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#movedAt = now;
    }
    return now - this.#movedAt;
  }

  /** Ends it with the answer that is being given, or at once: what came in under older rules goes on no longer. */
  retire(): void {
    this.#retired = true;
    if (!this.#current) this.end();
    else if (!this.#current.response.headersSent) this.#current.response.setHeader('Connection', 'close');
  }

  /** Ends it at once. All that it held is free when this returns. */
  end(): void {
    this.#socket.destroy();
    this.#http.destroy();
    this.#free();
  }

  #begin(request: IncomingMessage, response: ServerResponse, handler: RequestListener): void {
    this.#current = { request, response };
    this.activeAt = this.#events.now();
    this.#bytes = -1;
    response.once('close', this.#answered);
    this.#events.began();
    handler(request, response);
  }

  readonly #answered = (): void => {
    this.#free();
    if (this.#retired) this.end();
    // An answer may have been the last that this connection takes.
    if (this.isOver || !this.#http.writable) return;
    const next = this.#ahead.shift();
    if (next) this.#begin(...next);
  };

  #free(): void {
    this.#current = undefined;
    for (const held of this.#held) {
      this.#held.delete(held);
      held.giveBack(this);
    }
  }

  #close(): void {
    this.#ahead.length = 0;
    this.#free();
    this.#events.closed(this);
  }
}
