/** Runs lines through the kernel and the plain scanner, and says where they part. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { KernelScanner, withKernel } from '../../../src/event/scan/kernel.ts';
import { PlainScanner } from '../../../src/event/scan/plain.ts';
import type { Batch, Scanner, WantedField } from '../../../src/event/scan/scanner.ts';
import { mutateBytes } from './bytes.ts';
import { makeLine } from './grammar.ts';
import { Random } from './random.ts';

/** Longest line, in bytes: short, so that mutations come across it. */
const MAX_LINE = 1000;
const LINES_AT_ONCE = 200;

/** What the ledger asks for by default; with what a configuration adds; and names as odd as can be. */
const WANTED: WantedField[][] = [
  [{ name: 'container.name' }, { name: 'container.id', only: 'host' }],
  [
    { name: 'container.name' },
    { name: 'container.id', only: 'host' },
    { name: 'k8s.ns.name' },
    { name: 'container.name' },
  ],
  [
    { name: '' },
    { name: '__proto__' },
    { name: 'é' },
    { name: 'a"b' },
    { name: 'toString', only: '5' },
    { name: 'length' },
  ],
  [
    { name: 'container.id' },
    { name: 'container.id', only: 'host' },
    { name: 'container.name', only: 'a"b\\c' },
  ],
  [
    { name: 'container.name' },
    { name: 'hostname' },
    { name: 'hostname', top: true },
    { name: 'output', top: true },
    { name: '__proto__', top: true },
    { name: 'é', top: true },
  ],
  [],
];

const fixture = new URL('../../fixtures/event/lines.log', import.meta.url);
const RECORDED = readFileSync(fixture, 'latin1')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => Buffer.from(line, 'latin1'));

/** A kernel and a plain scanner that are asked for the same, and what they were found to agree on. */
export class Pair {
  readonly kernel: KernelScanner;
  readonly plain: PlainScanner;
  /** How many lines there were of each outcome; 0 stands for events. */
  readonly outcomes = new Map<number, number>();
  /** Of each of the kernel's tuples, the plain scanner's that was found to have the same words. */
  #same: number[] = [];
  #generations = '';

  /** @param room see KernelScanner */
  constructor(module: WebAssembly.Module, wanted: WantedField[], maxLine: number, room = 1024 * 1024) {
    this.kernel = new KernelScanner(module, wanted, maxLine, room);
    this.plain = new PlainScanner(wanted, maxLine);
  }

  /** @returns where the two part, in words; undefined: nowhere */
  difference(bytes: Uint8Array): string | undefined {
    const [ours, theirs] = [this.kernel.scan(bytes), this.plain.scan(bytes)];
    const generations = `${this.kernel.generation} ${this.plain.generation}`;
    if (generations !== this.#generations) this.#same = [];
    this.#generations = generations;
    if (ours.lines !== theirs.lines) return `kernel: ${ours.lines} lines, plain: ${theirs.lines}`;
    for (let line = 0; line < ours.lines; line++) {
      const outcome = Math.min(theirs.tuple[line]!, 0);
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
      if (this.#agree(ours, theirs, line)) continue;
      const text = Buffer.from(bytes).toString('latin1', theirs.start[line]!, theirs.end[line]!);
      return `${JSON.stringify(text)}\nkernel: ${told(this.kernel, ours, line)}\nplain: ${told(this.plain, theirs, line)}`;
    }
    return undefined;
  }

  #agree(ours: Batch, theirs: Batch, line: number): boolean {
    if (ours.start[line] !== theirs.start[line] || ours.end[line] !== theirs.end[line]) return false;
    if (!Object.is(ours.time[line], theirs.time[line])) return false;
    const [our, their] = [ours.tuple[line]!, theirs.tuple[line]!];
    if (our < 0 || their < 0) return our === their;
    this.#same[our] ??= isDeepStrictEqual(this.kernel.tuple(our), this.plain.tuple(their)) ? their : -1;
    return this.#same[our] === their;
  }
}

function told(scanner: Scanner, { tuple, time, start, end }: Batch, line: number): string {
  const number = tuple[line]!;
  const words = number < 0 ? number : JSON.stringify(scanner.tuple(number));
  return `${words}, time ${time[line]}, from ${start[line]} to ${end[line]}`;
}

/**
 * Mutates lines and compares.
 * @returns the first difference, undefined: none; and how many lines there were of each outcome (0: events)
 */
export function fuzz(
  seed: number,
  lines: number,
): { found: string | undefined; outcomes: Map<number, number> } {
  const random = new Random(seed);
  const module = withKernel((module) => module);
  if (!module) throw new Error('this machine has no SIMD in WebAssembly');
  const pairs = WANTED.map((wanted) => new Pair(module, wanted, MAX_LINE));
  for (let done = 0; done < lines; done += LINES_AT_ONCE) {
    const at = random.below(pairs.length);
    const names = ['container.name', ...WANTED[at]!.map(({ name }) => name)];
    const made = Array.from({ length: LINES_AT_ONCE }, () => mutant(random, names));
    // Some end with no newline.
    const bytes = Buffer.concat(
      made.flatMap((line) => [line, NEWLINE]).slice(0, random.once(4) ? -1 : undefined),
    );
    const found = pairs[at]!.difference(bytes);
    if (found !== undefined) return { found, outcomes: new Map() };
  }
  const outcomes = new Map<number, number>();
  for (const pair of pairs)
    for (const [outcome, count] of pair.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  return { found: undefined, outcomes };
}

const NEWLINE = Buffer.from('\n');

function mutant(random: Random, names: readonly string[]): Buffer {
  let line: Buffer = random.once(2) ? Buffer.from(makeLine(random, names)) : random.pick(RECORDED);
  const changes = random.below(3);
  for (let change = 0; change < changes; change++) line = mutateBytes(line, random.pick(RECORDED), random);
  return line;
}
