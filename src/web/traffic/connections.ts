/**
 * All connections, by peer. There is always space for one more: if there are too many, idle ones of the peer with most
 * connections are closed.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Connection, type ConnectionEvents, endsOf } from './connection.ts';
import { peerOf } from './peer.ts';

/** At once, where the system lets the process open that many files. */
const MOST_CONNECTIONS = 1500;
/** When room must be made, this part of those that could go, goes: looking for them takes time. */
const PART = 16;

export interface ConnectionsOptions {
  events: Omit<ConnectionEvents, 'closed'>;
  /** One was ended to make room. */
  crowded(): void;
  most?: number;
}

export class Connections {
  readonly most: number;
  readonly #options: ConnectionsOptions;
  readonly #byPeer = new Map<string, Set<Connection>>();
  readonly #bySocket = new WeakMap<Socket, Connection>();
  readonly #byEnds = new Map<string, Connection>();
  readonly #events: ConnectionEvents;
  #size = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.most = options.most ?? mostConnections();
    this.#events = { ...options.events, closed: (connection) => this.#forget(connection) };
  }

  get size(): number {
    return this.#size;
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (const connections of this.#byPeer.values()) yield* connections;
  }

  add(socket: Socket): Connection {
    if (this.#size >= this.most) this.#makeRoom();
    const peer = peerOf(socket.remoteAddress);
    const connection = new Connection(socket, peer, this.#events);
    this.#byEnds.set(connection.ends, connection);
    const own = this.#byPeer.get(peer) ?? new Set();
    this.#byPeer.set(peer, own.add(connection));
    this.#size++;
    this.speak(connection, socket);
    return connection;
  }

  /** The one that a TLS socket is within: Node doesn't tell which it wrapped, but both have the same ends. */
  within(tls: Socket): Connection | undefined {
    return this.#byEnds.get(endsOf(tls));
  }

  /** HTTP is spoken on this connection, over this socket. */
  speak(connection: Connection, socket: Socket): void {
    connection.speaksOver(socket);
    this.#bySocket.set(socket, connection);
  }

  /** The one that a request came on. */
  of({ socket }: IncomingMessage): Connection {
    return this.#bySocket.get(socket)!;
  }

  /** Ends all, those that are being answered with their answer. */
  retire(): void {
    for (const connection of [...this]) connection.retire();
  }

  #makeRoom(): void {
    let largest = 0;
    for (const { size } of this.#byPeer.values()) largest = Math.max(largest, size);
    const candidates = [...this.#byPeer.values()]
      .filter(({ size }) => size === largest)
      .flatMap((all) => [...all]);
    candidates.sort((a, b) => Number(b.isIdle) - Number(a.isIdle) || a.activeAt - b.activeAt);
    for (const connection of candidates.slice(0, Math.ceil(candidates.length / PART))) {
      this.#options.crowded();
      connection.end();
      // Its socket says so a moment later.
      this.#forget(connection);
    }
  }

  #forget(connection: Connection): void {
    const own = this.#byPeer.get(connection.peer);
    if (!own?.delete(connection)) return;
    this.#size--;
    this.#byEnds.delete(connection.ends);
    if (own.size === 0) this.#byPeer.delete(connection.peer);
  }
}

/** Three quarters of the files that may be open, since there must be some left to read events and to keep the state. */
function mostConnections(): number {
  let limits = '';
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Only Linux tells so.
  }
  const files = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.max(16, Math.min(MOST_CONNECTIONS, Math.floor(files * 0.75)));
}
