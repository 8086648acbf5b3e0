/**
 * Do the tests hold? Changes the meaning of one line at a time in a copy of the tree, and runs the tests of its module:
 * a change that no test notices is printed. `npm run test:mutation`; MUTATIONS is how many are tried in each module,
 * MODULES which (`ledger,web/tls`), SEED which changes. It takes minutes and is no part of `npm test`.
 *
 * A change that can't be run counts as noticed, and some that survive change nothing that can be seen.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Folders of src/, and the folders or files of test/ that are to notice a change there. */
const MODULES: Record<string, string[]> = {
  app: ['app'],
  config: ['config', 'web/web-config/web-config.test.ts'],
  'event/framing': ['event/framing.test.ts', 'event/refusal.test.ts', 'event/shapes.test.ts'],
  'event/internal': ['event/internal.test.ts', 'ledger/falco.test.ts'],
  'event/line': ['event/framing.test.ts', 'event/shapes.test.ts', 'event/forgery.test.ts'],
  'event/scan': ['event/plain.test.ts', 'event/kernel.test.ts'],
  ledger: ['ledger'],
  'ledger/views': ['ledger/views'],
  log: ['log'],
  metrics: ['metrics'],
  noise: ['noise'],
  'rules/checking': ['rules/checking', 'rules/names'],
  'rules/conditions': ['rules/conditions', 'rules/catalogue.test.ts', 'rules/recorded.test.ts'],
  'rules/definitions': ['rules/definitions', 'rules/checking/check.test.ts', 'rules/recorded.test.ts'],
  'rules/reading': ['rules/reading', 'rules/checking/check.test.ts', 'rules/hostile.test.ts'],
  state: ['state'],
  'web/authentication': ['web/authentication', 'web/web.test.ts'],
  'web/events': ['web/events', 'web/web.test.ts'],
  'web/page': ['web/page'],
  'web/tls': ['web/tls', 'web/web-config'],
  'web/traffic': ['web/traffic'],
  'web/web-config': ['web/web-config'],
};

interface Change {
  file: string;
  line: number;
  from: string;
  to: string;
}

const SWAPS: readonly [from: string, to: string][] = [
  [' < ', ' <= '],
  [' > ', ' >= '],
  [' <= ', ' < '],
  [' >= ', ' > '],
  [' === ', ' !== '],
  [' !== ', ' === '],
  [' && ', ' || '],
  [' || ', ' && '],
  [' ?? ', ' && '],
  [' + ', ' - '],
  [' - ', ' + '],
  ['Math.max(', 'Math.min('],
  ['Math.min(', 'Math.max('],
  [' true', ' false'],
  [' false', ' true'],
  ['++', '--'],
];
/** Statements that can go: a call, or a value that is kept. */
const STATEMENT = /^\s+(?:(?:await|void) )?(?:this\.)?[#\w.?]+(?:\(.*\)| [+|-]?= .*[^,]|\+\+);$/;
const CONDITION = /\bif \((.+)\) (?=\S)|\bif \((.+)\)$/;
const BOUND = /^(const [A-Z_]+ = )(\d[\d_]*)/;

function changesOf(file: string): Change[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((from, index) => {
      if (/^\s*(?:\/\*|\*|\/\/|import\b|export (?:type|interface)|[|}])/.test(from)) return [];
      const changed = SWAPS.filter(([what]) => from.includes(what)).map(([what, by]) =>
        from.replace(what, by),
      );
      if (STATEMENT.test(from)) changed.push('');
      if (CONDITION.test(from))
        changed.push(from.replace(CONDITION, (_, a, b) => (a ? `if (!(${a})) ` : `if (!(${b}))`)));
      if (BOUND.test(from))
        changed.push(from.replace(BOUND, (_, what, bound) => what + Number(bound.replaceAll('_', '')) * 100));
      return changed.map((to) => ({ file, line: index + 1, from, to }));
    });
}

/** Numbers that look random, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function testsOf(module: string): string[] {
  return MODULES[module]!.flatMap((path) =>
    path.endsWith('.ts')
      ? [`test/${path}`]
      : readdirSync(`test/${path}`, { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.test.ts'))
          .map((name) => `test/${path}/${name}`),
  );
}

/** Whether the tests fail in a tree; a change that makes them hang is noticed, too. */
function fails(tree: string, tests: string[]): Promise<boolean> {
  const args = ['--import', 'tsx', '--test', '--test-timeout=60000', ...tests];
  const child = spawn(process.execPath, args, { cwd: tree, stdio: 'ignore', timeout: 120_000 });
  return new Promise((resolve) => child.on('close', (code) => resolve(code !== 0)));
}

function copy(): string {
  const tree = mkdtempSync(join(tmpdir(), 'mutation-'));
  const left = new Set(['node_modules', '.git', 'dist']);
  cpSync('.', tree, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

const most = Number(process.env.MUTATIONS ?? 10);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const modules = process.env.MODULES?.split(',') ?? Object.keys(MODULES);
console.log(`SEED=${seed} MUTATIONS=${most}`);
const tree = copy();
let tried = 0;
let unnoticed = 0;
try {
  for (const module of modules) {
    const next = random(seed);
    const tests = testsOf(module);
    if (await fails(tree, tests)) {
      console.log(`${module}: left out, since its tests fail without any change`);
      process.exitCode = 1;
      continue;
    }
    const files = readdirSync(`src/${module}`).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
    );
    const changes = files
      .flatMap((name) => changesOf(`src/${module}/${name}`))
      .map((change) => ({ change, order: next() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, most);
    let survived = 0;
    for (const { change } of changes) {
      const path = join(tree, change.file);
      const text = readFileSync(path, 'utf8');
      const lines = text.split('\n');
      lines[change.line - 1] = change.to;
      writeFileSync(path, lines.join('\n'));
      if (!(await fails(tree, tests))) {
        survived++;
        console.log(
          `  ${change.file}:${change.line}\n    - ${change.from.trim()}\n    + ${change.to.trim()}`,
        );
      }
      writeFileSync(path, text);
    }
    tried += changes.length;
    unnoticed += survived;
    console.log(`${module}: ${changes.length - survived} of ${changes.length} changes were noticed`);
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}
console.log(`${tried - unnoticed} of ${tried} changes were noticed`);
