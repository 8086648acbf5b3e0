/**
 * A file that is cut, emptied or replaced by a part of itself: what can be proved to be counted is not counted again;
 * what was not read, or can't be proved, is a gap that says so.
 */

import { without } from '../../support/programs.ts';
import {
  counted,
  create,
  kill,
  moment,
  remove,
  rename,
  rewrite,
  risky,
  type Step,
  saved,
  shell,
  start,
  symlink,
  touch,
  truncate,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const TEN: Step[] = [write('events.json', 10), start(), saved];
/** Longer than what a fingerprint takes. */
const LONG: Step[] = [write('events.json', 10, 900), start(), saved];

/** Where content itself can't say what was counted, it may be counted again if a gap tells. */
const cut = (before: Step[], ...steps: Step[]): Scenario => ({
  gap: 'allowed',
  steps: [...before, moment, ...steps, moment, write('events.json', 2), counted],
});
const told = (before: Step[], ...steps: Step[]): Scenario => ({ ...cut(before, ...steps), again: true });

const lineEnd = (part: number) => (size: number) => Math.floor((size * part) / 10);
/** All events are of one length, so a tenth is one line. */
const cuts: Record<string, Scenario> = {};
for (const [length, before] of Object.entries({ short: TEN, long: LONG })) {
  cuts[`truncate -s to half, ${length} lines`] = cut(before, truncate('events.json', lineEnd(5)));
  cuts[`truncate -s to one line, ${length} lines`] = cut(before, truncate('events.json', lineEnd(1)));
  cuts[`sed -i '1,3d', ${length} lines`] = told(before, shell("sed -i '1,3d' events.json"));
  cuts[`sed -i '$d', ${length} lines`] = cut(before, shell("sed -i '$d' events.json"));
  cuts[`tail -n 5 f > t; cat t > f, ${length} lines`] = told(
    before,
    shell('tail -n 5 events.json > t; cat t > events.json; rm t'),
  );
  cuts[`tail -n 5 f > t; mv t f, ${length} lines`] = told(
    before,
    shell('tail -n 5 events.json > t; mv t events.json'),
  );
  cuts[`head -n 5 f > t; cat t > f, ${length} lines`] = cut(
    before,
    shell('head -n 5 events.json > t; cat t > events.json; rm t'),
  );
  cuts[`head -n 5 f > t; mv t f, ${length} lines`] = cut(
    before,
    shell('head -n 5 events.json > t; mv t events.json'),
  );
  cuts[`a rewrite of all of it, ${length} lines`] = cut(
    before,
    rewrite('events.json', (lines) => lines),
  );
  cuts[`an editor's new file, ${length} lines`] = cut(before, shell('cp events.json t; mv t events.json'));
  cuts[`an editor's new file, beside its backup, ${length} lines`] = cut(
    before,
    shell('cp events.json t; mv events.json events.json~; mv t events.json'),
  );
}

const unread: Record<string, Scenario> = {
  'emptied, and nothing was unread': {
    gap: 'allowed',
    steps: [...TEN, moment, truncate('events.json', 0), moment, write('events.json', 2), counted],
  },
  'emptied with what was not read': {
    gap: 'required',
    ways: ['down', 'stopped', 'ended'],
    steps: [
      ...TEN,
      moment,
      risky(write('events.json', 2)),
      truncate('events.json', 0),
      write('events.json', 1),
      moment,
    ],
  },
  'deleted with what was not read': {
    gap: 'required',
    ways: ['down', 'ended'],
    steps: [
      ...TEN,
      moment,
      risky(write('events.json', 2)),
      remove('events.json'),
      write('events.json', 1),
      moment,
    ],
  },
  'cut below what was counted, then grown past it': {
    gap: 'allowed',
    ways: ['stopped', 'down', 'killed', 'running'],
    again: true,
    steps: [...TEN, moment, truncate('events.json', lineEnd(5)), risky(write('events.json', 12)), moment],
  },
  'cut, then grown to less than what was counted': {
    gap: 'allowed',
    again: true,
    ways: ['down', 'stopped', 'killed', 'running'],
    steps: [...TEN, moment, truncate('events.json', lineEnd(5)), risky(write('events.json', 3)), moment],
  },
  'emptied, then grown past what was counted': {
    gap: 'allowed',
    ways: ['stopped', 'down', 'killed', 'running'],
    steps: [...TEN, moment, truncate('events.json', 0), write('events.json', 12), moment],
  },
  'cut to half of a line': {
    gap: 'allowed',
    ways: ['running', 'killed', 'down', 'stopped'],
    malformed: 1,
    steps: [
      ...TEN,
      moment,
      truncate('events.json', (size) => Math.floor(size * 0.55)),
      // The first joins the half line, and is lost with it.
      (scene) => scene.append('events.json', '\n'),
      moment,
      write('events.json', 2),
    ],
  },
  'in a pattern': {
    input: '%/*.json',
    gap: 'allowed',
    steps: [
      ...TEN,
      write('other.json', 2),
      saved,
      moment,
      truncate('events.json', lineEnd(5)),
      moment,
      write('events.json', 2),
      counted,
    ],
  },
  'a rotated file is cut': {
    gap: 'allowed',
    steps: [
      ...TEN,
      moment,
      rename('events.json', 'events.json.1'),
      write('events.json', 1),
      truncate('events.json.1', lineEnd(5)),
      moment,
      write('events.json', 2),
    ],
  },
  'deleted and made anew with the same first events': {
    gap: 'allowed',
    long: true,
    steps: [
      ...TEN,
      moment,
      shell('cat events.json > t; rm events.json; cat t > events.json; rm t'),
      moment,
      write('events.json', 2),
    ],
  },
  'through a link': {
    input: '%/link.json',
    gap: 'allowed',
    long: true,
    steps: [
      write('events.json', 10),
      symlink('events.json', 'link.json'),
      start(),
      saved,
      moment,
      truncate('events.json', lineEnd(5)),
      moment,
      write('events.json', 2),
    ],
  },
};

/** An old file's time is no proof that its content is. */
const faketime = without('faketime');
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const clock = (offset: string) => ({
  env: { LD_PRELOAD: LIBRARY, FAKETIME: offset, DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_RESET: '1' },
});
const RIGHT = { env: {} };

const rotatedTwice = (name: (n: number) => string): Step[] => [
  write('events.json', 1),
  rename('events.json', name(2)),
  write('events.json', 2),
  rename('events.json', name(1)),
  write('events.json', 1),
];
const chain = (n: number) => `events.json.${n}`;
const stamped = (n: number) => `events.json-2026112${5 - n}`;

const clocks: Record<string, Scenario> = {};
for (const [way, name] of Object.entries({ numbers: chain, dates: stamped })) {
  for (const [ahead, offset] of Object.entries({ 'an hour ahead': '+1h', 'a year behind': '-365d' }))
    clocks[`the clock ${ahead} at the first start, ${way}`] = {
      skip: faketime,
      ways: ['down', 'ended'],
      steps: [
        write('events.json', 3),
        start(clock(offset)),
        counted,
        (scene) => (scene.way === 'ended' ? scene.end() : scene.kill()),
        ...rotatedTwice(name),
        start(RIGHT),
        counted,
      ],
    };
  for (const [when, seconds] of Object.entries({
    'long ago': -400 * 86_400,
    'an hour ago': -3600,
    'in the future': 86_400,
  }))
    clocks[`files last written ${when}, ${way}`] = {
      ways: ['down', 'stopped', 'killed', 'running'],
      long: when === 'an hour ago',
      steps: [
        write('events.json', 3),
        start(),
        counted,
        moment,
        write('events.json', 1),
        touch('events.json', seconds),
        rename('events.json', name(2)),
        write('events.json', 2),
        touch('events.json', seconds),
        rename('events.json', name(1)),
        write('events.json', 1),
        touch('events.json', seconds),
        moment,
        counted,
      ],
    };
}
clocks['the clock goes back while it runs, and files are older than the first start'] = {
  skip: faketime,
  ways: ['down'],
  steps: [
    write('events.json', 3),
    start(clock('+2d')),
    counted,
    kill,
    ...rotatedTwice(chain),
    start(clock('-1d')),
    counted,
    kill,
    rename('events.json', 'events.json.0'),
    write('events.json', 1),
    start(RIGHT),
    counted,
  ],
};
clocks['a file of a pattern that comes with an old time'] = {
  input: '%/*.json',
  ways: ['running', 'killed', 'down'],
  steps: [
    write('events.json', 3),
    start(),
    counted,
    moment,
    write('new.json', 2),
    touch('new.json', -400 * 86_400),
    create('empty.json'),
    touch('empty.json', -400 * 86_400),
    moment,
    write('empty.json', 1),
    counted,
  ],
};

export const TRUNCATION: Rows = {
  'cut to a part of itself': cuts,
  'emptied or deleted': unread,
  'clocks that differ': clocks,
};
