/** Waiting requests by peer: each peer in its turn, so nobody gets ahead by asking often. */
export class Turns<T> {
  readonly #most: number;
  readonly #byPeer = new Map<string, T[]>();
  #size = 0;

  /** @param most that wait at once */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  get peers(): Iterable<string> {
    return this.#byPeer.keys();
  }

  /** @returns who must go instead where too many wait: the last to come of the peer that waits most often */
  push(peer: string, item: T): T | undefined {
    const own = this.#byPeer.get(peer) ?? [];
    own.push(item);
    this.#byPeer.set(peer, own);
    this.#size++;
    if (this.#size <= this.#most) return undefined;
    let greediest = peer;
    for (const [other, items] of this.#byPeer)
      if (items.length > this.#byPeer.get(greediest)!.length) greediest = other;
    const last = this.#byPeer.get(greediest)!.at(-1)!;
    this.remove(greediest, last);
    return last;
  }

  /** Takes out the first of the peer that weighs least; of equals, of the one whose turn was longest ago. */
  next(weight: (peer: string) => number): T | undefined {
    let chosen: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const peer of this.#byPeer.keys()) {
      const its = weight(peer);
      if (its >= least) continue;
      chosen = peer;
      least = its;
    }
    if (chosen === undefined) return undefined;
    const items = this.#byPeer.get(chosen)!;
    const [first] = items;
    this.remove(chosen, first!);
    // Behind the others.
    if (this.#byPeer.delete(chosen)) this.#byPeer.set(chosen, items);
    return first;
  }

  remove(peer: string, item: T): void {
    const items = this.#byPeer.get(peer);
    const at = items?.indexOf(item) ?? -1;
    if (at < 0) return;
    items!.splice(at, 1);
    this.#size--;
    if (items!.length === 0) this.#byPeer.delete(peer);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const items of this.#byPeer.values()) yield* items;
  }
}
