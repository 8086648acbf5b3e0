/** What can't be seen for a while is not lost: reading goes on where it stood when it is back. */

import { pause } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';
import {
  answers,
  chmod,
  chown,
  counted,
  end,
  kill,
  looked,
  mkdir,
  remove,
  rename,
  type Step,
  shell,
  start,
  symlink,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const root = process.getuid?.() === 0;
const NOBODY = 65534;
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

/** Away: how the file goes out of sight while nobody runs, and how it comes back. */
interface Absence {
  before?: readonly Step[];
  away: readonly Step[];
  back: readonly Step[];
  /** How the start without it is made, and that with it. */
  under?: readonly string[];
  /** Needs no restart to see it again. */
  skip?: string | false;
  file?: string;
}

const ways: Record<string, Absence> = {
  'the volume is not mounted': {
    away: [rename('logs', 'volume'), mkdir('logs')],
    back: [remove('logs'), rename('volume', 'logs')],
  },
  'the directory is moved': { away: [rename('logs', 'moved')], back: [rename('moved', 'logs')] },
  'the file is moved': {
    away: [rename('logs/events.json', 'aside.json')],
    back: [rename('aside.json', 'logs/events.json')],
  },
  'no permission for the file': {
    before: [chown('.', NOBODY)],
    away: [chmod('logs/events.json', 0)],
    back: [chmod('logs/events.json', 0o644)],
    under: asNobody,
    skip: !root && 'needs root',
  },
  'no permission for the directory': {
    before: [chown('.', NOBODY)],
    away: [chmod('logs', 0)],
    back: [chmod('logs', 0o755)],
    under: asNobody,
    skip: !root && 'needs root',
  },
  'a dangling link': {
    before: [
      mkdir('data'),
      rename('logs/events.json', 'data/0.log'),
      symlink('../data/0.log', 'logs/events.json'),
    ],
    away: [rename('data', 'moved')],
    back: [rename('moved', 'data')],
  },
  'a dangling link to a directory': {
    before: [rename('logs', 'data'), symlink('data', 'logs')],
    away: [rename('data', 'moved')],
    back: [rename('moved', 'data')],
  },
  'a directory is in its place': {
    away: [rename('logs/events.json', 'aside.json'), mkdir('logs/events.json')],
    back: [remove('logs/events.json'), rename('aside.json', 'logs/events.json')],
  },
};

/** So few descriptors that it listens, and can't open a file; then enough. Node takes all that the hard limit allows. */
const starved: Step[] = [
  async (scene) => {
    for (let descriptors = 18; descriptors < 40; descriptors++) {
      const started = await scene.start({ under: ['prlimit', `--nofile=${descriptors}`] }).then(
        () => true,
        () => false,
      );
      // With one more it would read its file; with one less it does not begin to listen.
      for (let tries = 0; started && tries < 50; tries++) {
        if (/EMFILE/.test(scene.log)) return;
        if (scene.open().some((path) => path.endsWith('.json'))) break;
        await pause(100);
      }
      if (started) await scene.kill();
    }
    throw new Error('it never lacked descriptors');
  },
  kill,
  start({ under: [] }),
];

const inputs = { path: '%/logs/events.json', pattern: '%/logs/*.json' };

const scenarios: Record<string, Scenario> = {};
for (const [name, { before = [], away, back, under = [], skip = false }] of Object.entries(ways))
  for (const [kind, input] of Object.entries(inputs)) {
    const begun: Step[] = [write('logs/events.json', 3), ...before, start({ under }), counted];
    const common = { input, live: 'logs/events.json', skip, ways: ['running'] as const };
    const waits = answers('/readyz', 503);
    scenarios[`${name}, ${kind}`] = {
      ...common,
      steps: [...begun, kill, ...away, start(), waits, ...back, write('logs/events.json', 2), counted],
    };
    scenarios[`${name}, ${kind}, more was written meanwhile`] = {
      ...common,
      long: true,
      steps: [...begun, kill, write('logs/events.json', 2), ...away, start(), waits, ...back, counted],
    };
    scenarios[`${name}, ${kind}, at two starts`] = {
      ...common,
      long: true,
      steps: [
        ...begun,
        end,
        ...away,
        start(),
        waits,
        kill,
        start(),
        waits,
        end,
        ...back,
        start(),
        write('logs/events.json', 2),
        counted,
      ],
    };
    scenarios[`${name}, ${kind}, while it runs`] = {
      ...common,
      long: true,
      steps: [...begun, ...away, looked, ...back, write('logs/events.json', 2), counted],
    };
    scenarios[`${name}, ${kind}, back with a rotation`] = {
      ...common,
      long: true,
      steps: [
        ...begun,
        kill,
        ...away,
        start(),
        waits,
        kill,
        ...back,
        write('logs/events.json', 1),
        ...(name.includes('link') || name.includes('permission')
          ? []
          : [rename('logs/events.json', 'logs/events.json.1'), write('logs/events.json', 1)]),
        start(),
        counted,
      ],
    };
  }

scenarios['no descriptor is left, path'] = {
  input: '%/events.json',
  ways: ['running'],
  skip: without('prlimit'),
  steps: [write('events.json', 3), start(), counted, kill, ...starved, write('events.json', 2), counted],
};
scenarios['the file comes back as another'] = {
  input: '%/logs/events.json',
  live: 'logs/events.json',
  gap: 'allowed',
  ways: ['running'],
  steps: [
    write('logs/events.json', 3),
    start(),
    counted,
    kill,
    rename('logs', 'moved'),
    start(),
    answers('/readyz', 503),
    mkdir('logs'),
    write('logs/events.json', 2),
    counted,
    remove('logs'),
    rename('moved', 'logs'),
    write('logs/events.json', 2),
    counted,
  ],
};
scenarios['two files, one is away'] = {
  input: '%/*/events.json',
  live: 'b/events.json',
  ways: ['running'],
  steps: [
    write('a/events.json', 3),
    write('b/events.json', 3),
    start(),
    counted,
    kill,
    rename('a', 'moved'),
    mkdir('a'),
    rename('moved', 'aside.d'),
    shell('mkdir -p ../$(basename "$PWD").aside && mv aside.d ../$(basename "$PWD").aside/a'),
    start(),
    write('b/events.json', 1),
    counted,
    end,
    start(),
    write('b/events.json', 1),
    counted,
    shell('rmdir a && mv ../$(basename "$PWD").aside/a a && rmdir ../$(basename "$PWD").aside'),
    write('a/events.json', 2),
    counted,
  ],
};

export const ABSENCE: Rows = { 'out of sight': scenarios };
