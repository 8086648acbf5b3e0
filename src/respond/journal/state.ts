/** What the journal adds up to. It changes by records alone, so that a restart finds what the process before knew. */

import type { Action, ContainerRef, Outcome, Verdict } from '../words.ts';
import { type Acted, type JournalRecord, type OpenResponse, type SavedState, savedState } from './records.ts';
import type { Anchor } from './steady.ts';

/** Events that are remembered, so that none is decided twice; of older ones none is acted on. */
const MOST_KEYS = 20_000;
/** Acts that people are shown, and as much evidence: each has its own room, since evidence is taken far more often. */
const MOST_RECENT = 20;
/** JSON has no infinity. */
const EARLIEST = -8.64e15;
/** No budget counts over a longer time. */
const LONGEST = 86_400_000;

export class ResponderState {
  /** Events up to this time are never acted on: those that were forgotten are among them. */
  floor = Number.NEGATIVE_INFINITY;
  /** What was done up to this time is not known: the journal was lost. */
  unknownUntil = Number.NEGATIVE_INFINITY;
  /** Of the journal's time. */
  anchor: Anchor | undefined;
  readonly keys = new Map<string, number>();
  readonly open = new Map<string, OpenResponse>();
  readonly verdicts = new Map<Verdict, number>();
  /** By action and outcome, with a blank between. */
  readonly outcomes = new Map<`${Action} ${Outcome}`, number>();
  /** The newest last. */
  readonly recent: Acted[] = [];
  #acts: SavedState['acts'] = [];
  readonly #cooling = new Map<string, number>();
  #latest = Number.NEGATIVE_INFINITY;

  /** The newest time of a record: time goes on from there. */
  get latest(): number {
    return this.#latest;
  }

  /** Acts by the policy alone since then: all, and those that one rule, and one container, had of them. */
  actsSince(
    time: number,
    dry: boolean,
    of?: { rule: string; container: ContainerRef },
  ): { all: number; ofOne: number } {
    const acts = this.#acts.filter((act) => act.dry === dry && act.at > time);
    const ofRule = acts.filter(({ rule }) => rule === of?.rule).length;
    // One that is made anew has its name again, and one that is renamed its id.
    const ofContainer = acts.filter(
      ({ container: { id, name } }) => id === of?.container.id || name === of?.container.name,
    ).length;
    return { all: acts.length, ofOne: Math.max(ofRule, ofContainer) };
  }

  isCooling(key: string, now: number): boolean {
    return (this.#cooling.get(key) ?? Number.NEGATIVE_INFINITY) > now;
  }

  apply(record: JournalRecord): void {
    this.#latest = Math.max(this.#latest, record.at);
    switch (record.kind) {
      case 'state':
        this.#restore(record.state);
        return;
      case 'event':
        this.#remember(record.key, record.time);
        count(this.verdicts, record.verdict);
        return;
      case 'open': {
        const { id, at, event, candidates } = record;
        this.#remember(event.key, event.time);
        this.open.set(id, { id, at, event, candidates, outcomes: {} });
        return;
      }
      default:
        this.#ofResponse(record);
    }
  }

  #ofResponse(record: Exclude<JournalRecord, { kind: 'state' | 'event' | 'open' }>): void {
    const response = this.open.get(record.id);
    if (!response) return;
    switch (record.kind) {
      case 'decide':
        count(this.verdicts, record.verdict);
        this.#cool(record.cooling, record.at);
        if (record.decided) response.decided = record.decided;
        else this.open.delete(record.id);
        return;
      case 'intent': {
        const { action, at, startedAt } = record;
        response.intent = { action, at, startedAt };
        this.#cool(record.cooling, at);
        if (!record.counts || !response.decided) return;
        this.#acts = this.#acts.filter((act) => act.at > at - LONGEST);
        const { dry, container } = response.decided;
        this.#acts.push({ at, dry, rule: response.event.rule, container });
        return;
      }
      case 'outcome': {
        const { action, outcome, unpauseAt, evidence, at } = record;
        // Evidence may be completed while an act is under way.
        if (response.intent?.action === action) response.intent = undefined;
        response.outcomes[action] = outcome;
        if (action === response.approval?.step) response.approval = undefined;
        if (evidence) response.evidence = evidence;
        if (unpauseAt !== undefined) response.unpauseAt = unpauseAt;
        if (action === 'unpause') response.unpauseAt = undefined;
        if (action === 'pause' && outcome === 'already') this.#pauseLonger(response, at);
        count(this.outcomes, `${action} ${outcome}`);
        if (outcome !== 'done' || !response.decided) return;
        const { container } = response.decided;
        const { directory = '' } = response.evidence ?? {};
        const { id, event } = response;
        this.recent.push({ id, at, action, outcome, container, rule: event.rule, evidence: directory });
        const alike = this.recent.filter((each) => (each.action === 'evidence') === (action === 'evidence'));
        if (alike.length > MOST_RECENT) this.recent.splice(this.recent.indexOf(alike[0]!), 1);
        return;
      }
      case 'ask':
        response.intent = undefined;
        response.approval = { ask: record.ask, step: record.step, at: record.at };
        return;
      case 'word':
        if (response.approval)
          Object.assign(response.approval, { word: record.word, by: record.by, at: record.at });
        return;
      case 'close':
        this.open.delete(record.id);
    }
  }

  /** A response wanted a pause that another had begun: it lasts as long as the later one wants it. */
  #pauseLonger({ id, decided }: OpenResponse, at: number): void {
    for (const other of this.open.values()) {
      if (other.id === id || other.decided?.container.id !== decided?.container.id) continue;
      if (other.unpauseAt === undefined) continue;
      const after = decided?.unpauseAfter;
      other.unpauseAt = after === undefined ? undefined : Math.max(other.unpauseAt, at + after);
    }
  }

  /** For a journal that begins anew. */
  saved(): SavedState {
    return {
      floor: Math.max(this.floor, EARLIEST),
      anchor: this.anchor,
      unknownUntil: Math.max(this.unknownUntil, EARLIEST),
      keys: [...this.keys],
      open: [...this.open.values()],
      acts: this.#acts,
      cooling: [...this.#cooling],
      verdicts: [...this.verdicts],
      outcomes: [...this.outcomes].map(([both, times]) => {
        const [action, outcome] = both.split(' ') as [Action, Outcome];
        return [action, outcome, times];
      }),
      recent: this.recent,
    };
  }

  #restore(value: SavedState): void {
    const { floor, anchor, unknownUntil, keys, open, acts, cooling, verdicts, outcomes, recent } =
      savedState.parse(value);
    this.floor = floor;
    this.anchor = anchor;
    this.unknownUntil = unknownUntil;
    for (const [key, time] of keys) this.keys.set(key, time);
    for (const each of open) this.open.set(each.id, each);
    this.#acts = acts;
    for (const [key, until] of cooling) this.#cooling.set(key, until);
    for (const [verdict, times] of verdicts) this.verdicts.set(verdict, times);
    for (const [action, outcome, times] of outcomes) this.outcomes.set(`${action} ${outcome}`, times);
    this.recent.push(...recent);
  }

  #remember(key: string, time: number): void {
    this.keys.set(key, time);
    if (this.keys.size <= MOST_KEYS) return;
    const [oldest, its] = this.keys.entries().next().value!;
    this.keys.delete(oldest);
    this.floor = Math.max(this.floor, its);
  }

  #cool(entries: readonly (readonly [string, number])[], now: number): void {
    for (const [key, until] of this.#cooling) if (until <= now) this.#cooling.delete(key);
    for (const [key, until] of entries) this.#cooling.set(key, until);
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
