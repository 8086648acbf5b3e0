/** More members of a kind: what blocks or never ends, pieces of lines, damaged files, and what the state keeps. */
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { without } from '../../../support/programs.ts';
import {
  answers,
  append,
  copy,
  counted,
  end,
  fifo,
  kill,
  mkdir,
  moment,
  perScene,
  rename,
  risky,
  type Step,
  saved,
  shell,
  start,
  symlink,
  truncate,
  write,
} from '../../../support/steps.ts';
import type { Rows, Scenario } from '../table.ts';

const begun: Step[] = [write('events.json', 3), start(), counted];

/** The live file is counted, it is ready, and SIGTERM ends it, whatever lies beside it. */
const beside = (name: string, put: Step[], more: Partial<Scenario> = {}): Record<string, Scenario> => {
  const steps = [
    ...begun,
    moment,
    ...put,
    write('events.json', 2),
    rename('events.json', 'events.json.1'),
    write('events.json', 1),
    moment,
    counted,
    write('events.json', 1),
    counted,
  ];
  const common = {
    gap: 'allowed',
    text: 'any',
    malformed: 'any',
    oversized: 'any',
    long: true,
    ways: ['running', 'down', 'killed'],
    steps,
    ...more,
  } as const;
  return { [name]: common, [`${name}, in a pattern`]: { ...common, input: '%/events*' } };
};

const socket =
  (path: string): Step =>
  (scene) =>
    new Promise((resolve) => {
      const server = createServer().listen(scene.at(path), resolve);
      scene.finally(() => new Promise<void>((closed) => void server.close(() => closed())));
    });

/** A rotated .gz of what nobody read. */
const zipped = (make: (text: string) => Buffer): Step[] => [
  risky(write('rotated', 20, 300)),
  append('events.json.2.gz', (_, scene) => make(readFileSync(scene.at('rotated'), 'utf8'))),
];

/** CRI's and Docker's pieces of one event. */
const TIME = '2026-11-25T10:00:00.000000000Z';
const cri = (stream: string, tag: string, piece: string) => `${TIME} ${stream} ${tag} ${piece}\n`;
const thirds = (event: string) => [event.slice(0, 50), event.slice(50, 100), event.slice(100)] as const;
const pieces = perScene(() => ({ waiting: [] as string[] }));

/** The next piece of an event that is written in three. */
const piece =
  (file: string): Step =>
  (scene) => {
    const { waiting } = pieces(scene);
    if (waiting.length === 0) waiting.push(...thirds(scene.event(file)));
    const next = waiting.shift()!;
    scene.append(file, cri('stdout', waiting.length > 0 ? 'P' : 'F', next));
  };
const other = (file: string, tag: string): Step => append(file, () => cri('stderr', tag, 'noise'));
const whole = (file: string): Step => append(file, (event) => cri('stdout', 'F', event()));

const inPieces = (steps: Step[], more: Partial<Scenario> = {}): Scenario => ({
  input: '%/0.log',
  live: null,
  long: true,
  text: 'any',
  steps: [whole('0.log'), start(), counted, moment, ...steps, moment, whole('0.log'), counted],
  ...more,
});
const log = '0.log';
const turn = (n: number, compress = false): Step =>
  shell(`mv 0.log 0.log.20261125-14115${n}${compress ? ` && gzip 0.log.20261125-14115${n}` : ''}`);

export const LINE_VARIANTS: Rows = {
  'what lies beside the input': {
    ...beside('a socket', [socket('events.json.5')]),
    ...beside('a directory', [mkdir('events.json.5'), write('events.json.5/x', 0)]),
    ...beside('a link to /dev/zero', [symlink('/dev/zero', 'events.json.5')]),
    ...beside('a link to /dev/tty', [symlink('/dev/tty', 'events.json.5')]),
    ...beside('a link to a FIFO', [fifo('pipe'), symlink('pipe', 'events.json.5.gz')]),
    ...beside('a link to itself', [symlink('events.json.5', 'events.json.5')]),
    ...beside('a link to its directory', [symlink('.', 'events.json.5')]),
    ...beside('a .gz of zeros without a line end', [
      shell('head -c 300000000 /dev/zero | gzip -1 > events.json.5.gz'),
    ]),
    ...beside('a .gz in a .gz', [shell('echo x | gzip | gzip > events.json.5.gz')]),
    ...beside('a million empty members', [
      shell(
        'printf "" | gzip > e; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do cat e e > f; mv f e; done; mv e events.json.5.gz',
      ),
    ]),
    ...beside('a sparse file of 2 GB', [shell('truncate -s 2G events.json.5')], {
      skip: without('truncate'),
    }),
  },
  'what takes the place of the input': {
    'a FIFO and back, in a chain of rotation': {
      long: true,
      ways: ['running'],
      steps: [
        ...begun,
        rename('events.json', 'events.json.1'),
        fifo('events.json'),
        answers('/readyz', 503),
        shell('rm events.json && mv events.json.1 events.json'),
        write('events.json', 2),
        counted,
      ],
    },
    '/dev/null': {
      long: true,
      ways: ['running'],
      steps: [
        ...begun,
        rename('events.json', 'aside'),
        symlink('/dev/null', 'events.json'),
        answers('/readyz', 503),
        shell('rm events.json && mv aside events.json'),
        write('events.json', 2),
        counted,
      ],
    },
    'a socket': {
      long: true,
      ways: ['running'],
      steps: [
        ...begun,
        rename('events.json', 'aside'),
        socket('events.json'),
        answers('/readyz', 503),
        end,
        start(),
        answers('/readyz', 503),
        shell('rm events.json && mv aside events.json'),
        write('events.json', 2),
        counted,
      ],
    },
  },
  'pieces, more ways': {
    'another stream between them': inPieces([
      piece(log),
      other(log, 'F'),
      piece(log),
      other(log, 'P'),
      piece(log),
      other(log, 'F'),
    ]),
    'over three rotations, compressed': inPieces([
      piece(log),
      turn(1, true),
      piece(log),
      turn(2, true),
      piece(log),
    ]),
    'two events in pieces, a rotation in each': inPieces([
      piece(log),
      turn(1),
      piece(log),
      piece(log),
      piece(log),
      turn(2),
      piece(log),
      piece(log),
    ]),
    'a kill at each piece': inPieces(
      [piece(log), kill, start(), piece(log), turn(1), kill, start(), piece(log), whole(log)],
      { ways: ['running'] },
    ),
    'a piece of a stream that ends no line': inPieces(
      [other(log, 'P'), whole(log), turn(1), whole(log), piece(log), piece(log), piece(log)],
      { malformed: 'any' },
    ),
  },
  'damaged .gz, more ways': Object.fromEntries(
    (
      [
        ['a bit is wrong in the middle', (all) => flip(gzipSync(all), 0.5)],
        ['a bit is wrong in the header', (all) => flip(gzipSync(all), 0)],
        ['cut within the header', (all) => gzipSync(all).subarray(0, 6)],
        ['its file name and a comment in the header', (all) => named(gzipSync(all))],
        ['a text before it', (all) => Buffer.concat([Buffer.from('text\n'), gzipSync(all)])],
        ['stored, not deflated', (all) => gzipSync(all, { level: 0 })],
      ] as [string, (all: string) => Buffer][]
    ).map(([name, make]): [string, Scenario] => [
      name,
      {
        long: true,
        gap: 'allowed',
        malformed: 'any',
        text: 'any',
        oversized: 'any',
        ways: ['down', 'running'],
        steps: [...begun, moment, ...zipped(make), write('events.json', 1), moment, counted],
      },
    ]),
  ),
  'what the state keeps': {
    'copytruncate, 60 times': {
      long: true,
      ends: true,
      ways: ['running'],
      steps: [
        ...begun,
        ...Array.from({ length: 60 }, () => [
          copy('events.json', 'events.json.1'),
          truncate('events.json', 0),
          write('events.json', 1),
          counted,
        ]).flat(),
        saved,
        (scene) => {
          const { size } = statSync(scene.at('state/snapshot.json'));
          if (size > 200_000) throw new Error(`the snapshot has ${size} bytes`);
        },
        end,
      ],
    },
  },
};

function flip(zipped: Buffer, at: number): Buffer {
  const changed = Buffer.from(zipped);
  changed[Math.floor(zipped.length * at)]! ^= 0x10;
  return changed;
}

/** With FNAME and FCOMMENT set. */
function named(zipped: Buffer): Buffer {
  const header = Buffer.from(zipped.subarray(0, 10));
  header[3] = 0x18;
  return Buffer.concat([header, Buffer.from('events.json\0a comment\0'), zipped.subarray(10)]);
}
