/**
 * Runs scenarios on the real process. `npm test` runs a share, the first scenario of each row; `npm run test:files` all of
 * them, each in each of its ways.
 */
import { test } from 'node:test';
import { Scene, type SceneOptions, WAYS, type Way } from '../../support/scene.ts';
import { run, type Step } from '../../support/steps.ts';

const ALL = process.env.FILES_ALL === '1';
/** Most of a scenario's time is waiting. */
const CONCURRENCY = Number(process.env.FILES_CONCURRENCY ?? 12);
/** A regular expression on the test's name; without FILES_ALL it chooses from the first way of each scenario. */
const ONLY = process.env.FILES_ONLY && new RegExp(process.env.FILES_ONLY);
/** `2/8` is the second of eight parts, for those who can't wait for all. */
const [PART, PARTS] = (process.env.FILES_PART ?? '1/1').split('/').map(Number) as [number, number];

export interface Scenario extends SceneOptions {
  steps: readonly Step[];
  /** The first is run by `npm test`. */
  ways?: readonly Way[];
  /** Run by `npm run test:files` alone. */
  long?: boolean;
  /** Whether its steps end it themselves. */
  ends?: boolean;
  skip?: string | false;
  /** What is known to be wrong, and why. */
  todo?: string;
}

/** By the row of the table of promises that they prove, and by their name. */
export type Rows = Record<string, Record<string, Scenario>>;

interface Run {
  name: string;
  scenario: Scenario;
  way: Way;
}

/** All of a table's scenarios run side by side. */
export function play(rows: Rows): void {
  const runs = Object.entries(rows).flatMap(([row, scenarios]) =>
    ALL || ONLY ? every(row, scenarios) : share(row, scenarios),
  );
  const wanted = runs
    .filter(({ name }) => !ONLY || ONLY.test(name))
    .filter((_, index) => index % PARTS === PART - 1);
  test('files', { concurrency: CONCURRENCY }, async (t) => {
    await Promise.all(
      wanted.map((each) =>
        t.test(each.name, { skip: each.scenario.skip ?? false, todo: each.scenario.todo ?? false }, () =>
          playOne(each),
        ),
      ),
    );
  });
}

function every(row: string, scenarios: Record<string, Scenario>): Run[] {
  return Object.entries(scenarios).flatMap(([name, scenario]) => {
    const { ways = WAYS } = scenario;
    return (ALL ? ways : ways.slice(0, 1)).map((way) => ({
      name: `${row}: ${name} (${way})`,
      scenario,
      way,
    }));
  });
}

/** The first that is short and known to be right, in its first way. */
function share(row: string, scenarios: Record<string, Scenario>): Run[] {
  const first = Object.entries(scenarios).find(([, { long, todo }]) => !long && todo === undefined);
  if (!first) return [];
  const [name, scenario] = first;
  const way = (scenario.ways ?? WAYS)[0]!;
  return [{ name: `${row}: ${name} (${way})`, scenario, way }];
}

async function playOne({ scenario, way, name }: Run): Promise<void> {
  const scene = new Scene(scenario, way);
  try {
    await run(scene, scenario.steps);
    if (!scenario.ends) await scene.finish(ALL);
  } catch (error) {
    // Short, as there may be hundreds: what is wrong, and what it said.
    const failure = new Error(`${(error as Error).message}\n${scene.log.slice(-3000)}`);
    failure.stack = `${name}: ${failure.message}`;
    throw failure;
  } finally {
    await scene.close();
  }
}
