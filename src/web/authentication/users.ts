/**
 * Basic authentication. A right password is remembered (as a keyed hash, never as itself), so that each scrape after the
 * first costs nothing; a wrong one always costs a bcrypt. There is one bcrypt at a time. Peers that gave no wrong password
 * lately go first, so guessing can't keep those out who know.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { Turns } from '../traffic/turns.ts';
import { Decoys } from './decoys.ts';

/** Right passwords remembered; the one that was given longest ago is forgotten first. */
const MOST_REMEMBERED = 1000;
/** Passwords that may wait for a bcrypt; beyond that, one of the peer that has most of them gets a 503. */
const MOST_WAITING = 256;
/** Peers whose wrong passwords are counted, and for how long after the last; milliseconds. */
const MOST_GUESSERS = 1000;
const LATELY = 60_000;

export type Answer = 'known' | 'refused' | 'busy';

/** On whose behalf a password is checked. */
export interface Applicant {
  peer: string;
  /** Whether it waits no longer. */
  isGone(): boolean;
}

/** Credentials, and what they are held against. */
interface Given {
  /** Tells them from all others, without being them. */
  id: string;
  password: string;
  hash: string;
  /** False for a name that is no user's. */
  exists: boolean;
}

interface Question extends Given {
  peer: string;
  applicants: Applicant[];
  settle(answer: Answer | Promise<Answer>): void;
  answer: Promise<Answer>;
}

export class Users {
  readonly #compare: (password: string, hash: string) => Promise<boolean>;
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #asked = new Map<string, Question>();
  readonly #waiting = new Turns<Question>(MOST_WAITING);
  readonly #guesses = new Map<string, { count: number; last: number }>();
  #users: ReadonlyMap<string, string> = new Map();
  #decoys = new Decoys([]);
  #comparing = false;

  /** @param compare is never asked again before it has answered */
  constructor(compare: (password: string, hash: string) => Promise<boolean>, clock: Clock) {
    this.#compare = compare;
    this.#clock = clock;
  }

  /** Passwords that wait to be checked. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Who there is from now on. Right passwords stay remembered: with the hash that they were right for, so that they open
   * only to those who still have that one.
   * @param users bcrypt hashes by name
   */
  set(users: ReadonlyMap<string, string>): void {
    this.#users = users;
    this.#decoys = new Decoys([...users.values()]);
  }

  /** The user whose right password this is, where it is remembered. @param authorization the header of that name */
  remembers(authorization: string | undefined): string | undefined {
    const given = this.#given(authorization);
    return given?.exists && this.#remembered.has(given.id) ? given.user : undefined;
  }

  /** @param authorization the header of that name */
  async check(authorization: string | undefined, applicant: Applicant): Promise<Answer> {
    const given = this.#given(authorization);
    if (!given) return 'refused';
    const { id, user, exists } = given;
    if (this.#remembered.has(id)) {
      this.#remember(id);
      return 'known';
    }
    const question = this.#asked.get(id) ?? this.#ask(given, applicant.peer);
    question.applicants.push(applicant);
    this.#goOn();
    const answer = await question.answer;
    // Who went away while the hash was made is known no more.
    const stays = exists && this.#users.get(user) === given.hash;
    return answer === 'known' && !stays ? 'refused' : answer;
  }

  #given(authorization: string | undefined) {
    const given = credentials(authorization);
    if (!given) return undefined;
    const known = this.#users.get(given.user);
    const hash = known ?? this.#decoys.of(given.user);
    const id = createHmac('sha256', this.#key)
      .update(JSON.stringify([given.user, hash, given.password]))
      .digest('base64');
    return { ...given, id, hash, exists: known !== undefined };
  }

  #ask({ id, password, hash, exists }: Given, peer: string): Question {
    let settle!: Question['settle'];
    const answer = new Promise<Answer>((resolve) => (settle = resolve));
    const question = { id, password, hash, exists, peer, applicants: [], settle, answer };
    this.#asked.set(id, question);
    const crowded = this.#waiting.push(peer, question);
    if (crowded) this.#settle(crowded, 'busy');
    return question;
  }

  #goOn(): void {
    while (!this.#comparing) {
      const question = this.#waiting.next((peer) => this.#guessesOf(peer));
      if (!question) return;
      if (question.applicants.every((applicant) => applicant.isGone())) {
        this.#settle(question, 'refused');
        continue;
      }
      this.#comparing = true;
      void this.#answer(question).finally(() => {
        this.#comparing = false;
        this.#goOn();
      });
    }
  }

  async #answer(question: Question): Promise<void> {
    const { id, password, hash, exists, peer } = question;
    try {
      const right = (await this.#compare(password, hash)) && exists;
      if (right) this.#remember(id);
      else this.#guessed(peer);
      this.#settle(question, right ? 'known' : 'refused');
    } catch (error) {
      this.#settle(question, Promise.reject(error));
    }
  }

  #settle(question: Question, answer: Answer | Promise<Answer>): void {
    this.#asked.delete(question.id);
    question.settle(answer);
  }

  #remember(id: string): void {
    this.#remembered.delete(id);
    this.#remembered.add(id);
    dropFirst(this.#remembered, MOST_REMEMBERED);
  }

  #guessed(peer: string): void {
    const count = this.#guessesOf(peer) + 1;
    this.#guesses.delete(peer);
    this.#guesses.set(peer, { count, last: this.#clock.monotonic() });
    dropFirst(this.#guesses, MOST_GUESSERS);
  }

  #guessesOf(peer: string): number {
    const guesses = this.#guesses.get(peer);
    return guesses && this.#clock.monotonic() - guesses.last < LATELY ? guesses.count : 0;
  }
}

/** Keeps so many of what was added last. */
function dropFirst(all: Set<string> | Map<string, unknown>, most: number): void {
  if (all.size > most) all.delete(all.keys().next().value!);
}

function credentials(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
