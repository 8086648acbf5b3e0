import { createHmac } from 'node:crypto';
import { bcryptCost } from '../web-config/bcrypt-hash.ts';

/** Of no user's password: only the time that it takes counts. 31 characters of hash after 22 of salt. */
const DECOY = 'abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui';
/** About 0.6 s. Guessing names takes no more of the one thread; the time gives a user with a higher cost away. */
const MOST_COST = 12;
/** Where there are no users, and in exporter-toolkit always. */
const USUAL_COST = 10;

/**
 * What a password is held against for a name that is no user's, so that time doesn't tell. A name's decoy is as costly as
 * the hash of a user that falls to the name: where costs differ, names that are no user's differ alike, and each is the
 * same at every try and after a restart.
 */
export class Decoys {
  readonly #costs: readonly number[];
  readonly #key: string;

  /** @param hashes those of all users */
  constructor(hashes: readonly string[]) {
    this.#costs = hashes.map((hash) => Math.min(bcryptCost(hash), MOST_COST)).sort((a, b) => a - b);
    // Known to nobody outside, and mostly the same when users come and go.
    this.#key = hashes.reduce((least, hash) => (hash < least ? hash : least), hashes[0] ?? '');
  }

  of(name: string): string {
    const lot = createHmac('sha256', this.#key).update(name).digest().readUInt32BE() / 2 ** 32;
    const cost = this.#costs[Math.floor(lot * this.#costs.length)] ?? USUAL_COST;
    return `$2b$${String(cost).padStart(2, '0')}$${DECOY}`;
  }
}
