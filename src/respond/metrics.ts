/** What the responder exposes. Labels are words of ours, and names that the engine has checked. */
import { Counter, Gauge, Registry } from 'prom-client';
import { safeLabel } from '../safe.ts';
import type { InputStatus } from '../source/source.ts';
import type { Intake } from './act/intake.ts';
import { budgetLeft } from './act/may.ts';
import type { Engine } from './docker/engine.ts';
import type { EvidenceStore } from './evidence/store.ts';
import type { Journal } from './journal/journal.ts';
import type { OpenResponse } from './journal/records.ts';
import type { PolicyRef } from './policy/schema.ts';
import { ACTIONS, type Action, OUTCOMES, type Outcome, VERDICTS } from './words.ts';

export interface MetricsState {
  build: { version: string; revision: string };
  policies: PolicyRef & { readonly successful: boolean };
  journal: Journal;
  intake: Intake;
  engine: Engine;
  store: EvidenceStore;
  inputs(): InputStatus[];
}

export function createMetrics(parts: MetricsState): Registry {
  const { policies, engine, store, intake } = parts;
  const { state, clock } = parts.journal;
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
    new Gauge({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset();
        collect(this);
      },
    });

  new Counter({
    name: 'falco_responder_actions_total',
    help: 'What was done to containers, or was to be done, by what came of it.',
    labelNames: ['action', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const action of ACTIONS)
        for (const outcome of OUTCOMES)
          if (canBe(action, outcome))
            this.inc({ action, outcome }, state.outcomes.get(`${action} ${outcome}`) ?? 0);
    },
  });
  new Counter({
    name: 'falco_responder_events_total',
    help: 'Events that the policy matches, by what was decided of them.',
    labelNames: ['verdict'],
    registers,
    collect() {
      this.reset();
      for (const verdict of VERDICTS)
        this.inc({ verdict }, (state.verdicts.get(verdict) ?? 0) + (intake.passed.get(verdict) ?? 0));
    },
  });
  gauge('falco_responder_build_info', 'Which build this is.', ['version', 'revision', 'node_version'], (g) =>
    g.set({ ...parts.build, node_version: process.version }, 1),
  );
  gauge('falco_responder_dry_run', 'Whether nothing is done but looking.', [], (g) =>
    g.set(policies.current.dry_run ? 1 : 0),
  );
  gauge(
    'falco_responder_policy_last_reload_successful',
    'Whether the policy that was read last is the one that holds.',
    [],
    (g) => g.set(parts.policies.successful ? 1 : 0),
  );
  gauge('falco_responder_budget_limit', 'Acts by the policy alone in its time.', [], (g) =>
    g.set(policies.current.budget.acts),
  );
  gauge('falco_responder_budget_remaining', 'Acts that are left now.', [], (g) => {
    const policy = policies.current;
    g.set(budgetLeft({ state, policy, now: clock.now() }, policy.dry_run));
  });
  gauge('falco_responder_pending_approvals', 'Acts that wait for a person.', [], (g) =>
    g.set([...state.open.values()].filter(({ approval }) => approval && !approval.word).length),
  );
  gauge('falco_responder_open_responses', 'Responses that are not over.', [], (g) => g.set(state.open.size));
  gauge('falco_responder_active_responses', 'Those that wait for no person and no time.', [], (g) =>
    g.set([...state.open.values()].filter(isActive).length),
  );
  gauge('falco_responder_engine_up', 'Whether the Docker engine answers.', [], (g) =>
    g.set(engine.answered && !engine.fault ? 1 : 0),
  );
  gauge('falco_responder_evidence_bytes', 'Bytes of all evidence.', [], (g) => g.set(store.used));
  gauge('falco_responder_evidence_limit_bytes', 'How many bytes evidence may have.', [], (g) =>
    g.set(store.most),
  );
  gauge('falco_responder_input_up', 'Whether the input can be read.', ['input'], (g) => {
    for (const { input, up } of parts.inputs()) g.set({ input: safeLabel(input) }, up ? 1 : 0);
  });
  gauge('falco_responder_lag_bytes', 'Bytes that are there and not read yet.', ['input'], (g) => {
    for (const { input, lag } of parts.inputs()) g.set({ input: safeLabel(input) }, lag);
  });
  gauge(
    'falco_responder_acted_timestamp_seconds',
    'When the newest acts were done: on which container, and where the evidence lies.',
    ['action', 'container', 'rule', 'response', 'evidence'],
    (g) => {
      for (const { action, container, rule, id, evidence, at } of state.recent)
        if (action !== 'evidence')
          g.set(
            { action, container: container.name, rule: safeLabel(rule), response: id, evidence },
            clock.shown(at).getTime() / 1000,
          );
    },
  );
  return registry;
}

/** Whether there is something to do for it now. */
function isActive({ decided, outcomes, intent, approval }: OpenResponse): boolean {
  if (!decided || intent) return true;
  if (approval) return approval.word !== undefined;
  return decided.steps.some((step) => outcomes[step] === undefined);
}

/** Outcomes that only some actions have. */
function canBe(action: Action, outcome: Outcome): boolean {
  if (outcome === 'partial') return action === 'evidence';
  if (action === 'evidence') return outcome !== 'budget' && outcome !== 'already';
  return true;
}
