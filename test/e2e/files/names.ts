/**
 * Rotated files, whatever they are called: while nobody runs, and twice while nobody looks. Many names share a process:
 * each has a directory of its own, of one pattern that matches no rotated file.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  counted,
  free,
  moment,
  perScene,
  rename,
  risky,
  type Step,
  start,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

/** The file that is written, and what it is called after one, two and three rotations. */
interface Names {
  live?: string;
  rotated: readonly [string, string, string];
  /** Each keeps its name; else the first is the newest, and all move on. */
  dated?: boolean;
}

const chain = (name: (n: number) => string): Names => ({ rotated: [name(1), name(2), name(3)] });
const dated = (name: (day: string, n: number) => string): Names => ({
  rotated: [name('23', 1), name('24', 2), name('25', 3)],
  dated: true,
});

const NAMES: Record<string, Names> = {
  'logrotate, savelog, Python RotatingFileHandler': chain((n) => `events.json.${n}`),
  'savelog from 0': chain((n) => `events.json.${n - 1}`),
  'two digits': chain((n) => `events.json.0${n}`),
  'logrotate dateext': dated((day) => `events.json-202611${day}`),
  'logrotate dateext, extension': dated((day) => `events-202611${day}.json`),
  'logrotate dateformat with dashes': dated((day) => `events.json-2026-11-${day}`),
  'logrotate dateformat with dashes, extension': dated((day) => `events-2026-11-${day}.json`),
  'logrotate dateformat -%s': dated((day) => `events.json-17640${day}000`),
  'logrotate dateformat .%s, extension': dated((day) => `events.17640${day}000.json`),
  'logrotate dateformat with the hour': dated((day) => `events.json-202611${day}10`),
  'logrotate dateformat, the day first': dated((day) => `events.json-${day}-11-2026`),
  'logrotate extension': chain((n) => `events.${n}.json`),
  'a dash and a number': chain((n) => `events-${n}.json`),
  'an underscore': chain((n) => `events.json_${n}`),
  'an underscore before the extension': chain((n) => `events_${n}.json`),
  'no separator': chain((n) => `events${n}.json`),
  'underscore and date': dated((day) => `events_202611${day}.json`),
  'underscores and time': dated((day) => `events_2026_11_${day}_10_00_00.json`),
  'Python TimedRotatingFileHandler, daily': dated((day) => `events.json.2026-11-${day}`),
  'Python TimedRotatingFileHandler, hourly': dated((day) => `events.json.2026-11-${day}_10`),
  'Python TimedRotatingFileHandler, each minute': dated((day) => `events.json.2026-11-${day}_10-00`),
  'Python TimedRotatingFileHandler, each second': dated((day) => `events.json.2026-11-${day}_10-00-00`),
  lumberjack: dated((day) => `events-2026-11-${day}T10-00-00.000.json`),
  kubelet: dated((day) => `events.json.202611${day}-141155`),
  'kubelet, 0.log': { live: '0.log', ...dated((day) => `0.log.202611${day}-141155`) },
  'epoch seconds': dated((day) => `events.json.17640${day}000`),
  'epoch milliseconds': dated((day) => `events-17640${day}000123.json`),
  'logback, log4j': dated((day, n) => `events.2026-11-${day}.${n}.json`),
  'log4j, the month first': dated((day, n) => `events-11-${day}-2026-${n}.json`),
  'ISO time': dated((day) => `events.json.2026-11-${day}T10:00:00.000Z`),
  'ISO time with an offset': dated((day) => `events-2026-11-${day}T10:00:00+01:00.json`),
  words: { rotated: ['events.json.old', 'events.json.older', 'events.json.oldest'] },
  'x.rot1.log': { live: 'x.log', ...chain((n) => `x.rot${n}.log`) },
  'a backup of logrotate': dated((day) => `events.json-202611${day}10.backup`),
  '.bak, .orig, ~': { rotated: ['events.json.bak', 'events.json.orig', 'events.json~'] },
  'a word before the extension': { rotated: ['events.old.json', 'events.older.json', 'events-backup.json'] },
  'a random word': dated((_, n) => `events-${'kxz'.repeat(n)}.json`),
  'a UUID': dated((day) => `events.json.0b2f3c44-5d6e-4f70-8a91-b2c3d4e5f6${day}`),
  'no extension': { live: 'events', ...chain((n) => `events.${n}`) },
  'no extension, dated': { live: 'events', ...dated((day) => `events-2026-11-${day}`) },
  'two extensions': { live: 'falco.events.json', ...dated((day) => `falco.events-2026-11-${day}.json`) },
  'two extensions, before both': {
    live: 'events.json.log',
    ...dated((day) => `events-2026-11-${day}.json.log`),
  },
  'a hidden file': { live: '.events', ...chain((n) => `.events.${n}`) },
};

/** Names that share nothing with the live one's beginning, or lie elsewhere: read, or a gap that says so. */
const ELSEWHERE: Record<string, Names> = {
  'olddir below': chain((n) => `old/events.json.${n}`),
  'olddir below, dated': dated((day) => `archive/events.json-202611${day}`),
  'olddir beside': chain((n) => `../old-%/events.json.${n}`),
  'a date before the name': dated((day) => `202611${day}-events.json`),
  'a directory for each day': dated((day) => `2026-11-${day}/events.json`),
};

/** @param directory for `%` */
function steps(directory: string, { live = 'events.json', rotated, dated = false }: Names, zip: boolean) {
  const at = (name: string) => `${directory}/${name.replace('%', directory)}`;
  const turns = perScene(() => ({ done: 0 }));
  const zipped = (path: string) => (zip ? `${path}.gz` : path);
  /** One more rotation; compressed are all but the newest, as `delaycompress` does. */
  const rotate: Step = (scene) => {
    const turn = ++turns(scene).done;
    const step = (from: string, to: string) => rename(at(from), at(to))(scene);
    if (dated) {
      step(live, rotated[turn - 1]!);
      if (zip && turn > 1) compress(at(rotated[turn - 2]!))(scene);
      return;
    }
    for (let n = turn - 1; n > 0; n--) {
      const zippedNow = n > 1 && zip;
      step(
        zippedNow ? zipped(rotated[n - 1]!) : rotated[n - 1]!,
        zippedNow ? zipped(rotated[n]!) : rotated[n]!,
      );
      if (zip && n === 1) compress(at(rotated[1]!))(scene);
    }
    step(live, rotated[0]!);
  };
  return { live: at(live), rotate };
}

const compress =
  (path: string): Step =>
  (scene) => {
    writeFileSync(scene.at(`${path}.gz`), gzipSync(readFileSync(scene.at(path))));
    rmSync(scene.at(path));
  };

/** Three rotations, of which two at once; each file holds what was not read, and the middle one was never seen. */
function scenario(names: Record<string, Names>, options: { zip?: boolean; risk?: boolean }): Step[] {
  const each = Object.entries(names).map(([title, name]) =>
    steps(title.replaceAll(/\W+/g, '_'), name, options.zip ?? false),
  );
  const perhaps = (step: Step) => (options.risk ? risky(step) : step);
  return [
    ...each.map(({ live }) => write(live, 2)),
    start(),
    counted,
    moment,
    ...each.flatMap(({ live, rotate }) => [
      perhaps(write(live, 1)),
      rotate,
      // One that came and went between two looks nobody can know, if it went elsewhere.
      options.risk ? free(write(live, 2)) : write(live, 2),
      rotate,
      write(live, 1),
    ]),
    moment,
    counted,
    moment,
    ...each.flatMap(({ live, rotate }) => [perhaps(write(live, 1)), rotate, write(live, 1)]),
    moment,
    counted,
  ];
}

/** By its path, in `npm test`: a pattern is not all that there is. */
const NAMES_SHORT = new Set([
  'logrotate dateformat with dashes',
  'lumberjack',
  'an underscore before the extension',
]);
const LIVE = '%/*/{events.json,0.log,x.log,events,falco.events.json,events.json.log,.events}';
const alone = (names: Names, zip: boolean): Scenario => ({
  input: `%/it/${names.live ?? 'events.json'}`,
  live: null,
  long: true,
  ways: ['down', 'stopped', 'killed', 'running'],
  steps: scenario({ it: names }, { zip }),
});

export const ROTATED_NAMES: Rows = {
  'rotated names': {
    'all of them': {
      input: LIVE,
      live: null,
      ways: ['down', 'stopped', 'killed', 'running'],
      steps: scenario(NAMES, {}),
    },
    'all of them, compressed': {
      input: LIVE,
      live: null,
      ways: ['down', 'stopped', 'killed', 'running'],
      steps: scenario(NAMES, { zip: true }),
    },
    ...Object.fromEntries(
      Object.entries(NAMES).flatMap(([name, names]): [string, Scenario][] => [
        [name, { ...alone(names, false), long: !NAMES_SHORT.has(name) }],
        [`${name}, compressed`, alone(names, true)],
      ]),
    ),
  },
  'rotated to elsewhere': Object.fromEntries(
    Object.entries(ELSEWHERE).map(([name, names], n): [string, Scenario] => [
      name,
      {
        input: '%/it/events.json',
        live: null,
        gap: 'allowed',
        ways: ['down', 'stopped', 'killed', 'running'],
        long: n > 2,
        steps: scenario({ it: names }, { risk: true }),
      },
    ]),
  ),
};
