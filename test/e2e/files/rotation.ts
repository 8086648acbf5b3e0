/**
 * Rotation by what people use: logrotate itself where it is installed, and each of its steps in the order that loses
 * most, with a writer that opens its file for each event (Falco's `keep_alive: false`) and one that keeps it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';

import { without } from '../../support/programs.ts';
import type { Scene } from '../../support/scene.ts';
import {
  compress,
  copy,
  counted,
  create,
  gzip,
  moment,
  rename,
  risky,
  type Step,
  start,
  truncate,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const LOGROTATE = '/usr/sbin/logrotate';
const noLogrotate = without(LOGROTATE);

const begun: Step[] = [write('events.json', 3), start(), counted];

/** Falco writes between logrotate's rename and its create: logrotate then moves Falco's file away. */
const raced = (backup: string, between: Step[] = []): Step[] => [
  ...begun,
  moment,
  rename('events.json', 'events.json.1'),
  write('events.json', 2),
  ...between,
  rename('events.json', backup),
  create('events.json'),
  write('events.json', 1),
  moment,
  write('events.json', 1),
];

interface Rotating {
  /** Lines of logrotate's configuration. */
  options: string;
  /** Whether the writer keeps its file open until the next rotation, else it opens it for each event. */
  keeps?: boolean;
  /** Whether it writes nothing while logrotate runs: what would be lost by any reader. */
  quiet?: boolean;
  turns?: number;
  input?: string;
  more?: Partial<Scenario>;
}

/** A writer that writes on while logrotate runs; logrotate is run by force, several times. */
export function logrotated({
  options,
  keeps = false,
  quiet = false,
  turns = 4,
  input = '%/events.json',
  more = {},
}: Rotating): Scenario {
  const rotate: Step = async (scene) => {
    const writer = new Writer(scene, keeps);
    writer.write(2);
    const rotation = spawn(
      LOGROTATE,
      ['--force', '--state', scene.at('rotation.state'), scene.at('rotation.conf')],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const ended = once(rotation, 'exit') as Promise<[number]>;
    let running = true;
    ended.then(() => {
      running = false;
    });
    // As a busy host: Falco's events come at any moment of it.
    for (let n = 0; running; n++) {
      if (n < 400 && !quiet) writer.write(1);
      await new Promise(setImmediate);
    }
    writer.write(2);
    writer.close();
  };
  return {
    input,
    skip: noLogrotate,
    ...more,
    steps: [
      write('events.json', 3),
      (scene) => {
        writeFileSync(
          scene.at('rotation.conf'),
          `${scene.at('events.json')} {\n  rotate 20\n  su root root\n${options}\n}\n`,
        );
      },
      start(),
      counted,
      ...Array.from({ length: turns }, (): Step[] => [
        moment,
        rotate,
        moment,
        write('events.json', 1),
        counted,
      ]).flat(),
    ],
  };
}

class Writer {
  readonly #scene: Scene;
  readonly #keeps: boolean;
  #fd: number | undefined;

  constructor(scene: Scene, keeps: boolean) {
    this.#scene = scene;
    this.#keeps = keeps;
  }

  write(events: number): void {
    for (let n = 0; n < events; n++) {
      this.#fd ??= openSync(this.#scene.at('events.json'), 'a');
      writeSync(this.#fd, `${this.#scene.event('events.json')}\n`);
      if (!this.#keeps) this.close();
    }
    this.#scene.changed();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

export const ROTATION: Rows = {
  'logrotate create, step by step': {
    'a backup of the same second': { steps: raced('events.json-2026112510.backup') },
    'a backup with the time': { steps: raced('events.json-20261125100000.backup') },
    'a backup, seen before': {
      ways: ['running', 'killed'],
      steps: raced('events.json-20261125100000.backup', [counted]),
    },
    'two backups': {
      steps: [
        ...raced('events.json-20261125100000.backup'),
        moment,
        rename('events.json.1', 'events.json.2'),
        rename('events.json', 'events.json.1'),
        write('events.json', 2),
        rename('events.json', 'events.json-20261126100000.backup'),
        create('events.json'),
        moment,
      ],
    },
    'dateext, and a backup': {
      steps: [
        ...begun,
        moment,
        rename('events.json', 'events.json-20261125'),
        write('events.json', 2),
        rename('events.json', 'events.json-20261125-20261125100000.backup'),
        create('events.json'),
        moment,
        write('events.json', 1),
      ],
    },
    'no create': {
      steps: [
        ...begun,
        moment,
        rename('events.json', 'events.json.1'),
        moment,
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'the pattern sees the backup': { input: '%/events.json*', steps: raced('events.json-2026112510.backup') },
  },
  logrotate: {
    create: logrotated({ options: 'create 0644 root root' }),
    'create, the writer keeps its file': logrotated({ options: 'create', keeps: true, more: { long: true } }),
    nocreate: logrotated({ options: 'nocreate', more: { long: true } }),
    'create, dateext': logrotated({
      options: 'create\ndateext\ndateformat -%Y-%m-%d-%H%M%S.%s',
      turns: 2,
      more: { long: true },
    }),
    'create, dateext, extension': logrotated({
      options: 'create\ndateext\ndateformat -%s\nextension .json',
      turns: 2,
      more: { long: true },
    }),
    'create, compress': logrotated({
      options: 'create\ncompress',
      turns: 3,
      more: { ways: ['running', 'killed', 'stopped', 'down', 'ended'] },
    }),
    'create, compress, delaycompress': logrotated({
      options: 'create\ncompress\ndelaycompress',
      more: { long: true },
    }),
    'create, compress, the writer keeps its file': logrotated({
      options: 'create\ncompress\ndelaycompress',
      keeps: true,
      more: { long: true },
    }),
    'create, extension': logrotated({ options: 'create\nextension .json', more: { long: true } }),
    'create, extension, a pattern': logrotated({ options: 'create\nextension .json', input: '%/*.json' }),
    'create, a pattern of all': logrotated({
      options: 'create',
      input: '%/events.json*',
      more: { long: true },
    }),
    'create, olddir': logrotated({
      options: 'create\nolddir old\ncreateolddir 0755 root root',
      more: { gap: 'allowed', ways: ['running', 'killed'], long: true },
    }),
    'create, zstd': logrotated({
      options:
        'create\ncompress\ncompresscmd /usr/bin/zstd\ncompressext .zst\ncompressoptions --rm\nuncompresscmd /usr/bin/unzstd',
      more: { gap: 'allowed', ways: ['running'], long: true, skip: noLogrotate || without('zstd') },
    }),
    'create, shred': logrotated({ options: 'create\nshred\nrotate 20', more: { long: true } }),
    'rotate 1: what is read goes': logrotated({
      options: 'create\nrotate 1',
      turns: 3,
      more: { ways: ['running'], long: true },
    }),
  },
  copytruncate: {
    'copied whole': {
      todo: 'a false gap on a busy machine: it is truncated again before the first copy is read',
      steps: [
        ...begun,
        moment,
        write('events.json', 2),
        copy('events.json', 'events.json.1'),
        truncate('events.json', 0),
        write('events.json', 2),
        moment,
        counted,
        moment,
        copy('events.json.1', 'events.json.2'),
        copy('events.json', 'events.json.1'),
        truncate('events.json', 0),
        moment,
        write('events.json', 1),
      ],
    },
    'compressed at once': {
      ways: ['running', 'down', 'stopped', 'killed'],
      steps: [
        ...begun,
        moment,
        write('events.json', 2),
        copy('events.json', 'events.json.1'),
        truncate('events.json', 0),
        gzip('events.json.1'),
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'dashes and a date': {
      steps: [
        ...begun,
        moment,
        write('events.json', 2),
        copy('events.json', 'events-2026-11-25.json'),
        truncate('events.json', 0),
        write('events.json', 3),
        moment,
        counted,
      ],
    },
    'it grew past its old size': {
      ways: ['stopped', 'down', 'killed', 'running'],
      steps: [
        ...begun,
        moment,
        write('events.json', 1),
        copy('events.json', 'events.json.1'),
        truncate('events.json', 0),
        write('events.json', 9),
        moment,
        counted,
      ],
    },
  },
  'compressed by what is not read': Object.fromEntries(
    (['zstd', 'xz', 'bzip2'] as const).flatMap((program): [string, Scenario][] => [
      [
        `${program}, unread`,
        {
          gap: 'allowed',
          ways: ['down', 'stopped'],
          skip: without(program),
          steps: [
            ...begun,
            moment,
            risky(write('events.json', 2)),
            rename('events.json', 'events.json.1'),
            compress(program, 'events.json.1'),
            write('events.json', 1),
            moment,
            counted,
          ],
        },
      ],
      [
        `${program}, never seen`,
        {
          gap: 'allowed',
          ways: ['stopped', 'down'],
          long: true,
          skip: without(program),
          steps: [
            ...begun,
            moment,
            rename('events.json', 'events.json.2'),
            risky(write('events.json', 2)),
            rename('events.json', 'events.json.1'),
            compress(program, 'events.json.1'),
            write('events.json', 1),
            moment,
            counted,
          ],
        },
      ],
      [
        `${program}, read before`,
        {
          ways: ['running'],
          skip: without(program),
          steps: [
            ...begun,
            rename('events.json', 'events.json.1'),
            write('events.json', 1),
            counted,
            compress(program, 'events.json.1'),
            write('events.json', 1),
            counted,
          ],
        },
      ],
    ]),
  ),
};
