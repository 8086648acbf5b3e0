/**
 * A snapshot that version 0.1.0 wrote is read, and reading goes on where that stood. What it wrote is kept in
 * test/fixtures/snapshots; it was recorded by running this file on that version with UPGRADE_RECORD=1.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scene } from '../../support/scene.ts';
import {
  append,
  copy,
  counted,
  end,
  free,
  gzip,
  looked,
  mkdir,
  moment,
  perScene,
  rename,
  type Step,
  start,
  symlink,
  truncate,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const TIME = '2026-11-25T10:00:00.137513955Z';
const line = perScene(() => ({ text: '' }));
const together = (step: Step) => step;
const RECORD = process.env.UPGRADE_RECORD === '1';

interface Upgrade extends Omit<Scenario, 'steps'> {
  /** What is there at the old version's start, and what happens while it runs. */
  before: readonly Step[];
  meanwhile?: readonly Step[];
  /** What happens while none runs, and when the new one does. */
  between?: readonly Step[];
  after: readonly Step[];
}

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/snapshots/0.1.0/${name}.json`, import.meta.url));

function upgrade(name: string, { before, meanwhile = [], between = [], after, ...more }: Upgrade): Scenario {
  const saved = (scene: Scene) => scene.at('state/snapshot.json');
  const record: Step = (scene) => {
    // The second line; the first is a checksum.
    const text = readFileSync(saved(scene), 'utf8').split('\n')[1]!;
    writeFileSync(fixture(name), `${text.replaceAll(scene.directory, '%')}\n`);
  };
  const restore: Step = (scene) => {
    const snapshot = JSON.parse(readFileSync(fixture(name), 'utf8').replaceAll('%', scene.directory));
    for (const { files } of snapshot.positions)
      for (const file of files)
        try {
          const { dev, ino } = statSync(file.path, { bigint: true });
          Object.assign(file, { device: String(dev), inode: String(ino) });
        } catch {}
    const body = `${JSON.stringify(snapshot)}\n`;
    const writing = 'recorded:1';
    const sha256 = createHash('sha256').update(`${writing}\n${body}`).digest('hex');
    mkdirSync(scene.at('state'));
    writeFileSync(
      saved(scene),
      `${JSON.stringify({ format: 'falco-event-exporter snapshot', version: 1, writing, sha256 })}\n${body}`,
    );
  };
  return {
    ways: ['running', 'killed', 'down'],
    ends: RECORD,
    ...more,
    steps: RECORD
      ? [...before, start(), counted, ...meanwhile, counted, looked, end, record]
      : [...before, ...meanwhile, restore, ...between, start(), counted, moment, ...after, moment, counted],
  };
}
const upgrades: Record<string, Upgrade> = {
  path: { before: [write('events.json', 3)], after: [write('events.json', 2)] },
  'path-more-was-written': {
    before: [write('events.json', 3)],
    between: [write('events.json', 2)],
    after: [write('events.json', 2)],
  },
  'path-rotated-since': {
    before: [write('events.json', 3)],
    between: [write('events.json', 1), rename('events.json', 'events.json.1'), write('events.json', 2)],
    after: [write('events.json', 2)],
  },
  'path-rotated-before': {
    before: [write('events.json', 3)],
    meanwhile: [rename('events.json', 'events.json.1'), write('events.json', 2)],
    between: [write('events.json.1', 1), gzip('events.json.1')],
    after: [write('events.json', 2)],
  },
  'path-with-finished': {
    before: [write('events.json', 3)],
    meanwhile: [
      copy('events.json', 'events.json.1'),
      truncate('events.json', 0),
      write('events.json', 2),
      counted,
    ],
    between: [
      rename('events.json.1', 'events.json.2'),
      rename('events.json', 'events.json.1'),
      write('events.json', 1),
    ],
    after: [write('events.json', 2)],
  },
  pattern: {
    input: '%/*.json',
    before: [write('events.json', 3), write('other.json', 2)],
    between: [rename('events.json', 'events.1.json'), write('events.json', 1)],
    after: [write('other.json', 2)],
  },
  link: {
    input: '%/log/0.json',
    live: 'pods/1.log',
    before: [write('pods/0.log', 3), mkdir('log'), symlink('../pods/0.log', 'log/0.json')],
    between: [write('pods/0.log', 1), write('pods/1.log', 1), symlink('../pods/1.log', 'log/0.json')],
    after: [write('pods/1.log', 2)],
  },
  empty: {
    before: [write('events.json', 0)],
    between: [write('events.json', 2), rename('events.json', 'events.json.1'), write('events.json', 1)],
    after: [write('events.json', 2)],
  },
  'wrapped-in-pieces': {
    live: null,
    before: [
      append('events.json', (event) => `${TIME} stdout F ${event()}\n`),
      // It is not whole yet when the old version ends.
      (RECORD ? free : together)(
        append('events.json', (event, scene) => {
          line(scene).text = event(40_000);
          return `${TIME} stdout P ${line(scene).text.slice(0, 20_000)}\n`;
        }),
      ),
    ],
    between: [
      rename('events.json', 'events.json.1'),
      append('events.json', (_, scene) => `${TIME} stdout F ${line(scene).text.slice(20_000)}\n`),
    ],
    after: [append('events.json', (event) => `${TIME} stdout F ${event()}\n`)],
  },
};

export const UPGRADES: Rows = {
  'after an upgrade': Object.fromEntries(
    Object.entries(upgrades).map(([name, scenario]): [string, Scenario] => [name, upgrade(name, scenario)]),
  ),
};
