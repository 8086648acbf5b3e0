/**
 * Pods of Falco are replaced while it writes, as a rollout does it: Falco starts when the exporter is ready, ends first,
 * and its last events come as the exporter is told to end. What a real Prometheus adds up is what was written, with
 * state and events on the node, and with both in the pod and `--web.linger`. ROLLOUTS is how often (10).
 */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, pause, temporary } from '../support/exporter.ts';
import { Gate, Prometheus } from './prometheus.ts';

const ROLLOUTS = Number(process.env.ROLLOUTS ?? 10);
/** Milliseconds between two events: three in a second. */
const EVERY = 333;
/** How long a pod lives, and how long Falco writes after the exporter was told to end; milliseconds. */
const LIFE = 8000;
const LAST = 300;

const directory = temporary();
const ends: (() => unknown)[] = [() => directory.remove()];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Writes events until it is stopped. */
class Falco {
  written = 0;
  #timer: NodeJS.Timeout | undefined;

  start(file: string): void {
    const write = () => {
      const event = { rule: `r${this.written % 3}`, priority: 'Error', time: new Date().toISOString() };
      appendFileSync(file, `${JSON.stringify({ ...event, output_fields: { 'container.name': 'web' } })}\n`);
      this.written++;
    };
    write();
    this.#timer = setInterval(write, EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** @param place of a pod's files, by its number */
async function rollouts(
  name: string,
  place: (pod: number) => string,
  gates: readonly Gate[],
  flags: string[],
): Promise<void> {
  const server = await Prometheus.start(
    directory.path,
    gates.map(({ port }) => ({ name, port })),
  );
  ends.push(() => server.stop());
  const falco = new Falco();
  for (let pod = 0; pod <= ROLLOUTS; pod++) {
    const path = place(pod);
    mkdirSync(path, { recursive: true });
    const file = join(path, 'events.json');
    writeFileSync(file, '', { flag: 'a' });
    const state = `--state.dir=${join(path, 'state')}`;
    const exporter = await Exporter.start([`--input.file=${file}`, state, '--web.hold=2s', ...flags]);
    const gate = gates[pod % gates.length]!;
    gate.target = exporter.port;
    await exporter.ready();
    falco.start(file);
    await pause(LIFE);
    const isLast = pod === ROLLOUTS;
    if (isLast) falco.stop();
    if (isLast) assert.equal(await server.settled(name, 'error', falco.written), falco.written);
    exporter.process.kill('SIGTERM');
    if (!isLast) await pause(LAST);
    falco.stop();
    assert.equal(await exporter.ended(), 0);
    gate.target = undefined;
  }
  console.log(`${name}: ${ROLLOUTS} rollouts, ${falco.written} events written and seen`);
  assert.equal(await server.bornAbove0(name), 0);
}

async function opened(count: number): Promise<Gate[]> {
  const gates: Gate[] = [];
  for (let n = 0; n < count; n++) gates.push(await Gate.open());
  ends.push(() => {
    for (const gate of gates) gate.close();
  });
  return gates;
}

test('state and events on the node: no event of a rollout is lost', async () => {
  await rollouts('node', () => join(directory.path, 'node'), await opened(1), []);
});

test('state and events in the pod, with --web.linger: no event of a rollout is lost', async () => {
  const place = (pod: number) => join(directory.path, `pod-${pod}`);
  await rollouts('pod', place, await opened(ROLLOUTS + 1), ['--web.linger=25s']);
});
