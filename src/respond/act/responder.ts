/**
 * Drives the responses that are not over: several at a time, since one engine that is slow over one container must not
 * hold up the others; of one container one at a time.
 */
import { completeEvidence } from '../evidence/collect.ts';
import type { OpenResponse } from '../journal/records.ts';
import type { Steady } from '../journal/steady.ts';
import { isDecided } from './may.ts';
import { type Again, Steps, type StepsOptions } from './steps.ts';

/** Most responses that are worked on at the same time. */
const MOST = 8;
/** Node's longest timer, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

export interface ResponderOptions extends StepsOptions {
  /** What makes going on impossible: the journal can't be written. */
  lost(error: unknown): void;
}

export class Responder {
  readonly #options: ResponderOptions;
  readonly #steps: Steps;
  /** When each is due, by the monotonic clock. */
  readonly #due = new Map<string, number>();
  readonly #running = new Map<string, { container: string | undefined; done: Promise<void> }>();
  /** Evidence that was asked for again, or is being so. */
  readonly #completed = new Set<string>();
  #completing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#steps = new Steps(options);
  }

  get #clock(): Steady {
    return this.#options.journal.clock;
  }

  /** Goes on with what earlier processes left. */
  start(): void {
    this.#stopped = false;
    this.wakeAll();
  }

  /** There is something to do for it. */
  wake(id: string): void {
    this.#due.set(id, 0);
    if (!this.#stopped) setImmediate(() => this.#turn());
  }

  /** What was waited for may be otherwise now. */
  wakeAll(): void {
    for (const id of this.#options.journal.state.open.keys()) this.wake(id);
  }

  /**
   * A person's word.
   * @param ask which question it answers
   * @returns false where nobody asks this, or not any more
   * @throws RESPOND_JOURNAL
   */
  say(ask: string, word: 'approved' | 'refused', by: string): boolean {
    const { journal, log, policies } = this.#options;
    const response = [...journal.state.open.values()].find(({ approval }) => approval?.ask === ask);
    if (!response?.approval || response.approval.word !== undefined) return false;
    if (response.approval.at + policies.current.approval_timeout <= this.#clock.now()) return false;
    const { id } = response;
    journal.write({ kind: 'word', at: this.#clock.now(), id, word, by });
    log.warn({ response: id, action: response.approval.step, word, by }, 'a person said a word');
    this.wake(id);
    return true;
  }

  /** Begins nothing new, and waits for what is being done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #turn(): void {
    if (this.#stopped) return;
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const [id, due] of this.#due) {
      const response = this.#options.journal.state.open.get(id);
      if (!response) {
        this.#due.delete(id);
        this.#completed.delete(id);
      }
      if (!response) continue;
      if (due > now) next = Math.min(next, due);
      else if (this.#running.size < MOST && !this.#isBusy(response)) this.#run(response);
    }
    clearTimeout(this.#timer);
    if (next < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#turn(), Math.min(LONGEST, Math.max(1, next - now)));
  }

  /** What is running calls the next turn when it is done. */
  #isBusy({ id, decided }: OpenResponse): boolean {
    if (this.#running.has(id)) return true;
    return [...this.#running.values()].some(
      ({ container }) => container !== undefined && container === decided?.container.id,
    );
  }

  #run(response: OpenResponse): void {
    const { id, decided } = response;
    this.#due.delete(id);
    const done = this.#steps
      .advance(response)
      .then((again: Again) => {
        this.#complete(response);
        // Somebody may have said meanwhile that there is something to do.
        if (again !== undefined && !this.#due.has(id)) this.#due.set(id, this.#clock.monotonic() + again);
      })
      .catch((error: unknown) => this.#options.lost(error))
      .finally(() => {
        this.#running.delete(id);
        setImmediate(() => this.#turn());
      });
    this.#running.set(id, { container: decided?.container.id, done });
  }

  /** Once the container is paused, or nothing is left to do to it: what takes long, beside everything else. */
  #complete(response: OpenResponse): void {
    const { policies, store, engine, log } = this.#options;
    const policy = policies.current;
    if (!isDecided(response) || !response.evidence || this.#completed.has(response.id)) return;
    const { steps, container } = response.decided;
    const isPaused = response.outcomes.pause !== undefined || !steps.includes('pause');
    const isWanted = !response.evidence.complete || policy.evidence.export;
    if (!isPaused || !isWanted) return;
    this.#completed.add(response.id);
    const { directory } = response.evidence;
    this.#completing = this.#completing
      .then(() => completeEvidence({ engine, store, policy }, directory, container.id))
      .then((evidence) => this.#steps.completed(response, evidence))
      .catch((error: unknown) => {
        log.error(
          { response: response.id, evidence: directory, error: String(error) },
          'evidence is not complete',
        );
      });
  }
}
