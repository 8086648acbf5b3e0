/** What an input is called is no matter: a path that exists goes before a pattern, and content says where reading stood. */
import {
  answers,
  counted,
  end,
  hardLink,
  kill,
  mkdir,
  moment,
  remove,
  rename,
  type Step,
  start,
  symlink,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const odd = [
  'falco (prod)/events.json',
  'falco [prod]/events.json',
  'falco {a,b}/events.json',
  'falco/events*.json',
  'falco/what?.json',
  '!falco/events.json',
  'falco @(x)/+(events).json',
  'falco/[events].json',
  "falco's $HOME/events \\d.json",
  'falco/**/events.json',
];

const plain = (path: string): Record<string, Scenario> => ({
  [`${path}, at restarts`]: {
    input: `%/${path}`,
    live: path,
    ways: ['killed', 'running', 'down', 'ended'],
    steps: [
      write(path, 3),
      start(),
      counted,
      moment,
      write(path, 2),
      moment,
      counted,
      moment,
      write(path, 1),
    ],
  },
  [`${path}, which is rotated`]: {
    input: `%/${path}`,
    live: path,
    long: true,
    steps: [
      write(path, 3),
      start(),
      counted,
      moment,
      rename(path, `${path}.1`),
      write(path, 2),
      moment,
      counted,
      rename(`${path}.1`, `${path}.2`),
      rename(path, `${path}.1`),
      write(path, 2),
    ],
  },
  [`${path}, which comes later`]: {
    input: `%/${path}`,
    live: path,
    long: true,
    ways: ['killed', 'running', 'ended'],
    steps: [
      mkdir('other'),
      start(),
      answers('/readyz', 503),
      write(path, 3),
      counted,
      moment,
      write(path, 2),
      moment,
      counted,
    ],
  },
});

const SPELLINGS = {
  path: '%/logs/events.json',
  './': './logs/events.json',
  '//': '%//logs//events.json',
  relative: 'logs/events.json',
  '..': '%/logs/../logs/events.json',
  './ within': '%/logs/./events.json',
  'a linked directory': '%/link/events.json',
  'a link': '%/events-link.json',
  'a pattern': '%/logs/*.json',
  'a pattern of directories': '%/l*s/events.json',
  'another pattern': '%/logs/events.{json,log}',
  'a relative pattern': './logs/*.json',
  'a hard link': '%/hard.json',
};

const respelled = (names: (keyof typeof SPELLINGS)[], more: Partial<Scenario> = {}): Scenario => ({
  live: 'logs/events.json',
  ways: ['killed', 'ended'],
  ...more,
  steps: [
    write('logs/events.json', 3),
    symlink('logs', 'link'),
    symlink('logs/events.json', 'events-link.json'),
    hardLink('logs/events.json', 'hard.json'),
    ...names.flatMap((name, turn): Step[] => [
      ...(turn === 0
        ? []
        : [(scene: Parameters<Step>[0]) => (scene.way === 'killed' ? scene.kill() : scene.end())]),
      start({ input: SPELLINGS[name] }),
      counted,
      write('logs/events.json', 1),
      counted,
    ]),
  ],
});
const all = Object.keys(SPELLINGS) as (keyof typeof SPELLINGS)[];

const moved = (to: string, input: string, ...steps: Step[]): Scenario => ({
  live: to,
  ways: ['running'],
  steps: [
    write('logs/events.json', 3),
    start({ input: '%/logs/events.json' }),
    counted,
    kill,
    write('logs/events.json', 1),
    ...steps,
    start({ input }),
    counted,
    write(to, 1),
  ],
});

const several = (inputs: string[], steps: Step[], more: Partial<Scenario> = {}): Scenario => ({
  input: inputs,
  live: 'a/events.json',
  ways: ['killed', 'running', 'down', 'ended'],
  ...more,
  steps,
});
const two: Step[] = [
  write('a/events.json', 3),
  write('b/events.json', 2),
  start(),
  counted,
  moment,
  write('a/events.json', 1),
  write('b/events.json', 2),
  moment,
  counted,
];

export const SPELLING: Rows = {
  'a path that holds what patterns are made of': Object.assign({}, ...odd.map(plain)),
  'another spelling at each start': {
    'one after another': respelled(all),
    'and back': respelled(all.toReversed(), { long: true }),
    ...Object.fromEntries(
      all.flatMap((name) =>
        all
          .filter((other) => other !== name)
          .map((other): [string, Scenario] => [
            `${name}, then ${other}`,
            respelled([name, other, name], { long: true, ways: ['killed'] }),
          ]),
      ),
    ),
    'the directory has another name': moved('data/events.json', '%/data/events.json', rename('logs', 'data')),
    'the file has another name': moved(
      'logs/falco.json',
      '%/logs/falco.json',
      rename('logs/events.json', 'logs/falco.json'),
    ),
    'the volume is mounted elsewhere, and the file was rotated': moved(
      'data/events.json',
      '%/data/events.json',
      rename('logs', 'data'),
      rename('data/events.json', 'data/events.json.1'),
      write('data/events.json', 2),
    ),
    'another spelling while it was away': {
      live: 'logs/events.json',
      ways: ['running'],
      steps: [
        write('logs/events.json', 3),
        start({ input: '%/logs/events.json' }),
        counted,
        kill,
        rename('logs', 'away'),
        start({ input: './logs/events.json' }),
        answers('/readyz', 503),
        end,
        start({ input: '%/logs/*.json' }),
        answers('/readyz', 503),
        rename('away', 'logs'),
        write('logs/events.json', 1),
        counted,
      ],
    },
  },
  '--input.file given twice': {
    'two paths': several(['%/a/events.json', '%/b/events.json'], two),
    'in another order at a start': several(
      ['%/a/events.json', '%/b/events.json'],
      [
        ...two,
        end,
        start({ input: ['%/b/events.json', '%/a/events.json'] }),
        write('b/events.json', 1),
        write('a/events.json', 1),
        counted,
      ],
      { ways: ['running'] },
    ),
    'a path and a pattern of it': several(['%/a/events.json', '%/*/events.json'], two),
    'twice the same': several(['%/a/events.json', './a/events.json', '%/b/*.json', '%/b/events.json'], two),
    'two patterns': several(
      ['%/a/*.json', '%/b/*.json'],
      [
        ...two,
        moment,
        rename('a/events.json', 'a/events.1.json'),
        write('a/events.json', 1),
        rename('b/events.json', 'b/events-1.json'),
        write('b/events.json', 1),
        moment,
        counted,
      ],
    ),
    'a file that goes from one to the other': several(
      ['%/a/events.json', '%/b/events.json'],
      [
        ...two,
        moment,
        remove('b/events.json'),
        rename('a/events.json', 'b/events.json'),
        write('b/events.json', 1),
        write('a/events.json', 1),
        moment,
        counted,
      ],
    ),
    'one is not there yet': several(
      ['%/a/events.json', '%/b/events.json'],
      [
        write('a/events.json', 3),
        start(),
        counted,
        answers('/readyz', 503),
        moment,
        write('b/events.json', 2),
        moment,
        counted,
      ],
    ),
  },
};
