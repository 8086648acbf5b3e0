/** How much it takes to count a file: ours, the bare loop, and others, each as a whole process with its start. */
import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exporter, freePort, get, Program, sleep, type Usage } from './process.ts';

/** Counts by "rule priority". */
export type Counts = Map<string, number>;
export interface Run extends Usage {
  counts: Counts;
}

/** How often it is asked whether all is counted; milliseconds. */
const ASK = 100;
/** How long mtail may take; milliseconds. */
const MOST = 180_000;

export async function ours(file: string): Promise<Run> {
  const state = mkdtempSync(join(tmpdir(), 'bench-state-'));
  const exporter = await Exporter.start([`--input.file=${file}`, `--state.dir=${state}`]);
  try {
    await exporter.ready(ASK);
    const usage = exporter.usage();
    return { ...usage, counts: exposed((await exporter.get('/metrics')).text) };
  } finally {
    await exporter.end();
    rmSync(state, { recursive: true });
  }
}

/** @param name of the file in bench/loops */
export async function loop(name: string, file: string, events: number): Promise<Run> {
  const script = new URL(`loops/${name}.js`, import.meta.url).pathname;
  const program = new Program(process.execPath, [script, file, String(events)]);
  try {
    const told = JSON.parse(await program.line()) as [string, number][];
    const usage = program.usage();
    const counts: Counts = new Map();
    for (const [key, count] of told) {
      const [rule, priority] = key.split('\0');
      add(counts, `${rule} ${priority!.toLowerCase()}`, count);
    }
    return { ...usage, counts };
  } finally {
    await program.end();
  }
}

/** mtail reads a file from its beginning only where it takes the place of one that it follows already. */
export async function mtail(file: string, events: number): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-mtail-'));
  const port = await freePort();
  const log = join(directory, 'events.json');
  writeFileSync(log, '');
  const program = new Program('mtail', [
    ...['--progs', new URL('falco.mtail', import.meta.url).pathname],
    ...['--logs', log, '--address', '127.0.0.1', '--port', String(port), '--poll_interval', '250ms'],
  ]);
  try {
    while ((await get(port, '/metrics').catch(() => undefined))?.status !== 200) await sleep(ASK);
    await sleep(1000);
    linkSync(file, `${log}.new`);
    renameSync(`${log}.new`, log);
    const deadline = performance.now() + MOST;
    for (;;) {
      if (performance.now() > deadline) throw new Error('mtail did not count all');
      const usage = program.usage();
      const counts = exposed((await get(port, '/metrics')).text);
      if ([...counts.values()].reduce((sum, count) => sum + count, 0) >= events) return { ...usage, counts };
      await sleep(ASK);
    }
  } finally {
    await program.end();
    rmSync(directory, { recursive: true });
  }
}

/** falco_events_total by rule and priority. */
function exposed(text: string): Counts {
  const counts: Counts = new Map();
  for (const [, labels, value] of text.matchAll(/^falco_events_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels!)![1]!;
    if (Number(value) > 0) add(counts, `${label('rule')} ${label('priority').toLowerCase()}`, Number(value));
  }
  return counts;
}

function add(counts: Counts, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

export function sameCounts(a: Counts, b: Counts): boolean {
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);
}

/** Whether a program can be run. */
export function isInstalled(command: string): boolean {
  return process.env.PATH!.split(':').some((directory) => existsSync(join(directory, command)));
}
