/**
 * One step of a response further: each call does at most one thing, and says when to call again. All that it knows is
 * in the journal, so that a process which is started anew goes on as the one before would have.
 *
 * The order that makes it exact: the container is looked at; the intent goes to the disk; the engine is asked; the
 * outcome goes to the disk. An intent without an outcome is never simply repeated: the container's state says whether
 * it was done. What can't be undone (restart, stop) is not repeated at all: a person is asked.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from '../../log/log.ts';
import type { Container } from '../docker/container.ts';
import type { Engine } from '../docker/engine.ts';
import { EngineError } from '../docker/request.ts';
import { type Evidence, takeEvidence } from '../evidence/collect.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import type { Journal } from '../journal/journal.ts';
import type { OpenResponse } from '../journal/records.ts';
import type { Steady } from '../journal/steady.ts';
import { denied } from '../policy/deny.ts';
import type { Policy, PolicyRef } from '../policy/schema.ts';
import { allows } from '../policy/select.ts';
import { ACTS, type Action, GRAVE, type Outcome, type Step } from '../words.ts';
import { actKey } from './cooling.ts';
import { decide, resolveClaim } from './decide.ts';
import { type Going, hindrance, isDecided, isYoung, type Moment, mayStill } from './may.ts';
import { isDone, perform } from './perform.ts';
import { Retries } from './retries.ts';

export interface StepsOptions {
  policies: PolicyRef;
  journal: Journal;
  engine: Engine;
  store: EvidenceStore;
  log: Logger;
  /** Ids of the responder's own container, or their beginnings. */
  own: readonly string[];
  /** Whether a person can say a word at all. */
  hasPeople(): boolean;
  /** The lines around a response's event; none after a restart. */
  around(id: string): Buffer;
}

/** When to call again, in milliseconds; undefined: when somebody says so. */
export type Again = number | undefined;

/** An engine that was asked to end a container may take so much longer than the container itself; milliseconds. */
const ENDING = 40_000;
const LOOK_AGAIN = 2000;

export class Steps {
  readonly #options: StepsOptions;
  readonly #retries = new Retries();

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  get #clock(): Steady {
    return this.#options.journal.clock;
  }

  get #policy(): Policy {
    return this.#options.policies.current;
  }

  /** Never throws but for RESPOND_JOURNAL. */
  async advance(response: OpenResponse): Promise<Again> {
    if (!isDecided(response)) return this.#decide(response);
    const now = this.#clock.now();
    const { approval, intent, unpauseAt } = response;
    if (intent) return this.#step(response, intent.action);
    if (unpauseAt !== undefined && unpauseAt <= now) return this.#step(response, 'unpause');
    if (approval && !approval.word) {
      const ends = approval.at + this.#policy.approval_timeout;
      if (ends <= now) return this.#finish(response, approval.step, 'expired', 'nobody approved in time');
      return Math.min(ends, unpauseAt ?? ends) - now;
    }
    const next = response.decided.steps.find((step) => response.outcomes[step] === undefined);
    if (next) return this.#step(response, next);
    if (unpauseAt !== undefined) return unpauseAt - now;
    this.#options.journal.write({ kind: 'close', at: now, id: response.id });
    this.#retries.forget(response.id);
    return undefined;
  }

  #moment(): Moment {
    const { journal, hasPeople } = this.#options;
    const [now, wall] = [this.#clock.now(), this.#clock.wall()];
    return { policy: this.#policy, state: journal.state, now, wall, hasPeople: hasPeople() };
  }

  async #decide(response: OpenResponse): Promise<Again> {
    const { engine, journal, own, log } = this.#options;
    const { id, event, candidates } = response;
    let container: Container | undefined;
    try {
      const found = resolveClaim(event.claim, await engine.list());
      container = found === undefined ? undefined : await engine.inspect(found);
    } catch (error) {
      if (isYoung(response, this.#moment())) return this.#later(response, error);
      journal.write({ kind: 'decide', at: this.#clock.now(), id, verdict: 'expired', cooling: [] });
      log.error(
        { response: id, rule: event.rule, error: String((error as Error).message) },
        'nothing was done: the engine gave no answer while the event was young',
      );
      return undefined;
    }
    const now = this.#clock.now();
    const { verdict, decided, cooling, why } = decide(response, container, {
      ...{ policy: this.#policy, state: journal.state, now, own },
    });
    journal.write({ kind: 'decide', at: now, id, verdict, decided, cooling });
    this.#retries.forget(id);
    log.info(
      {
        ...{ response: id, rule: event.rule, candidates: candidates.join(' '), verdict },
        ...(container && { container: container.name, container_id: container.id }),
        ...(why !== undefined && { why }),
      },
      'decided',
    );
    return decided ? 0 : undefined;
  }

  async #step(response: Going, action: Action): Promise<Again> {
    const { engine, own } = this.#options;
    const policy = this.#policy;
    const { decided, intent } = response;
    const isDry = decided.dry || policy.dry_run;
    if (isDry && !intent) return this.#rehearse(response, action);
    let container: Container | undefined;
    try {
      container = await engine.inspect(decided.container.id);
    } catch (error) {
      if (!(error instanceof EngineError) || error.passes)
        if (action === 'unpause' || mayStill(response, action, this.#moment()))
          return this.#later(response, error);
      return this.#finish(response, action, intent ? 'unclear' : 'failed', (error as Error).message);
    }
    if (!container) return this.#finish(response, action, 'gone');
    if (action === 'unpause') return this.#act(response, action, container);
    const reason = denied(container, policy, own);
    if (reason !== undefined) return this.#finish(response, action, 'denied', reason);
    if (action === 'evidence') return this.#evidence(response, container);
    if (intent) return this.#act(response, action, container);
    const its = policy.responses.find(({ name }) => name === decided.response);
    if (its && !allows(its, container))
      return this.#finish(response, action, 'refused', 'the policy does not allow this container any more');
    if (isDone(action, container, container.startedAt)) return this.#finish(response, action, 'already');
    if (action === 'pause' && !container.running)
      return this.#finish(response, action, 'already', 'it does not run');
    const hindered = hindrance(response, action, this.#moment());
    if (hindered === 'ask') return this.#ask(response, action as Step);
    if (hindered) return this.#finish(response, action, ...hindered);
    return this.#act(response, action, container);
  }

  /** A dry run: everything but the engine, so that budget and cool-down tell what they would have done. */
  #rehearse(response: Going, action: Action): Again {
    if (action !== 'evidence' && action !== 'unpause') {
      const hindered = hindrance(response, action, this.#moment());
      if (hindered === 'ask') return this.#finish(response, action, 'dry_run', 'it would wait for a person');
      if (hindered) return this.#finish(response, action, ...hindered);
      this.#intend(response, action, '');
    }
    return this.#finish(response, action, 'dry_run');
  }

  #ask(response: Going, step: Step): Again {
    const { journal, log } = this.#options;
    const ask = randomBytes(16).toString('hex');
    journal.write({ kind: 'ask', at: this.#clock.now(), id: response.id, ask, step });
    log.warn(
      { ...named(response), action: step, approval: ask },
      'waiting for a person: approve it or refuse it',
    );
    return this.#policy.approval_timeout;
  }

  async #act(response: Going, action: Action, container: Container): Promise<Again> {
    const { engine } = this.#options;
    const { intent, id } = response;
    if (intent) {
      if (isDone(action, container, intent.startedAt)) return this.#finish(response, action, 'done');
      // It was begun under a policy that was no dry run.
      if (this.#policy.dry_run) return this.#finish(response, action, 'dry_run');
      if (GRAVE.includes(action) && !this.#retries.isUnsent(id))
        return this.#unclear(response, action as Step);
      if (action !== 'unpause' && !mayStill(response, action, this.#moment()))
        return this.#finish(response, action, 'failed', 'the event grew too old');
    } else {
      if (action === 'unpause' && !container.paused) return this.#finish(response, action, 'already');
      this.#intend(response, action, container.startedAt);
    }
    this.#retries.unsent(id, false);
    try {
      const detail = await perform(engine, action, container);
      const { unpauseAfter } = response.decided;
      const unpauseAt =
        action === 'pause' && unpauseAfter !== undefined ? this.#clock.now() + unpauseAfter : undefined;
      return this.#finish(response, action, 'done', detail, { unpauseAt });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.status === 404) return this.#finish(response, action, 'gone');
      this.#retries.unsent(id, error.kind === 'away');
      // A conflict may mean that it is done: the next call looks.
      if (error.passes || (error.status === 409 && this.#retries.count(id) < 3))
        return this.#later(response, error);
      return this.#finish(response, action, 'failed', error.message);
    }
  }

  /** A restart or stop that was begun, and is not to be seen: what the engine was asked may still be going on. */
  #unclear(response: Going, step: Step): Again {
    const { hasPeople, log } = this.#options;
    const left = response.intent!.at + this.#policy.grace + ENDING - this.#clock.now();
    if (left > 0) return Math.min(left, LOOK_AGAIN);
    log.error(
      { ...named(response), action: step },
      'it was begun, and not done: a person must say whether to repeat it',
    );
    if (hasPeople()) return this.#ask(response, step);
    return this.#finish(response, step, 'unclear');
  }

  async #evidence(response: Going, container: Container): Promise<Again> {
    const { engine, store, around } = this.#options;
    // What an earlier process left half done stays; this one gets a directory of its own.
    if (!isYoung(response, this.#moment())) return this.#finish(response, 'evidence', 'expired');
    if (!response.intent) this.#intend(response, 'evidence', container.startedAt);
    let evidence: Evidence;
    try {
      const parts = { engine, store, policy: this.#policy, now: new Date(this.#clock.wall()) };
      evidence = await takeEvidence(parts, response, around(response.id));
    } catch (error) {
      return this.#finish(response, 'evidence', 'failed', (error as Error).message);
    }
    return this.#finish(response, 'evidence', evidence.complete ? 'done' : 'partial', undefined, {
      evidence,
    });
  }

  /** Called when what was missing has been asked for again. */
  completed(response: OpenResponse, evidence: Evidence): void {
    if (isDecided(response) && evidence.complete && !response.evidence?.complete)
      this.#finish(response, 'evidence', 'done', 'what was missing is there now', { evidence });
  }

  #intend(response: Going, action: Action, startedAt: string): void {
    const { journal } = this.#options;
    const { id, decided, approval } = response;
    const at = this.#clock.now();
    const isAct = ACTS.includes(action);
    const until = at + this.#policy.cool_down;
    journal.write({
      ...{ kind: 'intent', at, id, action, startedAt },
      counts: isAct && approval?.word !== 'approved',
      cooling: isAct ? [[actKey(action, decided.container), until]] : [],
    });
  }

  #finish(
    response: Going,
    action: Action,
    outcome: Outcome,
    detail?: string,
    more: { unpauseAt?: number | undefined; evidence?: Evidence } = {},
  ): Again {
    const { journal, log } = this.#options;
    const { id } = response;
    const by = response.approval?.by;
    journal.write({ kind: 'outcome', at: this.#clock.now(), id, action, outcome, detail, ...more });
    this.#retries.forget(id);
    const fields = { ...named(response), action, outcome, ...(by && { by }), ...(detail && { detail }) };
    if (outcome === 'failed' || outcome === 'unclear') log.error(fields, 'response');
    else if (outcome === 'done' || outcome === 'partial') log.warn(fields, 'response');
    else log.info(fields, 'response');
    return 0;
  }

  #later({ id, event }: OpenResponse, error: unknown): Again {
    const wait = this.#retries.wait(id);
    this.#options.log.warn(
      { response: id, rule: event.rule, error: String((error as Error).message), again_in_ms: wait },
      'the engine gave no answer; trying again',
    );
    return wait;
  }
}

function named({ id, event, decided, evidence }: Going): Record<string, unknown> {
  return {
    ...{ response: id, policy: decided.response, rule: event.rule },
    ...{ container: decided.container.name, container_id: decided.container.id },
    ...(evidence && { evidence: evidence.directory }),
  };
}
