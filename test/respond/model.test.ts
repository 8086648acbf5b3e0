/**
 * The responder against a model: triggers in floods, files that are replayed, engines that fail or do late what they were
 * asked for, processes that are killed at the worst moments, clocks that jump, other policies. Whatever comes: never over
 * the budget, nobody more than his share of it, nothing twice, never a denied container, never for an old event. RESPOND_RUNS is how many random histories are tried; `npm run test:respond` tries many.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { createLogger } from '../../src/log/log.ts';
import { Intake } from '../../src/respond/act/intake.ts';
import { Steps } from '../../src/respond/act/steps.ts';
import type { Container } from '../../src/respond/docker/container.ts';
import type { Engine } from '../../src/respond/docker/engine.ts';
import { EngineError } from '../../src/respond/docker/request.ts';
import { Neighbours } from '../../src/respond/evidence/neighbours.ts';
import { EvidenceStore } from '../../src/respond/evidence/store.ts';
import { Journal } from '../../src/respond/journal/journal.ts';
import { type Policy, policySchema } from '../../src/respond/policy/schema.ts';
import { eventLine } from './events.ts';
import { idOf } from './stand-in.ts';

const RUNS = Number(process.env.RESPOND_RUNS ?? 60);
const SEED = Number(process.env.RESPOND_SEED ?? Date.now() % 1e9);
const [MINUTE, HOUR] = [60_000, 3_600_000];
/** How much later than asked for something is done, and waited for. */
const LATE = 40_000;
const ALLOWED = ['shop-a', 'shop-b', 'shop-c', 'shop-d', 'shop-e', 'shop-f'];
const DENIED = ['shop-postgres', 'prometheus', 'shop-falco', 'falco-responder'];
const OTHER = ['mail'];
const RESPONSES = [
  {
    name: 'drop',
    match: { rule: 'Drop' },
    containers: { name: ['/shop-.*/', '/.*prometheus/', '/falco.*/'] },
    steps: ['evidence', 'pause', 'disconnect', 'restart'],
    unpause_after: '1m',
  },
  {
    name: 'stop',
    match: { rule: 'Stop' },
    containers: { name: '/.*shop-.*/' },
    steps: ['evidence', 'stop'],
    auto: true,
  },
];
const base = { dry_run: false, web: { token_file: '/token' }, responses: RESPONSES };
const POLICY = policySchema.parse(base);
/** With hardly a cool-down: what holds then is that each event is decided once. */
const QUICK = policySchema.parse({ ...base, cool_down: '1s', budget: { acts: 1000 } });

/** A process that was killed: nothing of it goes on. */
class Killed extends Error {}
/** `late`: no answer, and it is done twenty seconds later. */
type Fate = 'late' | 'ok' | 'away' | '500' | 'before' | 'lost' | 'kill before' | 'kill after';

/** Containers, and what was done to them by whom. */
class World {
  now = Date.parse('2026-11-26T00:00:00Z');
  readonly containers = new Map<string, Container>();
  readonly effects: {
    action: string;
    id: string;
    at: number;
    wall: number;
    rule: string;
    person: boolean;
    policy: Policy;
  }[] = [];
  /** How far the wall clock is from the truth; and which boot this is. */
  offset = 0;
  boot = 1;
  #late: { at: number; effect: () => void }[] = [];
  readonly fates: Fate[] = [];
  /** For whom and under what is done what is done now. */
  doing = { person: false, rule: '', policy: POLICY };
  /** How often a person approved. */
  approvals = 0;
  #starts = 0;

  constructor() {
    for (const name of [...ALLOWED, ...DENIED, ...OTHER])
      this.containers.set(idOf(name), {
        ...{ id: idOf(name), name, image: 'base:1', labels: {}, created: 0, running: true, paused: false },
        ...{ startedAt: 'first', networks: [{ name: 'shop', id: idOf('net') }] },
      });
  }

  get wall(): number {
    return this.now + this.offset;
  }

  /** What was asked for long ago, and is done now. */
  arrive(): void {
    const due = this.#late.filter(({ at }) => at <= this.now);
    this.#late = this.#late.filter(({ at }) => at > this.now);
    for (const { effect } of due)
      try {
        effect();
      } catch {
        // Nobody hears of it.
      }
  }

  /** People have everything run again. */
  undo(): void {
    for (const container of this.containers.values())
      Object.assign(container, {
        ...{ paused: false, running: true },
        networks: [{ name: 'shop', id: idOf('net') }],
      });
  }

  readonly engine = {
    list: async () => {
      this.#meet(() => undefined);
      return [...this.containers.values()].map(({ id, name }) => ({ id, names: [name] }));
    },
    inspect: async (id: string) => {
      this.#meet(() => undefined);
      return structuredClone(this.containers.get(id));
    },
    ...Object.fromEntries(
      ['processes', 'inspected', 'changes', 'logs'].map((name) => [
        name,
        async () => ({ body: Buffer.from('{}'), cut: false }),
      ]),
    ),
    pause: async (id: string) => this.#act('pause', id, (it) => (it.paused = true)),
    unpause: async (id: string) => this.#act('unpause', id, (it) => (it.paused = false)),
    disconnect: async (_: string, id: string) => this.#act('disconnect', id, (it) => (it.networks = [])),
    restart: async (id: string) =>
      this.#act('restart', id, (it) => {
        it.startedAt = `start ${++this.#starts}`;
        it.paused = false;
      }),
    stop: async (id: string) => this.#act('stop', id, (it) => (it.running = false)),
  } as unknown as Engine;

  #act(action: string, id: string, change: (container: Container) => void): void {
    const doing = this.doing;
    this.#meet(() => {
      const container = this.containers.get(id)!;
      if (action === 'disconnect' && container.networks.length === 0) return;
      if (action === 'unpause' && !container.paused) throw new EngineError('refused', 'runs', 409);
      if (action === 'pause' && container.paused) throw new EngineError('refused', 'paused', 409);
      change(container);
      this.effects.push({ action, id, at: this.now, wall: this.wall, ...doing });
    });
  }

  #meet(effect: () => void): void {
    this.arrive();
    const fate = this.fates.shift() ?? 'ok';
    if (fate === 'away') throw new EngineError('away', 'nobody listens');
    if (fate === '500') throw new EngineError('refused', 'server error', 500);
    if (fate === 'before') throw new EngineError('unclear', 'no answer');
    if (fate === 'kill before') throw new Killed();
    if (fate === 'late') {
      this.#late.push({ at: this.now + 20_000, effect });
      throw new EngineError('unclear', 'no answer');
    }
    effect();
    if (fate === 'lost') throw new EngineError('unclear', 'no answer');
    if (fate === 'kill after') throw new Killed();
  }
}

/** One process after the other, on one directory. */
class Process {
  readonly journal: Journal;
  readonly #intake: Intake;
  readonly #steps: Steps;
  readonly #world: World;

  /** The policy that holds. */
  readonly policies: { current: Policy };

  private constructor(world: World, policy: Policy, directory: string, store: EvidenceStore) {
    this.#world = world;
    const clock = { now: () => world.wall, monotonic: () => world.now };
    const boot = { id: `boot ${world.boot}`, uptime: () => world.now };
    this.policies = { current: policy };
    const { policies } = this;
    const log = createLogger({ level: 'error', format: 'logfmt' }, () => undefined);
    this.journal = Journal.open(directory, clock, boot, assert.fail);
    this.#steps = new Steps({
      ...{ policies, journal: this.journal, engine: world.engine, store, log },
      ...{ own: [], hasPeople: () => true, around: () => Buffer.alloc(0) },
    });
    this.#intake = new Intake({
      ...{ policies, journal: this.journal, neighbours: new Neighbours() },
      scanner: new PlainScanner([], 1024 * 1024),
      service: () => 'shop',
      opened: () => undefined,
    });
  }

  static async start(world: World, policy: Policy, directory: string): Promise<Process> {
    return new Process(
      world,
      policy,
      directory,
      await EvidenceStore.open(join(directory, 'evidence'), () => 2 ** 30),
    );
  }

  read(text: string): void {
    this.#intake.take({ payload: Buffer.from(text), text: 0, oversized: 0 });
  }

  /** Until nothing more is to be done now. @throws Killed */
  async work(): Promise<void> {
    for (let turn = 0; turn < 300; turn++) {
      let more = false;
      for (const response of [...this.journal.state.open.values()]) {
        this.#world.doing = {
          person: response.approval?.word === 'approved',
          rule: response.event.rule,
          policy: this.policies.current,
        };
        const again = await this.#steps.advance(response);
        more ||= again === 0;
        // What waits for the engine is waited for.
        if (again !== undefined && again > 0 && again <= 15_000) {
          this.#world.now += again;
          more = true;
        }
      }
      if (!more) return;
    }
    assert.fail('it does not come to an end');
  }

  approveAll(): void {
    for (const { id, approval } of this.journal.state.open.values())
      if (approval && !approval.word) {
        this.#world.approvals++;
        this.journal.write({ kind: 'word', at: this.journal.clock.now(), id, word: 'approved', by: 'me' });
      }
  }
}

/** @param young the times of each container's events that were young when they were read, by the clock of then */
function check(
  { effects, containers, approvals }: World,
  policy: Policy,
  young: ReadonlyMap<string, readonly number[]>,
): void {
  const name = (id: string) => containers.get(id)!.name;
  const byPolicy = effects.filter(({ action, person }) => !person && action !== 'unpause');
  for (const { id } of effects) assert.ok(!DENIED.includes(name(id)), `${name(id)} is denied`);
  for (const { id } of effects) assert.ok(!OTHER.includes(name(id)), `${name(id)} is not allowed`);
  for (const { at } of byPolicy) {
    const within = byPolicy.filter((each) => each.at <= at && each.at > at - HOUR);
    const { acts } = policy.budget;
    assert.ok(within.length <= acts, `${within.length} acts within an hour`);
    for (const of of ['id', 'rule'] as const)
      for (const one of new Set(within.map((each) => each[of])))
        assert.ok(
          within.filter((each) => each[of] === one).length <= Math.ceil(acts / 2),
          `${one}: its share`,
        );
  }
  for (const { action, rule, policy: its } of effects)
    if (action !== 'unpause') {
      assert.ok(!its.dry_run, 'in a dry run');
      const { steps } = its.responses.find(({ match }) => match.rule?.includes(rule)) ?? {};
      assert.ok(
        (steps as string[] | undefined)?.includes(action),
        `${action} for ${rule}: no response asks for it`,
      );
    }
  for (const { id, action, at, wall } of byPolicy) {
    const same = byPolicy.filter(
      (each) => each.id === id && each.action === action && each.at <= at && each.at > at - policy.cool_down,
    );
    assert.equal(same.length, 1, `${action} of ${name(id)} twice within the cool-down`);
    const events = young.get(name(id)) ?? [];
    assert.ok(
      // One that is done late was asked for in time.
      events.some((time) => time > wall - policy.max_event_age - LATE),
      `${action} for an event that is too old`,
    );
    const times = byPolicy.filter((each) => each.id === id && each.action === action).length;
    assert.ok(times <= events.length, `${action} of ${name(id)} ${times} times for ${events.length} events`);
  }
  // A person's word is for one act.
  const byPeople = effects.filter(({ person }) => person).length;
  assert.ok(byPeople <= approvals, `${byPeople} acts for ${approvals} approvals`);
}

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('trigger' as const),
      who: fc.nat(10),
      rule: fc.constantFrom('Drop', 'Stop'),
      by: fc.constantFrom('id', 'name'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('flood' as const), rule: fc.constantFrom('Drop', 'Stop') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('old' as const), who: fc.nat(10) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 90 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      minutes: fc.integer({ min: -180, max: 180 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reboot' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reload' as const), to: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'replay' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'kill' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'approve' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'undo' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('fates' as const),
      fates: fc.array(
        fc.constantFrom<Fate>(
          'ok',
          'ok',
          'away',
          '500',
          'before',
          'lost',
          'late',
          'kill before',
          'kill after',
        ),
        { maxLength: 12 },
      ),
    }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Other policies of the same bounds: a dry run, fewer steps, fewer responses. */
function others(policy: Policy): Policy[] {
  const [drop, stop] = policy.responses;
  return [
    policy,
    { ...policy, dry_run: true },
    { ...policy, responses: [{ ...drop!, steps: ['evidence', 'pause'] }, stop!] },
    { ...policy, responses: [stop!] },
  ];
}

async function live(commands: readonly Command[], policy = POLICY): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'respond-model-'));
  const world = new World();
  const names = [...ALLOWED, ...DENIED, ...OTHER];
  const young = new Map<string, number[]>();
  let written = '';
  let number = 0;
  const old: [name: string, at: number][] = [];
  /** What is read again is as old as the clock says by then: it may have been set back. */
  const rejudge = () => {
    for (const [name, at] of old.splice(0))
      if (at > world.wall - policy.max_event_age) young.set(name, [...(young.get(name) ?? []), at]);
      else old.push([name, at]);
  };
  let process = await Process.start(world, policy, directory);
  const again = async () => {
    rejudge();
    process = await Process.start(world, process.policies.current, directory);
    // Positions are older than what was decided: some of the file is read again.
    process.read(written.split('\n').slice(-200).join('\n'));
  };
  const work = async () => {
    for (;;) {
      try {
        await process.work();
        return;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        await again();
      }
    }
  };
  const write = (who: number, rule: string, at: number, by: 'id' | 'name' = 'id') => {
    const name = names[who % names.length]!;
    const claim = by === 'id' ? { id: idOf(name).slice(0, 24) } : { name };
    written += eventLine({ ...claim, rule, at, command: String(number++) });
    if (at > world.wall - MINUTE) young.set(name, [...(young.get(name) ?? []), at]);
    else old.push([name, at]);
    return written.trimEnd().split('\n').at(-1)!;
  };
  try {
    for (const each of commands) {
      switch (each.kind) {
        case 'trigger':
          process.read(`${write(each.who, each.rule, world.wall, each.by)}\n`);
          break;
        case 'flood': {
          const lines: string[] = [];
          for (let event = 0; event < 1000; event++)
            lines.push(write(event, each.rule, world.wall - Math.floor(event * 0.05)));
          process.read(`${lines.join('\n')}\n`);
          break;
        }
        case 'old':
          process.read(`${write(each.who, 'Drop', world.wall - 10 * MINUTE)}\n`);
          break;
        case 'wait':
          world.now += each.minutes * MINUTE;
          world.arrive();
          break;
        case 'clock':
          world.offset += each.minutes * MINUTE;
          break;
        case 'reboot':
          // The clock is right, or behind, when a machine comes up.
          world.offset = Math.min(0, world.offset);
          world.boot++;
          await again();
          break;
        case 'reload':
          process.policies.current = others(policy)[each.to]!;
          break;
        case 'replay':
          rejudge();
          process.read(written);
          break;
        case 'kill':
          await again();
          break;
        case 'approve':
          process.approveAll();
          break;
        case 'undo':
          world.undo();
          break;
        case 'fates':
          world.fates.push(...each.fates);
          break;
      }
      await work();
      check(world, policy, young);
    }
    return world;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test(`never over the budget, nothing twice, never a denied container (${RUNS} histories, seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(POLICY, QUICK),
      async (commands, policy) => {
        await live(commands, policy);
      },
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 1000 },
  );
});

test('a thousand triggers in a minute take their share of the budget, and two rules the budget', async () => {
  const one = await live([{ kind: 'flood', rule: 'Drop' }]);
  assert.equal(one.effects.length, 2);
  const world = await live([
    { kind: 'flood', rule: 'Drop' },
    { kind: 'flood', rule: 'Stop' },
  ]);
  assert.equal(world.effects.length, POLICY.budget.acts);
});

for (const fate of ['kill before', 'kill after'] as const)
  for (let before = 0; before < 8; before++)
    test(`killed at the engine's request number ${before + 1} (${fate}): one pause, one disconnection`, async () => {
      const fates = [...Array<Fate>(before).fill('ok'), fate];
      const world = await live([
        { kind: 'fates', fates },
        { kind: 'trigger', who: 0, rule: 'Drop', by: 'id' },
      ]);
      const actions = world.effects.map(({ action }) => action);
      assert.deepEqual(actions, ['pause', 'disconnect']);
    });

test('a person approves: one restart, also where the process is killed while the engine restarts it', async () => {
  for (const fate of ['ok', 'kill after'] as const) {
    const world = await live([
      { kind: 'trigger', who: 0, rule: 'Drop', by: 'id' },
      // Looked at, then restarted.
      { kind: 'fates', fates: ['ok', fate] },
      { kind: 'approve' },
      { kind: 'replay' },
    ]);
    assert.equal(world.effects.filter(({ action }) => action === 'restart').length, 1, fate);
  }
});

test('an event that is read again, after people have undone what it led to, leads to nothing', async () => {
  const trigger = { kind: 'trigger', who: 0, rule: 'Drop', by: 'id' } as const;
  const later = { kind: 'wait', minutes: 1 } as const;
  const world = await live([trigger, later, { kind: 'undo' }, { kind: 'replay' }], QUICK);
  assert.deepEqual(
    world.effects.map(({ action }) => action),
    ['pause', 'disconnect', 'unpause'],
  );
});

test('a restart that was begun and is not to be seen is not repeated: a person is asked again', async () => {
  const world = await live([
    { kind: 'trigger', who: 0, rule: 'Drop', by: 'id' },
    { kind: 'fates', fates: ['ok', 'kill before'] },
    { kind: 'approve' },
    { kind: 'wait', minutes: 1 },
    { kind: 'kill' },
  ]);
  assert.equal(world.effects.filter(({ action }) => action === 'restart').length, 0);
});
