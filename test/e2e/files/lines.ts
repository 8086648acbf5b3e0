/** Lines in pieces over rotations, files that are damaged, names that are no text, and too many files. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pause } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';
import type { Scene } from '../../support/scene.ts';
import {
  append,
  counted,
  end,
  free,
  kill,
  looked,
  moment,
  old,
  perScene,
  remove,
  rename,
  risky,
  type Step,
  start,
  write,
} from '../../support/steps.ts';
import type { Rows, Scenario } from './table.ts';

const TIME = '2026-11-25T10:00:00.137513955Z';
/** How a runtime wraps a piece of a line. */
const WRAPPED = {
  Docker: (piece: string, last: boolean) =>
    `${JSON.stringify({ log: last ? `${piece}\n` : piece, stream: 'stdout', time: TIME })}\n`,
  CRI: (piece: string, last: boolean) => `${TIME} stdout ${last ? 'F' : 'P'} ${piece}\n`,
};
const NOISE = {
  Docker: `${JSON.stringify({ log: 'noise\n', stream: 'stderr', time: TIME })}\n`,
  CRI: `${TIME} stderr F noise\n`,
};

/** An event's pieces, each a step that appends it. */
function pieces(kind: keyof typeof WRAPPED, count: number): Step[] {
  const line = perScene(() => ({ text: '' }));
  return Array.from({ length: count }, (_, n) =>
    append('events.json', (event, scene) => {
      const whole = line(scene);
      if (n === 0) whole.text = event(40_000);
      const size = Math.ceil(whole.text.length / count);
      return WRAPPED[kind](whole.text.slice(n * size, (n + 1) * size), n === count - 1);
    }),
  );
}
const whole = (kind: keyof typeof WRAPPED, events = 1) =>
  append('events.json', (event) =>
    Array.from({ length: events }, () => WRAPPED[kind](event(), true)).join(''),
  );
const lost = (steps: Step[]) => old(...steps);
const oversized = append('events.json', () => `${'{"log":"'}${'x'.repeat(1_100_000)}"}\n`);
const rotate: Step[] = [
  (scene) => {
    for (let n = 8; n > 0; n--)
      try {
        renameSync(scene.at(`events.json.${n}`), scene.at(`events.json.${n + 1}`));
      } catch {}
  },
  rename('events.json', 'events.json.1'),
];

const inPieces: Record<string, Scenario> = {};
for (const kind of ['Docker', 'CRI'] as const) {
  const [one, two, three] = pieces(kind, 3) as [Step, Step, Step];
  const begin: Step[] = [whole(kind, 2), start(), counted];
  const fresh = () => pieces(kind, 3) as [Step, Step, Step];
  Object.assign(inPieces, {
    [`${kind}, over a rotation`]: {
      live: null,
      steps: [...begin, one, moment, two, ...rotate, three, whole(kind), moment, whole(kind)],
    },
    [`${kind}, over two rotations`]: {
      live: null,
      ways: ['down', 'running', 'killed', 'stopped', 'ended'],
      steps: (([a, b, c]) => [
        ...begin,
        a,
        moment,
        ...rotate,
        b,
        ...rotate,
        c,
        whole(kind),
        moment,
        whole(kind),
        counted,
      ])(fresh()),
    },
    [`${kind}, over two rotations, each seen`]: {
      live: null,
      steps: (([a, b, c]) => [
        ...begin,
        a,
        looked,
        ...rotate,
        moment,
        b,
        (s: Scene) => (s.down || s.way === 'stopped' ? undefined : s.looked()),
        ...rotate,
        moment,
        c,
        whole(kind),
        counted,
      ])(fresh()),
    },
    [`${kind}, whose end never comes`]: {
      live: null,
      malformed: 1,
      steps: [...begin, lost([fresh()[0]]), moment, whole(kind, 2), moment, whole(kind)],
    },
    [`${kind}, whose end never comes, over a rotation`]: {
      live: null,
      malformed: 1,
      ways: ['running', 'killed', 'down', 'stopped', 'ended'],
      steps: [...begin, lost([fresh()[0]]), moment, ...rotate, whole(kind, 2), moment, whole(kind)],
    },
    [`${kind}, an oversized line between`]: {
      live: null,
      malformed: 'any',
      oversized: 1,
      steps: [...begin, free(fresh()[0]), moment, oversized, whole(kind, 2), moment, whole(kind)],
    },
    [`${kind}, an oversized line, then the end`]: {
      live: null,
      malformed: 'any',
      oversized: 1,
      long: true,
      steps: (([a, b, c]) => [
        ...begin,
        free(a),
        moment,
        oversized,
        b,
        c,
        whole(kind, 2),
        moment,
        whole(kind),
      ])(fresh()),
    },
    [`${kind}, standard error between`]: {
      live: null,
      text: 'any',
      steps: (([a, b, c]) => [
        ...begin,
        a,
        append('events.json', () => NOISE[kind]),
        moment,
        b,
        append('events.json', () => NOISE[kind]),
        c,
        moment,
        whole(kind),
      ])(fresh()),
    },
  } satisfies Record<string, Scenario>);
}

/** A rotated file that was never read, compressed, and then damaged. */
const damaged = (
  damage: (zipped: Buffer, scene: Scene) => Buffer,
  more: Partial<Scenario> = {},
  events: Step[] = [write('rotated', 20, 300)],
): Scenario => ({
  gap: 'allowed',
  ways: ['running', 'down', 'killed'],
  malformed: 'any',
  text: 'any',
  ...more,
  steps: [
    write('events.json', 3),
    start(),
    counted,
    moment,
    ...events,
    (scene) => {
      writeFileSync(scene.at('x'), damage(gzipSync(readFileSync(scene.at('rotated'))), scene));
      renameSync(scene.at('x'), scene.at('events.json.2.gz'));
    },
    remove('rotated'),
    rename('events.json', 'events.json.1'),
    write('events.json', 1),
    moment,
    counted,
  ],
});

const RAW = (name: Buffer, scene: Scene) => Buffer.concat([Buffer.from(`${scene.directory}/`), name]);
const NO_TEXT = Buffer.from([...Buffer.from('events.json.'), 0xff, 0xfe]);
const toldOrCounted: Step = (scene) =>
  Promise.race([scene.counted(), scene.logged(/UTF-8|can't be read|not text/i)]);

/** Recreated over and over: what is known of files that are gone must not grow for ever. */
const recreated =
  (times: number, files: number): Step =>
  async (scene) => {
    const sizes: number[] = [];
    let written = 0;
    for (let turn = 0; turn < times; turn++) {
      mkdirSync(scene.at('logs'), { recursive: true });
      for (let n = 0; n < files; n++, written++) {
        const event = {
          rule: 'one',
          priority: 'Error',
          source: 'syscall',
          time: `2026-11-25T10:00:00.${String(written).padStart(9, '0')}Z`,
        };
        appendFileSync(scene.at(`logs/${turn}-${n}.json`), `${JSON.stringify(event)}\n`);
      }
      await scene.metric(
        `${written} are counted`,
        (metrics) => metrics.get('falco_exporter_lines_total{outcome="event"}') === written,
      );
      remove('logs')(scene);
      await scene.looked();
      sizes.push(statSync(scene.at('state/snapshot.json')).size);
    }
    const half = sizes[Math.floor(times / 2)]!;
    if (sizes.at(-1)! > 1.5 * half && sizes.at(-1)! > 2_000_000)
      throw new Error(`the snapshot grows: ${sizes.join(', ')} bytes`);
  };

export const LINES: Rows = {
  'wrapped lines in pieces': inPieces,
  'damaged .gz': {
    whole: damaged((zipped) => zipped, { gap: 'none', malformed: 0, text: 0 }),
    'its end is missing': damaged((zipped) => zipped.subarray(0, -4)),
    'its checksum is wrong': damaged((zipped) => {
      zipped[zipped.length - 6]! ^= 0xff;
      return zipped;
    }),
    'zeros after its end': damaged((zipped) => Buffer.concat([zipped, Buffer.alloc(512)])),
    'garbage after its end': damaged((zipped) => Buffer.concat([zipped, Buffer.from('garbage\n')])),
    'a second member is cut': damaged(
      (zipped, scene) => {
        let text = '';
        for (let n = 0; n < 5; n++) text += `${scene.event('events.json.2.gz', 300)}\n`;
        const second = gzipSync(text);
        return Buffer.concat([zipped, second.subarray(0, 30)]);
      },
      { gap: 'required' },
      [
        write('rotated', 20, 300),
        (scene) => {
          scene.fate = 'risky';
        },
      ],
    ),
    'half of it is there': damaged((zipped) => zipped.subarray(0, zipped.length / 2), { gap: 'required' }, [
      risky(write('rotated', 400, 0)),
    ]),
    'plain text that is called .gz': damaged((zipped) => gunzipSync(zipped), {}, [
      risky(write('rotated', 5)),
    ]),
    // No one can tell it from the one that a compressing program has just made.
    empty: damaged(() => Buffer.alloc(0), {}, [free(write('rotated', 5))]),
    'a compressed file without the ending': {
      gap: 'allowed',
      ways: ['down', 'running'],
      malformed: 'any',
      text: 'any',
      steps: [
        write('events.json', 3),
        start(),
        counted,
        moment,
        risky(write('rotated', 5)),
        (scene) => writeFileSync(scene.at('events.json.2'), gzipSync(readFileSync(scene.at('rotated')))),
        remove('rotated'),
        rename('events.json', 'events.json.1'),
        write('events.json', 1),
        moment,
        counted,
      ],
    },
  },
  'names and numbers': {
    'a rotated name that is no UTF-8': {
      gap: 'allowed',
      ways: ['down', 'stopped'],
      steps: [
        write('events.json', 3),
        start(),
        counted,
        moment,
        risky(write('events.json', 2)),
        (scene) => renameSync(scene.at('events.json'), RAW(NO_TEXT, scene)),
        write('events.json', 1),
        moment,
        counted,
      ],
    },
    'a file of a pattern whose name is no UTF-8': {
      input: '%/*.json',
      ways: ['running'],
      ends: true,
      steps: [
        write('events.json', 3),
        start(),
        counted,
        (scene) =>
          appendFileSync(
            RAW(Buffer.from([0xff, ...Buffer.from('.json')]), scene),
            `${scene.event('\\xff.json')}\n`,
          ),
        toldOrCounted,
        end,
      ],
    },
    'what was rotated before the first start': {
      steps: [
        old(write('events.json.2', 2), write('events.json.1', 2), write('events-2026-11-25.json', 2)),
        write('events.json', 3),
        start(),
        counted,
        moment,
        rename('events.json.2', 'events.json.3'),
        rename('events.json.1', 'events.json.2'),
        rename('events.json', 'events.json.1'),
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'more files than descriptors': {
      input: '%/*.json',
      skip: without('prlimit'),
      ways: ['running'],
      ends: true,
      steps: [
        ...Array.from({ length: 120 }, (_, n) => write(`${n}.json`, 1)),
        start({ under: ['prlimit', '--nofile=80'] }),
        (scene) => Promise.race([scene.counted(), scene.logged(/EMFILE|descriptor|too many open files/i)]),
        // Prometheus, the page and a health check at once.
        async (scene) => {
          for (let n = 0; n < 5; n++) {
            const all = await Promise.all(
              ['/metrics', '/healthz', '/', '/metrics', '/api/summary'].map((path) => scene.get(path)),
            );
            if (all.some(({ status }) => status !== 200))
              throw new Error(`not answered: ${JSON.stringify(all.map(({ status }) => status))}`);
            await pause(200);
          }
        },
        end,
        start({ under: [] }),
        counted,
        kill,
        start(),
        counted,
        end,
      ],
    },
    'files that are made and deleted, 20,000 in turn': {
      input: '%/logs/*.json',
      ways: ['running'],
      long: true,
      ends: true,
      steps: [start(), recreated(20, 1000), end],
    },
  },
};
