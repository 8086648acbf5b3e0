/**
 * Basic authentication. A right password is remembered (as a keyed hash, never as itself), so that each scrape after the
 * first costs nothing; a wrong one always costs a bcrypt. There is one bcrypt at a time, and few wait.
 */
import { createHmac, randomBytes } from 'node:crypto';

/** Right passwords remembered. */
const MOST_REMEMBERED = 100;
/** Requests that may wait for a bcrypt; more are told to come again. */
const MOST_WAITING = 32;

/** Of no user's password: only the time that it takes counts. 31 characters of hash after 22 of salt. */
const DECOY = 'abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui';

export type Answer = 'known' | 'refused' | 'busy';

export class Users {
  readonly #compare: (password: string, hash: string) => Promise<boolean>;
  readonly #key = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #asking = new Map<string, Promise<boolean>>();
  #users: ReadonlyMap<string, string> = new Map();
  #decoy = '';
  #last: Promise<unknown> = Promise.resolve();

  /** @param compare is never asked again before it has answered */
  constructor(compare: (password: string, hash: string) => Promise<boolean>) {
    this.#compare = compare;
  }

  /** Who there is from now on. @param users bcrypt hashes by name */
  set(users: ReadonlyMap<string, string>): void {
    this.#users = users;
    this.#remembered.clear();
    // As costly as the costliest, so that time doesn't tell who exists.
    const cost = [...users.values()].map((hash) => hash.slice(4, 6)).sort();
    this.#decoy = `$2b$${cost.at(-1) ?? '10'}$${DECOY}`;
  }

  /** @param authorization the header of that name */
  async check(authorization: string | undefined): Promise<Answer> {
    const given = credentials(authorization);
    if (!given) return 'refused';
    const known = this.#users.get(given.user);
    const hash = known ?? this.#decoy;
    const id = createHmac('sha256', this.#key)
      .update(JSON.stringify([given.user, hash, given.password]))
      .digest('base64');
    if (this.#remembered.has(id)) return 'known';
    const asked = this.#asking.get(id);
    if (!asked && this.#asking.size >= MOST_WAITING) return 'busy';
    const right = await (asked ?? this.#ask(id, given.password, hash, known !== undefined));
    // Who went away while the hash was made is known no more.
    return right && this.#users.get(given.user) === known ? 'known' : 'refused';
  }

  #ask(id: string, password: string, hash: string, exists: boolean): Promise<boolean> {
    const answer = this.#last
      .then(() => this.#compare(password, hash))
      .then((equal) => {
        const right = equal && exists;
        if (right) this.#remember(id);
        return right;
      })
      .finally(() => this.#asking.delete(id));
    this.#asking.set(id, answer);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  #remember(id: string): void {
    this.#remembered.add(id);
    if (this.#remembered.size > MOST_REMEMBERED)
      this.#remembered.delete(this.#remembered.values().next().value!);
  }
}

function credentials(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
