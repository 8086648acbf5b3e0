/**
 * Requests of one purpose that are answered at the same time. Who finds no slot waits a moment, each peer in its turn,
 * and a peer that keeps a slot without taking its answer loses it then: of the peer that holds most first.
 */
import type { Connection, Held } from './connection.ts';
import { Turns } from './turns.ts';

/** Longest wait for a slot; milliseconds. */
const PATIENCE = 2000;
/** While somebody waits, a slot is kept by moving: no longer than so many milliseconds between two pieces. */
const PRESSED = 300;
/** That wait at once, for each slot. */
const WAITING = 4;
const LEAST_WAITING = 64;

interface Waiting {
  connection: Connection;
  since: number;
  go(): void;
  refuse(): void;
}

export interface PoolOptions {
  most: number;
  /** A request lost its slot, because its peer was slow and another waited. */
  cut(): void;
  /** Monotonic, in milliseconds. */
  now(): number;
}

export class Pool implements Held {
  readonly most: number;
  readonly #options: PoolOptions;
  readonly #taken = new Set<Connection>();
  readonly #shares = new Map<string, number>();
  readonly #waiting: Turns<Waiting>;
  readonly #waits = new Map<Connection, Waiting>();

  constructor(options: PoolOptions) {
    this.most = options.most;
    this.#options = options;
    this.#waiting = new Turns(Math.max(LEAST_WAITING, WAITING * options.most));
  }

  get taken(): number {
    return this.#taken.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Asks for a slot for the request that is being answered on a connection, till its end.
   * @param go called once, now or when there is a slot
   * @param refuse called instead where none comes free in time
   */
  enter(connection: Connection, go: () => void, refuse: () => void): void {
    connection.hold(this);
    if (this.#taken.size < this.most) {
      this.#give(connection, go);
      return;
    }
    const waiting = { connection, since: this.#options.now(), go, refuse };
    this.#waits.set(connection, waiting);
    const crowded = this.#waiting.push(connection.peer, waiting);
    if (crowded) this.#refuse(crowded);
    this.relieve();
  }

  giveBack(connection: Connection): void {
    const waiting = this.#waits.get(connection);
    if (waiting) {
      this.#waits.delete(connection);
      this.#waiting.remove(connection.peer, waiting);
    }
    if (!this.#taken.delete(connection)) return;
    const { peer } = connection;
    const share = this.#shares.get(peer)! - 1;
    if (share === 0) this.#shares.delete(peer);
    else this.#shares.set(peer, share);
    this.#fill();
  }

  /** To be called often while anybody waits: refuses who waited too long, and takes slots from who doesn't move. */
  relieve(): void {
    if (this.#waiting.size === 0) return;
    const now = this.#options.now();
    for (const waiting of [...this.#waiting]) if (now - waiting.since >= PATIENCE) this.#refuse(waiting);
    for (let wanted = this.#waiting.size; wanted > 0; wanted--) {
      const victim = slowest(this.#taken, (peer) => this.#shares.get(peer) ?? 0, now, PRESSED);
      if (!victim) return;
      this.#options.cut();
      victim.end();
    }
  }

  #give(connection: Connection, go: () => void): void {
    this.#taken.add(connection);
    this.#shares.set(connection.peer, (this.#shares.get(connection.peer) ?? 0) + 1);
    go();
  }

  #fill(): void {
    while (this.#taken.size < this.most) {
      const next = this.#waiting.next((peer) => this.#shares.get(peer) ?? 0);
      if (!next) return;
      this.#waits.delete(next.connection);
      this.#give(next.connection, next.go);
    }
  }

  #refuse(waiting: Waiting): void {
    this.#waiting.remove(waiting.connection.peer, waiting);
    this.#waits.delete(waiting.connection);
    waiting.refuse();
  }
}

/**
 * Who is to lose what it holds: of those whose peer keeps us waiting, one of the peer with the largest share, and of its
 * the one that hasn't moved for longest.
 * @param least milliseconds that it must have been still
 */
export function slowest(
  connections: Iterable<Connection>,
  share: (peer: string) => number,
  now: number,
  least: number,
): Connection | undefined {
  let chosen: Connection | undefined;
  let [largest, longest] = [0, 0];
  for (const connection of connections) {
    const still = connection.stalled(now);
    if (still < least) continue;
    const its = share(connection.peer);
    if (chosen && (its < largest || (its === largest && still <= longest))) continue;
    [chosen, largest, longest] = [connection, its, still];
  }
  return chosen;
}
