/** Whatever strangers do: each server sees each event as an increase, once. Random sequences of commands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pass, Scene, Server, WINDOW, who } from './scene.ts';

const RUNS = Number(process.env.VIEW_RUNS ?? 150);

interface Model {
  counted: Map<string, number>;
}
interface Real {
  scene: Scene;
  servers: Server[];
}
type Command = fc.Command<Model, Real>;

function command(name: string, run: (real: Real, model: Model) => void): Command {
  return {
    check: () => true,
    run: (model, real) => run(real, model),
    toString: () => name,
  };
}

const count = fc.nat(3).map((rule) =>
  command(`count ${rule}`, ({ scene }, model) => {
    scene.count(`r${rule}`);
    model.counted.set(`r${rule}`, (model.counted.get(`r${rule}`) ?? 0) + 1);
  }),
);
const wait = fc
  .oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 4 * WINDOW }))
  .map((time) => command(`wait ${time}`, ({ scene, servers }) => pass(scene, servers, time)));
const restart = fc.constant(command('restart', ({ scene }) => scene.restart()));
const server = (name: string, does: (server: Server, scene: Scene) => void) =>
  fc
    .nat(2)
    .map((index) =>
      command(`${name} ${index}`, ({ scene, servers }) => does(servers[index % servers.length]!, scene)),
    );
const lose = server('lose', (each) => each.lose());
const leave = server('leave', (each) => each.leave());
const comeBack = server('come back', (each, scene) => each.comeBack(scene));
const stranger = fc
  .record({
    address: fc.integer({ min: 1, max: 40 }),
    agent: fc.constantFrom('curl/7.88.1', 'Prometheus/2.42.0'),
  })
  .map(({ address, agent }) =>
    command(`stranger ${address}`, ({ scene }) => void scene.scrape(who(`10.9.0.${address}`, { agent }))),
  );
const flood = fc.constant(
  command('flood', ({ scene }) => {
    for (let n = 0; n < 60; n++) scene.scrape(who(`10.${n}.7.1`, { agent: `a${n}` }));
  }),
);
/** Comes every few seconds for a while: it is established then. */
const guest = fc.integer({ min: 1, max: 20_000 }).map((every) =>
  command(`guest ${every}`, ({ scene, servers }) => {
    for (let n = 0; n < 8; n++) {
      pass(scene, servers, every);
      scene.scrape(who('10.8.0.1'));
    }
  }),
);
const move = server('move', (each, scene) => each.move(scene, `10.7.0.${++scene.moves}`));

/** They have scraped for a while, as servers have. */
function begun(servers: Server[]): () => { model: Model; real: Real } {
  return () => {
    const scene = new Scene();
    pass(scene, servers, 400_000);
    return { model: { counted: new Map() }, real: { scene, servers } };
  };
}

function exact({ scene, servers }: Real, { counted }: Model): void {
  for (const each of servers) each.comeBack(scene);
  // The hold after an absence, twice over.
  pass(scene, servers, 400_000);
  pass(scene, servers, 400_000);
  for (const [index, each] of servers.entries())
    for (const [rule, events] of counted) {
      assert.equal(each.first(rule), 0, `server ${index}: ${rule} is born at its count`);
      assert.equal(each.increase(rule), events, `server ${index}: ${rule}`);
    }
}

function hold(commands: fc.Arbitrary<Command>[], servers: () => Server[]): void {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 60, size: 'large' }), (run) => {
      const setup = begun(servers())();
      fc.modelRun(() => setup, run);
      exact(setup.real, setup.model);
    }),
    { numRuns: RUNS },
  );
}

test('a pair and an agent at their addresses, and strangers at any others', () => {
  hold([count, count, wait, wait, restart, lose, leave, comeBack, stranger, flood, guest], () => [
    new Server(who('10.0.0.1'), 15_000, 0),
    new Server(who('10.0.0.2'), 15_000, 7000),
    new Server(who('10.0.0.3', { agent: 'GrafanaAlloy/1.0' }), 60_000, 11_000),
  ]);
});

test('a server with a user, at a new address now and then, and strangers without', () => {
  hold([count, count, wait, restart, lose, leave, comeBack, move, stranger, flood, guest], () => [
    new Server(who('10.0.0.1', { group: 'user prometheus' }), 15_000, 3000),
  ]);
});

test('two servers behind one address, and two jobs of one', () => {
  hold([count, count, wait, restart, stranger], () => [
    new Server(who('10.0.0.1'), 15_000, 0),
    new Server(who('10.0.0.1'), 60_000, 7000),
  ]);
});

test('servers that take the moment in which a series was created for a sample of 0; their clocks differ a little', () => {
  hold([count, count, wait, wait, restart, lose, leave, comeBack, stranger, flood, guest], () => [
    new Server(who('10.0.0.1'), 15_000, 0, -900),
    new Server(who('10.0.0.2'), 15_000, 7000, 5000),
    new Server(who('10.0.0.3'), 60_000, 11_000),
  ]);
});
