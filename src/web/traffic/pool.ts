/**
 * Requests of one purpose that are answered at the same time. Who finds no slot waits a moment, each peer in its turn.
 * Meanwhile a peer that keeps a slot without moving loses it, of the peer that holds most first; then one that moves, but
 * slowly: sooner where it holds more than its share. For a peer that holds as many none of another loses one.
 */
import type { Connection, Held } from './connection.ts';
import { Turns } from './turns.ts';

/** Longest wait for a slot; milliseconds. */
const PATIENCE = 2000;
/**
 * While somebody waits, a slot is kept no longer than so many milliseconds between two pieces; nor for longer in all,
 * where its peer has more than its share, while it is the peer that is waited for.
 */
const PRESSED = 300;
/** Nor for so many milliseconds in all by anyone: peers may be as many as slots. */
const CREEPING = 600;
/** That wait at once, for each slot. */
const WAITING = 4;
const LEAST_WAITING = 64;
/** All slots taken, others waiting, and none coming free for so long: it is stuck; milliseconds. */
const STUCK = 10_000;

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
  /** And since when. */
  readonly #taken = new Map<Connection, number>();
  readonly #shares = new Map<string, number>();
  readonly #waiting: Turns<Waiting>;
  readonly #waits = new Map<Connection, Waiting>();
  /** Since when there is somebody who found no slot, and none came free. */
  #missedAt: number | undefined;

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
   * For how long no slot has come free though others waited, where that is too long; milliseconds. No peer can bring
   * that about: it is us who don't answer.
   */
  get stuck(): number | undefined {
    if (this.#missedAt === undefined || this.#taken.size < this.most) return undefined;
    const still = this.#options.now() - this.#missedAt;
    return still < STUCK || [...this.#taken.keys()].some(({ isPeersTurn }) => isPeersTurn)
      ? undefined
      : still;
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
    const since = this.#options.now();
    this.#missedAt ??= since;
    const waiting = { connection, since, go, refuse };
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
    this.#missedAt = this.#waiting.size > 0 ? this.#options.now() : undefined;
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
      const yielding = this.#yielding();
      const victim = slowest(yielding, this.#share, now, PRESSED) ?? this.#creeping(yielding, now);
      if (!victim) return;
      this.#options.cut();
      victim.end();
    }
  }

  readonly #share = (peer: string): number => this.#shares.get(peer) ?? 0;

  /** Those of peers that hold more than one who waits, or that wait themselves; in the order in which they got slots. */
  #yielding(): Connection[] {
    const waiting = new Set(this.#waiting.peers);
    const least = Math.min(...[...waiting].map(this.#share));
    return [...this.#taken.keys()].filter(({ peer }) => this.#share(peer) > least || waiting.has(peer));
  }

  /** Of the peer that holds most, who has held a slot for longest, and for too long, though it moves. */
  #creeping(yielding: Connection[], now: number): Connection | undefined {
    const peers = new Set([...this.#shares.keys(), ...this.#waiting.peers]);
    const share = this.most / peers.size;
    let chosen: Connection | undefined;
    let largest = 0;
    for (const connection of yielding) {
      const its = this.#share(connection.peer);
      const most = its > share ? PRESSED : CREEPING;
      if (its <= largest || now - this.#taken.get(connection)! < most || !connection.isPeersTurn) continue;
      [chosen, largest] = [connection, its];
    }
    return chosen;
  }

  #give(connection: Connection, go: () => void): void {
    this.#taken.set(connection, this.#options.now());
    this.#shares.set(connection.peer, this.#share(connection.peer) + 1);
    go();
  }

  #fill(): void {
    while (this.#taken.size < this.most) {
      const next = this.#waiting.next(this.#share);
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
