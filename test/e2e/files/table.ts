/** Runs a table of scenarios on the real process, each in each of its ways. */
import { test } from 'node:test';
import { Scene, type SceneOptions, WAYS, type Way } from '../../support/scene.ts';
import { run, type Step } from '../../support/steps.ts';
import { TODO } from './todo.ts';

/** `npm run test:files`: every scenario in every way. Without it each runs in its first. */
export const ALL = process.env.FILES_ALL === '1';
/** Most of a scenario's time is waiting. */
const CONCURRENCY = Number(process.env.FILES_CONCURRENCY ?? 10);
const ONLY = process.env.FILES_ONLY && new RegExp(process.env.FILES_ONLY);

export interface Scenario extends SceneOptions {
  steps: readonly Step[];
  /** The first is run by `npm test`. */
  ways?: readonly Way[];
  /** Run by `npm run test:files` alone. */
  long?: boolean;
  /** Whether its steps end it themselves. */
  ends?: boolean;
  skip?: string | false;
}

/**
 * @param rows by the row of the table of promises that they prove: with the scenario's and the way's name it is the
 * test's name. All of them run side by side.
 */
export function tables(rows: Record<string, Record<string, Scenario>>): void {
  const runs = Object.entries(rows).flatMap(([row, scenarios]) =>
    Object.entries(scenarios).flatMap(([name, scenario]) => {
      const { ways = WAYS, long = false } = scenario;
      if (long && !ALL) return [];
      return (ALL ? ways : ways.slice(0, 1)).map((way) => ({
        name: `${row}: ${name} (${way})`,
        scenario,
        way,
      }));
    }),
  );
  const wanted = runs.filter(({ name }) => !ONLY || ONLY.test(name));
  test(Object.keys(rows).join(', '), { concurrency: CONCURRENCY }, async (t) => {
    await Promise.all(
      wanted.map(({ name, scenario, way }) =>
        t.test(name, { skip: scenario.skip ?? false, todo: TODO.has(name) }, () => play(scenario, way, name)),
      ),
    );
  });
}

async function play(scenario: Scenario, way: Way, name: string): Promise<void> {
  const scene = new Scene(scenario, way);
  try {
    await run(scene, scenario.steps);
    if (!scenario.ends) await scene.finish(ALL);
  } catch (error) {
    // Short, as there may be hundreds: what is wrong, and what it said.
    const failure = new Error(`${(error as Error).message}\n${scene.log.slice(-3000)}`);
    failure.stack = `${name}: ${failure.message}`;
    throw error instanceof Error && error.name === 'AssertionError' ? failure : error;
  } finally {
    await scene.close();
  }
}
