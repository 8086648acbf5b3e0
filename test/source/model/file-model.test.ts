/**
 * The file source against a model: random writes, rotations, losses, kills and looks, with the writer's steps falling
 * between any two calls that a look makes to the file system. `npm run test:model` is the long mode; MODEL_SEED and
 * MODEL_PATH repeat a run, MODEL_REPLAY runs one counterexample, MODEL_SHRINK=yes makes it small, which takes long.
 */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Framed } from '../../../src/event/framing/framing.ts';
import type { FilePositions } from '../../../src/source/source.ts';
import { Files } from '../files.ts';
import { interleaved, unobserved } from './interleave.ts';
import { type Steps, World } from './world.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 60);
/** `npm test` repeats the same runs; the long mode takes new ones each time, and prints the seed of what fails. */
const SEED = process.env.MODEL_SEED ?? (process.env.MODEL_RUNS === undefined ? 13 : undefined);
const GRACE = 5000;
const MAX_LINE = 4096;

/** What a snapshot holds: positions and counts of one moment. */
interface Saved {
  positions: FilePositions;
  counts: Map<string, number>;
  gaps: number;
}

/** One process after another, and the one snapshot that they share. */
class Processes {
  readonly #world: World;
  readonly #glob: boolean;
  #source: Files | undefined;
  #halt = new AbortController();
  #counts = new Map<string, number>();
  #gaps = 0;
  #saved: Saved | undefined;
  #monotonic = 0;
  #alive = false;
  #looking = false;

  readonly #together: boolean;

  constructor(world: World, { glob, together }: Setting) {
    this.#world = world;
    this.#glob = glob;
    this.#together = together;
    world.reader = {
      holds: (stats) => this.#alive && this.#holds(stats),
      counted: (line) => this.#alive && this.#counts.has(line),
      saved: (line) => this.#saved?.counts.has(line) === true,
      knowsATarget: () => (this.#saved?.positions.files.length ?? 0) > 0,
      now: () => this.#monotonic,
    };
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get gaps(): number {
    return this.#gaps;
  }

  #holds(stats: fs.BigIntStats): boolean {
    return this.#source!.follows(`${stats.dev}:${stats.ino}`);
  }

  advance(milliseconds: number): void {
    this.#monotonic += milliseconds;
  }

  save(): void {
    if (!this.#alive) return;
    const positions = structuredClone(this.#source!.positions());
    this.#saved = { positions, counts: new Map(this.#counts), gaps: this.#gaps };
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    unobserved(() => this.#world.killed());
  }

  stop(): void {
    this.#halt.abort();
  }

  async start(): Promise<void> {
    if (this.#alive) return;
    const first = this.#saved === undefined;
    this.#counts = new Map(this.#saved?.counts);
    this.#gaps = this.#saved?.gaps ?? 0;
    this.#halt = new AbortController();
    const source = this.#open(this.#counts);
    this.#source = source;
    this.#alive = true;
    // What a first start finds is safe before anything else happens.
    if (!first) return;
    await source.catchUp();
    this.save();
  }

  /** @param script steps of the writer, and how many calls of the look to wait before each */
  async look(script: { wait: number; step: () => void }[]): Promise<void> {
    await this.start();
    const source = this.#source!;
    const due = [...script];
    const before = () => {
      while (due.length > 0 && due[0]!.wait-- <= 0) unobserved(due.shift()!.step);
    };
    this.#looking = true;
    await interleaved(before, () => source.settle(this.#together));
    this.#looking = false;
    for (const { step } of due) step();
    if (this.#alive && !this.#halt.signal.aborted) return;
    this.save();
    this.kill();
    await source.close();
  }

  async end(): Promise<void> {
    this.kill();
    await this.#source?.close();
  }

  /** For the steps that may fall into a look: a kill then leaves a look that nobody listens to. */
  async killNow(): Promise<void> {
    const source = this.#source;
    this.kill();
    if (!this.#looking) await source?.close();
  }

  #open(counts: Map<string, number>): Files {
    const mine = () => this.#alive && this.#counts === counts;
    const options = {
      maxLine: MAX_LINE,
      clock: { now: () => Date.now(), monotonic: () => this.#monotonic },
      halt: this.#halt.signal,
      sink: ({ payload }: Framed) => {
        if (!mine()) return;
        for (const line of Buffer.from(payload).toString('latin1').split('\n'))
          counts.set(line, (counts.get(line) ?? 0) + 1);
      },
      reports: {
        incident: (_input: string, incident: string, details: unknown) => {
          if (process.env.MODEL_TRACE) console.error(incident, JSON.stringify(details));
          if (mine() && incident === 'gaps') this.#gaps++;
        },
        notice: () => undefined,
      },
      secure: async () => {
        if (mine()) this.save();
      },
    };
    const { path } = this.#world;
    const file = this.#glob ? path.replace('events', 'ev*ts') : path;
    return new Files({ ...options, files: [file], saved: structuredClone(this.#saved?.positions) });
  }
}

type Op = { name: string; a: number; b: number; flag: boolean; other: boolean };
type Command = { op: Op; waits: number[] } | { look: { op: Op; waits: number[] }[] };

function steps(world: World, processes: Processes, { name, a, b, flag, other }: Op): Steps {
  switch (name) {
    case 'write':
      return world.write(1 + (a % 3), b % 3 === 0 ? 700 : 30, flag);
    case 'writePartly':
      return one(() => world.writePartly(a % 100));
    case 'reopen':
      return one(() => world.reopen());
    case 'rotate':
      return world.rotate(flag, other);
    case 'rotateDated':
      return world.rotateDated(flag, other);
    case 'rotateOdd':
      return world.rotateOdd(flag);
    case 'copytruncate':
      return world.copytruncate();
    case 'gzip':
      return world.gzip(a);
    case 'backUp':
      return one(() => world.backUp());
    case 'bringBack':
      return one(() => world.bringBack());
    case 'retarget':
      return world.retarget();
    case 'truncate':
      return one(() => world.truncate());
    case 'remove':
      return one(() => world.remove());
    case 'removeOldest':
      return one(() => world.removeOldest());
    case 'advance':
      return one(() => processes.advance(flag ? GRACE + 1 : a * 100));
    case 'save':
      return one(() => processes.save());
    case 'kill':
      return one(() => void processes.killNow());
    case 'stop':
      return one(() => processes.stop());
    default:
      throw new Error(name);
  }
}

function* one(step: () => void): Steps {
  yield step();
}

const GENTLE = [
  ...[
    'write',
    'write',
    'write',
    'writePartly',
    'reopen',
    'rotate',
    'rotate',
    'rotateDated',
    'rotateOdd',
    'copytruncate',
  ],
  ...['gzip', 'backUp', 'bringBack', 'advance', 'save', 'kill', 'stop', 'retarget'],
];
const ROUGH = [...GENTLE, 'truncate', 'remove', 'removeOldest'];

function commands(names: string[]): fc.Arbitrary<Command[]> {
  const op = fc.record({
    name: fc.constantFrom(...names),
    a: fc.nat(50),
    b: fc.nat(50),
    flag: fc.boolean(),
    other: fc.boolean(),
  });
  const waits = fc.array(fc.nat(6), { minLength: 1, maxLength: 6 });
  const action = fc.record({ op, waits });
  const during = fc.record({
    op,
    waits: fc
      .tuple(fc.nat(40), fc.array(fc.nat(6), { maxLength: 5 }))
      .map(([first, rest]) => [first, ...rest]),
  });
  const look = fc.record({ look: fc.array(during, { maxLength: 4 }) });
  return fc.array(fc.oneof({ arbitrary: action, weight: 3 }, { arbitrary: look, weight: 2 }), {
    maxLength: 30,
    size: 'max',
  });
}

interface Setting {
  linked: boolean;
  glob: boolean;
  old: boolean;
  /** Whether lines differ only behind their first KiB. */
  late?: boolean;
  /** Whether looks and searches go on at the same time. */
  together: boolean;
}

async function run(setting: Setting, script: Command[], gentle: boolean): Promise<void> {
  const { linked, old, late } = setting;
  const directory = fs.mkdtempSync(join(tmpdir(), 'file-model-'));
  const world = new World(directory, linked, GRACE, late);
  const processes = new Processes(world, setting);
  try {
    if (old) world.putOld(['.1', '.2.gz', '-20200101']);
    await processes.start();
    for (const command of script) {
      if (process.env.MODEL_TRACE)
        console.error(JSON.stringify(command), standing(directory), [...processes.counts.keys()].map(idOf));
      if ('op' in command) {
        for (const _ of steps(world, processes, command.op));
        continue;
      }
      // Each action goes on in its own steps; how many are left shows only as it goes.
      const due: { wait: number; step: () => void }[] = [];
      for (const { op, waits } of command.look) {
        let action: Steps | undefined;
        for (const wait of waits)
          due.push({
            wait,
            step: () => {
              action ??= steps(world, processes, op);
              action.next();
            },
          });
        due.push({
          wait: 0,
          step: () => {
            for (const _ of action!);
          },
        });
      }
      await processes.look(due);
    }
    // A pattern sees no path whose only file was rotated away before it was looked up, and a file that was rotated
    // while it was empty is looked at again at the next rotation.
    for (const _ of [...world.rotate(true, false), ...world.write(1, 10, true)]);
    for (let turn = 0; turn < 3; turn++) {
      await processes.look([]);
      await processes.look([]);
      processes.advance(GRACE + 1);
    }
    check(world, processes, gentle);
  } finally {
    world.close();
    await processes.end();
    fs.rmSync(directory, { recursive: true });
  }
}

const idOf = (line: string) => /L\d+/.exec(line)?.[0] ?? line;

function listed(directory: string): string[] {
  return fs.existsSync(directory) ? fs.readdirSync(directory).map((name) => join(directory, name)) : [];
}

/** Each file with its inode and the lines that it holds, for a trace. */
function standing(directory: string): string[] {
  const files = ['log', 'pods'].flatMap((name) => listed(join(directory, name)));
  return files.map((path) => {
    const { ino } = fs.lstatSync(path);
    const text = fs.existsSync(path) ? fs.readFileSync(path, 'latin1') : '';
    return `${path.slice(directory.length + 1)} ${ino}: ${(text.match(/\bL\d+/g) ?? []).join(' ')}`;
  });
}

function check(world: World, { counts, gaps }: Processes, gentle: boolean): void {
  const lost: string[] = [];
  for (const [line] of world.lines) {
    const times = counts.get(line) ?? 0;
    const id = idOf(line);
    assert.ok(times <= 1, `${id} was counted ${times} times`);
    if (times === 1) continue;
    assert.ok(world.lossy.has(line), `${id} was not counted`);
    lost.push(line);
  }
  for (const line of world.old) assert.equal(counts.get(line) ?? 0, 0, `${idOf(line)} is old`);
  if (!world.mayGap) assert.equal(gaps, 0, 'a gap was counted for nothing');
  if (gentle && world.lossy.size === 0) assert.equal(lost.length, 0);
  // Of a content of which some was counted the loss of the rest must be told.
  const told = (line: string) =>
    [...world.lines].some(([other, content]) => content === world.lines.get(line) && counts.has(other));
  const silent = lost.filter((line) => !world.unknowable.has(line) && told(line));
  assert.ok(silent.length === 0 || gaps > 0, `${silent.length} lines lost without a word`);
}

/** One counterexample again, as it was printed. */
const replay = process.env.MODEL_REPLAY;
test('replay', { skip: replay === undefined }, async () => {
  const [setting, script] = JSON.parse(replay!.replaceAll('__proto__:null,', '')) as [Setting, Command[]];
  await run(setting, script, false);
});

test('what was found before', { skip: replay !== undefined }, async () => {
  const found = fs
    .readFileSync(new URL('./found.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  for (const [index, line] of found.entries()) {
    const [setting, script] = JSON.parse(line) as [Setting, Command[]];
    await run(setting, script, false).catch((error: Error) => {
      error.message = `line ${index + 1} of found.jsonl: ${error.message}`;
      throw error;
    });
  }
});

for (const [title, names] of [
  ['rotations of every kind lose nothing', GENTLE],
  ['what is lost is told', ROUGH],
] as const) {
  test(title, { skip: replay !== undefined, timeout: 3_600_000 }, async () => {
    const setting = fc.record({
      linked: fc.boolean(),
      glob: fc.boolean(),
      old: fc.boolean(),
      late: fc.boolean(),
      together: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(setting, commands([...names]), (from, script) => run(from, script, names === GENTLE)),
      {
        numRuns: RUNS,
        includeErrorInReport: true,
        endOnFailure: process.env.MODEL_SHRINK !== 'yes',
        ...(SEED !== undefined && { seed: Number(SEED) }),
        ...(process.env.MODEL_PATH && { path: process.env.MODEL_PATH }),
      },
    );
  });
}
