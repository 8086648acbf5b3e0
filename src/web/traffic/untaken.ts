/**
 * Answers that their peers have not taken yet. A text that several take counts once. There is a budget for all of them:
 * beyond it, a peer that takes too long loses the connection, of the peer that takes most texts first.
 */
import type { ServerResponse } from 'node:http';
import type { Connection, Held } from './connection.ts';
import { slowest } from './pool.ts';

/** Handed to the system at once; bytes. What an answer has taken shows in such steps. */
const PIECE = 64 * 1024;
/** Of all texts; bytes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Texts that there may be however long they are: one for a slow peer, and one for the next. */
const ALWAYS = 2;

export interface UntakenOptions {
  /** An answer was cut off. */
  cut(connection: Connection): void;
  /** Monotonic, in milliseconds. */
  now(): number;
  most?: number;
}

export class Untaken implements Held {
  readonly #options: UntakenOptions;
  readonly #most: number;
  readonly #takers = new Map<Buffer, Set<Connection>>();
  readonly #texts = new Map<Connection, Buffer>();
  #bytes = 0;

  constructor(options: UntakenOptions) {
    this.#options = options;
    this.#most = options.most ?? MOST_BYTES;
  }

  /** Bytes of all texts that are being taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Answers with a text, which may be shared with others and is never changed. Its type must be set. */
  send(connection: Connection, response: ServerResponse, text: Buffer): void {
    response.setHeader('Content-Length', text.length);
    if (response.req.method === 'HEAD' || text.length <= PIECE) {
      response.end(text);
      return;
    }
    this.#hold(connection, text);
    if (!connection.isOver) write(response, text);
  }

  giveBack(connection: Connection): void {
    const text = this.#texts.get(connection);
    const takers = text && this.#takers.get(text);
    if (!takers) return;
    this.#texts.delete(connection);
    takers.delete(connection);
    if (takers.size > 0) return;
    this.#takers.delete(text);
    this.#bytes -= text.length;
  }

  #hold(connection: Connection, text: Buffer): void {
    connection.hold(this);
    const takers = this.#takers.get(text) ?? new Set();
    if (takers.size === 0) this.#bytes += text.length;
    this.#takers.set(text, takers.add(connection));
    this.#texts.set(connection, text);
    while (this.#bytes > this.#most && this.#takers.size > ALWAYS) {
      const victim = this.#greediest(text);
      this.#options.cut(victim);
      victim.end();
    }
  }

  /** @param fresh a text that has just been begun */
  #greediest(fresh: Buffer): Connection {
    const shares = new Map<string, number>();
    for (const { peer } of this.#texts.keys()) shares.set(peer, (shares.get(peer) ?? 0) + 1);
    const others = [...this.#texts].filter(([, text]) => text !== fresh).map(([connection]) => connection);
    return slowest(others, (peer) => shares.get(peer)!, this.#options.now(), 0)!;
  }
}

/** In pieces, the next when the last has been taken. */
function write(response: ServerResponse, text: Buffer): void {
  let at = 0;
  const next = () => {
    while (at + PIECE < text.length) {
      at += PIECE;
      if (response.write(text.subarray(at - PIECE, at))) continue;
      response.once('drain', next);
      return;
    }
    response.end(text.subarray(at));
  };
  next();
}
