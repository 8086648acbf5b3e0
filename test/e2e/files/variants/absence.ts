/** More members of a kind: what goes out of sight, odd paths, other spellings, inputs given twice, cuts and clocks. */
import { without } from '../../../support/programs.ts';
import {
  answers,
  append,
  counted,
  create,
  end,
  hardLink,
  kill,
  looked,
  mkdir,
  moment,
  remove,
  rename,
  rewrite,
  type Step,
  saved,
  shell,
  start,
  symlink,
  touch,
  truncate,
  write,
} from '../../../support/steps.ts';
import type { Rows, Scenario } from '../table.ts';

const PATH = 'deep/logs/events.json';
const begun: Step[] = [write(PATH, 3), start(), counted];
const waits = answers('/readyz', 503);

/** Away while it starts, then back while it runs. */
const away = (gone: Step[], back: Step[], more: Partial<Scenario> = {}): Scenario => ({
  input: `%/${PATH}`,
  live: PATH,
  long: true,
  ways: ['running'],
  steps: [
    ...begun,
    kill,
    ...gone,
    start(),
    waits,
    end,
    start(),
    waits,
    ...back,
    write(PATH, 2),
    counted,
    kill,
    start(),
    write(PATH, 1),
    counted,
  ],
  ...more,
});
/** The same for a path and for a pattern. */
const both = (name: string, gone: Step[], back: Step[]): Record<string, Scenario> => ({
  [name]: away(gone, back),
  [`${name}, in a pattern`]: away(gone, back, { input: '%/*/logs/*.json' }),
});

const noMounts = without('unshare') || without('nsenter') || (process.getuid?.() !== 0 && 'needs root');
const within =
  (command: string): Step =>
  (scene) =>
    shell(`nsenter -t ${scene.pid} -m --wd="$PWD" sh -ec '${command}'`)(scene);

const odd = [
  '-events.json',
  'deep/-r/--help.json',
  'new\nline/events.json',
  'back\\slash/ev\\*.json',
  ' blanks /events.json ',
  `${'n'.repeat(250)}.json`,
  'größe/Ereignisse-日本.json',
  '~/events.json',
  '#1/100%25.json',
  '!(x)/*(y).json',
  'a,b/c;d=e&f.json',
  '"quoted"/`date`.json',
];

const cut = (steps: Step[], more: Partial<Scenario> = {}): Scenario => ({
  gap: 'allowed',
  long: true,
  steps: [
    write('events.json', 10),
    start(),
    saved,
    moment,
    ...steps,
    moment,
    write('events.json', 2),
    counted,
  ],
  ...more,
});

export const ABSENCE_VARIANTS: Rows = {
  'out of sight, more ways': {
    ...both('two directories above are renamed', [rename('deep', 'moved')], [rename('moved', 'deep')]),
    ...both(
      'a file is in the place of its directory',
      [rename('deep/logs', 'aside'), shell('touch deep/logs')],
      [remove('deep/logs'), rename('aside', 'deep/logs')],
    ),
    ...both(
      'a link to itself is in its place',
      [rename(PATH, 'aside'), shell('ln -s events.json deep/logs/events.json')],
      [remove(PATH), rename('aside', PATH)],
    ),
    'an empty file is in its place': {
      gap: 'allowed',
      input: `%/${PATH}`,
      live: PATH,
      long: true,
      ways: ['running'],
      steps: [
        ...begun,
        kill,
        rename(PATH, 'aside'),
        create(PATH),
        start(),
        looked,
        rename('aside', PATH),
        write(PATH, 2),
        counted,
      ],
    },
    'a volume comes to the mount point while it runs': {
      input: `%/${PATH}`,
      live: null,
      long: true,
      ways: ['running'],
      skip: noMounts,
      steps: [
        ...begun,
        kill,
        rename('deep/logs', 'volume'),
        mkdir('deep/logs'),
        start({ under: ['unshare', '-m'] }),
        waits,
        within('mount --bind volume deep/logs'),
        write('volume/events.json', 2),
        counted,
        within('umount -l deep/logs'),
        waits,
        write('volume/events.json', 1),
        within('mount --bind volume deep/logs'),
        counted,
      ],
      ends: true,
    },
    'another volume is mounted for a while': {
      input: `%/${PATH}`,
      live: PATH,
      long: true,
      ways: ['running'],
      skip: noMounts,
      steps: [
        start({ under: ['unshare', '-m'] }),
        write(PATH, 3),
        counted,
        within('mount -t tmpfs none deep/logs'),
        looked,
        looked,
        within('umount -l deep/logs'),
        write(PATH, 2),
        counted,
      ],
    },
  },
  'more odd paths': Object.fromEntries(
    odd.map((path): [string, Scenario] => [
      path.slice(0, 30),
      {
        input: path.startsWith('-') || path.startsWith('~') ? `./${path}` : `%/${path}`,
        live: path,
        long: true,
        ways: ['killed', 'running', 'down'],
        steps: [
          write(path, 3),
          start(),
          counted,
          moment,
          write(path, 2),
          ...(path.length > 200 ? [] : [rename(path, `${path}.1`), write(path, 2)]),
          moment,
          counted,
          moment,
          write(path, 1),
        ],
      },
    ]),
  ),
  'more spellings': {
    '/proc/self/cwd, a chain of links, then the path': {
      live: PATH,
      long: true,
      ways: ['running'],
      steps: [
        write(PATH, 3),
        symlink('deep', 'a'),
        symlink('a', 'b'),
        symlink('b/logs/events.json', 'c'),
        start({ input: `%/${PATH}` }),
        counted,
        ...[
          `/proc/self/cwd/${PATH}`,
          '%/c',
          '%/b/logs/events.json',
          '%/[a-b]/**/events.json',
          `%/${PATH}`,
        ].flatMap((input): Step[] => [kill, write(PATH, 1), start({ input }), write(PATH, 1), counted]),
      ],
    },
    'given twice: a link and its target': {
      input: ['%/link.json', `%/${PATH}`],
      live: PATH,
      long: true,
      steps: [
        write(PATH, 3),
        symlink(PATH, 'link.json'),
        start(),
        counted,
        moment,
        write(PATH, 1),
        rename(PATH, `${PATH}.1`),
        write(PATH, 1),
        moment,
        counted,
      ],
    },
    'given twice: a hard link made while it runs': {
      input: [`%/${PATH}`, '%/hard.json'],
      live: PATH,
      long: true,
      steps: [
        ...begun,
        moment,
        hardLink(PATH, 'hard.json'),
        write(PATH, 1),
        moment,
        counted,
        moment,
        remove('hard.json'),
        write(PATH, 1),
        moment,
        counted,
      ],
    },
    'given twice: a rotated file of its own': {
      input: [`%/${PATH}`, `%/${PATH}.1`],
      live: PATH,
      long: true,
      steps: [
        ...begun,
        moment,
        write(PATH, 1),
        rename(PATH, `${PATH}.1`),
        write(PATH, 1),
        moment,
        counted,
        moment,
        rename(`${PATH}.1`, `${PATH}.2`),
        rename(PATH, `${PATH}.1`),
        write(PATH, 1),
        moment,
        counted,
      ],
    },
    'given twice, then once, then twice': {
      live: 'a/events.json',
      long: true,
      ways: ['running'],
      steps: [
        write('a/events.json', 3),
        write('b/events.json', 3),
        start({ input: ['%/a/events.json', '%/b/events.json'] }),
        counted,
        saved,
        kill,
        start({ input: '%/a/events.json' }),
        write('a/events.json', 1),
        counted,
        end,
        write('b/events.json', 1),
        start({ input: ['%/b/events.json', '%/a/events.json'] }),
        write('a/events.json', 1),
        counted,
      ],
    },
  },
  'cut, more ways': {
    ': > f': cut([shell(': > events.json')]),
    'cp /dev/null f': cut([shell('cp /dev/null events.json')]),
    'head -c within a line': cut(
      [
        shell(
          'head -c $(($(head -n 3 events.json | wc -c) + 7)) events.json > t; cat t > events.json; echo >> events.json',
        ),
      ],
      { malformed: 'any' },
    ),
    'fallocate --collapse-range': cut(
      [write('events.json', 40, 600), saved, shell('fallocate --collapse-range -o 0 -l 4096 events.json')],
      { malformed: 'any', text: 'any', again: true, ways: ['running', 'down', 'killed'] },
    ),
    'fallocate --punch-hole where all was read': cut(
      [write('events.json', 40, 600), saved, shell('fallocate --punch-hole -o 0 -l 8192 events.json')],
      { malformed: 'any', text: 'any', again: true, oversized: 'any' },
    ),
    'truncate -s, longer than it was': cut(
      [saved, truncate('events.json', (size) => size + 5000), append('events.json', () => '\n')],
      {
        malformed: 'any',
        text: 'any',
        oversized: 'any',
      },
    ),
    'the same bytes again, in place': cut([shell('cp events.json t; cat t > events.json')]),
    'grep -v of one event': cut([rewrite('events.json', (lines) => lines.filter((_, n) => n !== 4))], {
      again: true,
    }),
    'ed deletes the last': cut([shell("printf '$d\\nw\\nq\\n' | ed -s events.json")], {
      skip: without('ed'),
    }),
  },
  'clocks, more ways': Object.fromEntries(
    (
      [
        ['at the epoch', -Date.now() / 1000],
        ['before the epoch', -Date.now() / 1000 - 86_400],
        ['in 2100', 2_366_841_600],
      ] as const
    ).map(([when, seconds]): [string, Scenario] => [
      `last written ${when}`,
      {
        long: true,
        ways: ['down', 'running', 'killed', 'stopped'],
        steps: [
          write('events.json', 3),
          start(),
          counted,
          moment,
          write('events.json', 2),
          rename('events.json', 'events-1.json'),
          touch('events-1.json', seconds),
          write('events.json', 2),
          rename('events.json', 'events-2.json'),
          write('events.json', 1),
          touch('events.json', seconds),
          moment,
          counted,
        ],
      },
    ]),
  ),
};
