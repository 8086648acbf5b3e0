/**
 * What does not answer, or never ends, keeps nothing else from being counted: the live file has its turn, what can't be
 * read is told, and the process ends when it is asked to.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { pause } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';
import {
  answers,
  counted,
  create,
  end,
  fifo,
  free,
  kill,
  looked,
  moment,
  remove,
  rename,
  type Step,
  start,
  symlink,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const begun: Step[] = [write('events.json', 3), start(), counted];

/** A thousand million bytes of `a\n` in 1 MB: as many members as it takes. @param members whether there are many */
const bomb =
  (path: string, bytes = 1_000_000_000, members = 50): Step =>
  (scene) => {
    const member = gzipSync(Buffer.alloc(bytes / members, 'a\n'), { level: 6 });
    writeFileSync(scene.at(path), Buffer.concat(Array.from({ length: members }, () => member)));
  };

/**
 * Another process holds a lease on the file: whoever opens it waits until that is given back, up to 45 s; who asks not
 * to wait is told so. A mount that dies behaves alike.
 */
const lease =
  (path: string): Step =>
  async (scene) => {
    const program = [
      '$SIG{IO} = "IGNORE"; $| = 1;',
      'open(F, "+<", $ARGV[0]) or die $!;',
      'fcntl(F, 1024, 1) or die "no lease: $!";',
      'print "held\\n"; sleep 120;',
    ].join(' ');
    const holder = spawn('perl', ['-e', program, scene.at(path)], { stdio: ['ignore', 'pipe', 'inherit'] });
    scene.finally(() => void holder.kill('SIGKILL'));
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(() => Promise.reject(new Error('no lease'))),
    ]);
    held.set(scene.at(path), holder);
  };
/** An event in a file that comes into sight with a lease on it. */
const leased = (path: string): Step[] => [
  free((scene) => scene.append(`aside/${path}`, `${scene.event(path)}\n`)),
  lease(`aside/${path}`),
  rename(`aside/${path}`, path),
];
const held = new Map<string, ReturnType<typeof spawn>>();
const release =
  (path: string): Step =>
  async (scene) => {
    const holder = held.get(scene.at(`aside/${path}`)) ?? held.get(scene.at(path))!;
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
  };

const noKernelLog =
  existsSync('/proc/kmsg') && process.getuid?.() === 0 ? false : 'needs /proc/kmsg, and root';
const noLease = without('perl');
const five = [1, 2, 3, 4, 5];
/** Its events are to come within this, whatever else there is to do. */
const soon: Step = (scene) =>
  Promise.race([
    scene.counted(),
    pause(15_000).then(() => Promise.reject(new Error('the live file had no turn in 15 s'))),
  ]);

const bombs: Record<string, Scenario> = Object.fromEntries(
  Object.entries({ 'many members': 50, 'one member': 1 }).map(([kind, members]): [string, Scenario] => [
    `a bomb beside the live file, ${kind}`,
    {
      ways: ['running', 'down', 'stopped'],
      long: true,
      text: 'any',
      ends: true,
      steps: [
        ...begun,
        moment,
        bomb('events.json.1.gz', 1_000_000_000, members),
        rename('events.json', 'events.json.2'),
        write('events.json', 2),
        moment,
        soon,
        write('events.json', 1),
        soon,
        write('events.json', 1),
        soon,
        end,
        start(),
        write('events.json', 1),
        soon,
        end,
      ],
    },
  ]),
);

export const BLOCKING: Rows = {
  'what never ends': {
    ...bombs,
    'a bomb in a pattern': {
      input: '%/*.json*',
      text: 'any',
      ends: true,
      long: true,
      ways: ['running'],
      steps: [...begun, bomb('a.json.gz'), write('events.json', 2), soon, write('events.json', 1), soon, end],
    },
    'a rotated name that is a link to what blocks': {
      skip: noKernelLog,
      text: 'any',
      malformed: 'any',
      ends: true,
      ways: ['running', 'down', 'killed'],
      steps: [
        ...begun,
        moment,
        symlink('/proc/kmsg', 'events.json.2'),
        rename('events.json', 'events.json.1'),
        write('events.json', 2),
        moment,
        soon,
        write('events.json', 1),
        soon,
        end,
      ],
    },
    'a file of a pattern blocks': {
      skip: noKernelLog,
      input: '%/*.json',
      text: 'any',
      malformed: 'any',
      ends: true,
      ways: ['running', 'down', 'killed'],
      steps: [
        ...begun,
        moment,
        symlink('/proc/kmsg', 'a.json'),
        write('events.json', 2),
        moment,
        soon,
        write('events.json', 1),
        soon,
        end,
      ],
    },
    'the input itself blocks': {
      skip: noKernelLog,
      input: ['/proc/kmsg'],
      text: 'any',
      malformed: 'any',
      ends: true,
      ways: ['running'],
      steps: [start(), answers('/healthz', 200), answers('/readyz', 503), end],
    },
    'rotated names whose opening waits': {
      skip: noLease,
      ends: true,
      gap: 'allowed',
      ways: ['running', 'down', 'killed'],
      steps: [
        ...begun,
        moment,
        ...five.flatMap((n) => leased(`events.json.${n + 1}`)),
        rename('events.json', 'events.json.1'),
        write('events.json', 2),
        moment,
        soon,
        write('events.json', 1),
        soon,
        end,
      ],
    },
    'the live file waits to be opened at a restart': {
      skip: noLease,
      ways: ['running'],
      steps: [
        ...begun,
        kill,
        lease('events.json'),
        start(),
        answers('/healthz', 200),
        answers('/readyz', 503),
        end,
        start(),
        looked,
        release('events.json'),
        write('events.json', 2),
        counted,
      ],
    },
    'files of a pattern wait to be opened': {
      skip: noLease,
      input: '%/*.json',
      ways: ['running', 'killed', 'down'],
      steps: [
        ...begun,
        moment,
        ...five.flatMap((n) => leased(`${n}.json`)),
        (scene) => (scene.down ? scene.start() : undefined),
        (scene) => scene.metric('the live file is counted', (metrics) => metrics.size > 0),
        ...five.map((n) => release(`${n}.json`)),
        write('events.json', 1),
        counted,
        (scene) => (scene.way === 'down' ? undefined : scene.moment()),
      ],
    },
  },
  'what is no file': {
    'a FIFO in its place': {
      ways: ['running', 'down', 'killed', 'ended', 'stopped'],
      steps: [
        ...begun,
        moment,
        rename('events.json', 'aside'),
        fifo('events.json'),
        moment,
        answers('/readyz', 503, /INPUT_NOT_A_FILE/),
        remove('events.json'),
        rename('aside', 'events.json'),
        write('events.json', 1),
        counted,
      ],
    },
    'a FIFO that comes and goes': {
      ways: ['running'],
      steps: [
        ...begun,
        fifo('fifo'),
        async (scene) => {
          // As fast as it can: each look may find the one, and open the other.
          const until = Date.now() + 3000;
          while (Date.now() < until) {
            for (let n = 0; n < 200; n++) {
              renameSync(scene.at('events.json'), scene.at('aside'));
              renameSync(scene.at('fifo'), scene.at('events.json'));
              renameSync(scene.at('events.json'), scene.at('fifo'));
              renameSync(scene.at('aside'), scene.at('events.json'));
            }
            await pause(1);
          }
        },
        write('events.json', 2),
        counted,
        end,
        start(),
      ],
    },
    'a FIFO from the first start': {
      ways: ['running', 'killed'],
      steps: [
        fifo('events.json'),
        start(),
        answers('/readyz', 503, /INPUT_NOT_A_FILE/),
        moment,
        answers('/readyz', 503, /INPUT_NOT_A_FILE/),
        remove('events.json'),
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'FIFOs and devices under rotated names': {
      steps: [
        ...begun,
        moment,
        fifo('events.json.2'),
        fifo('events.json.3.gz'),
        symlink('events.json.2', 'events.json.4'),
        symlink('/dev/zero', 'events.json.5'),
        symlink('/dev/full', 'events-2026-11-25.json'),
        (scene) => void mkdirSync(scene.at('events.json.6')),
        symlink('events.json.7', 'events.json.7'),
        rename('events.json', 'events.json.1'),
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'FIFOs in a pattern': {
      input: '%/*.json',
      steps: [
        ...begun,
        moment,
        fifo('a.json'),
        symlink('a.json', 'b.json'),
        symlink('/dev/zero', 'c.json'),
        (scene) => void mkdirSync(scene.at('d.json')),
        create('e.json'),
        write('events.json', 2),
        moment,
        write('e.json', 1),
        counted,
      ],
    },
  },
};
