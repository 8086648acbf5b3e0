/**
 * From lines to decisions, in one synchronous step: when `take` returns, what was found is in the journal, and the source
 * may move its position past it. What is read again after a crash is known by its content, and decided once.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Framed } from '../../event/framing/framing.ts';
import { priorityWord } from '../../event/priority.ts';
import type { Scanner } from '../../event/scan/scanner.ts';
import type { Neighbours } from '../evidence/neighbours.ts';
import type { Journal } from '../journal/journal.ts';
import type { EventRef } from '../journal/records.ts';
import type { Policy, PolicyRef, Response } from '../policy/schema.ts';
import { type Described, fitting, tagged } from '../policy/select.ts';
import { hasShare } from '../share.ts';
import type { Verdict } from '../words.ts';
import { claimKey } from './cooling.ts';
import { factsOf } from './facts.ts';

/** An event of a time to come: clocks differ by less. Milliseconds. */
const AHEAD = 60_000;
/** Most responses that are not over; more could only be a flood. Each rule gets its share of them. */
const MOST_OPEN = 200;
/** Of an event that is kept; characters. */
const LONGEST_LINE = 64 * 1024;

export interface IntakeOptions {
  policies: PolicyRef;
  journal: Journal;
  scanner: Scanner;
  neighbours: Neighbours;
  /** The service of a tuple's fields. */
  service(fields: readonly (string | null)[], source: string): string;
  /** A response was opened. */
  opened(id: string): void;
}

export class Intake {
  readonly #options: IntakeOptions;
  /** Events that lead to nothing and are not in the journal: those that were decided before, and old ones. */
  readonly passed = new Map<Verdict, number>();
  #generation = -1;
  #policy: Policy | undefined;
  /** By tuple: what fits but for tags. */
  #fits = new Map<number, { described: Described; responses: Response[] }>();
  #version = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Changes whenever lines were taken. */
  get version(): number {
    return this.#version;
  }

  get buffer(): Buffer | undefined {
    return this.#options.scanner.buffer;
  }

  /** @throws RESPOND_JOURNAL: the position must not be moved, and the process must end */
  take({ payload }: Framed): void {
    const { scanner, journal, neighbours } = this.#options;
    const batch = scanner.scan(payload);
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    for (let line = 0; line < batch.lines; line++) {
      const tuple = batch.tuple[line]!;
      if (tuple < 0) continue;
      const event = bytes.subarray(batch.start[line], batch.end[line]);
      const number = neighbours.add(event);
      const { described, responses } = this.#fitting(tuple);
      if (responses.length > 0) this.#judge(event, batch.time[line]!, number, described, responses);
    }
    journal.sync();
    this.#version++;
  }

  #judge(
    event: Buffer,
    time: number,
    number: number,
    described: Described,
    responses: readonly Response[],
  ): void {
    const { policies, journal, neighbours, opened } = this.#options;
    const { state, clock } = journal;
    const [now, wall] = [clock.now(), clock.wall()];
    // One without a time is as old as any.
    const isYoung = time > wall - policies.current.max_event_age && time > state.floor && time < wall + AHEAD;
    if (!isYoung) {
      this.#pass('stale');
      return;
    }
    const key = createHash('sha256').update(event).digest('hex').slice(0, 32);
    if (state.keys.has(key)) {
      this.#pass('duplicate');
      return;
    }
    const { tags, claim } = factsOf(event);
    const candidates = tagged(responses, tags).map(({ name }) => name);
    if (candidates.length === 0) return;
    const verdict = this.#verdict(claim, described.rule, candidates, now);
    if (verdict !== undefined) {
      journal.add({ kind: 'event', at: now, key, time, verdict });
      return;
    }
    const id = randomBytes(16).toString('hex');
    const line = event.toString('utf8', 0, LONGEST_LINE);
    journal.add({
      kind: 'open',
      at: now,
      id,
      event: { key, time, ...described, claim: claim!, line },
      candidates,
    });
    neighbours.mark(id, number);
    opened(id);
  }

  /** What is decided without the engine. */
  #verdict(
    claim: EventRef['claim'] | undefined,
    rule: string,
    candidates: string[],
    now: number,
  ): Verdict | undefined {
    if (claim === undefined) return 'no_container';
    const { state } = this.#options.journal;
    const key = claimKey(claim, candidates);
    if (state.isCooling(key, now)) return 'cool_down';
    let ofRule = 0;
    for (const { decided, event, candidates: its } of state.open.values()) {
      if (!decided && claimKey(event.claim, its) === key) return 'cool_down';
      if (event.rule === rule) ofRule++;
    }
    return hasShare(MOST_OPEN - state.open.size, ofRule) ? undefined : 'overflow';
  }

  #fitting(tuple: number): { described: Described; responses: Response[] } {
    const { scanner, policies, service } = this.#options;
    const policy = policies.current;
    if (scanner.generation !== this.#generation || policy !== this.#policy) {
      this.#generation = scanner.generation;
      this.#policy = policy;
      this.#fits = new Map();
    }
    let found = this.#fits.get(tuple);
    if (!found) {
      const { rule, priority, source, fields } = scanner.tuple(tuple);
      const described = { rule, priority: priorityWord(priority), service: service(fields, source) };
      found = { described, responses: fitting(policy, described) };
      this.#fits.set(tuple, found);
    }
    return found;
  }

  #pass(verdict: Verdict): void {
    this.passed.set(verdict, (this.passed.get(verdict) ?? 0) + 1);
  }
}
