/** What many files take: rotated ones beside the input, and a pattern that matches them all. */
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exporter, sleep } from './process.ts';

/** Nobody waits longer; seconds. */
const PATIENCE = 300;

export interface ManyFiles {
  /** Seconds from its start until it is ready, of a first start and of one that goes on; infinite: not in `PATIENCE`. */
  ready: number;
  again: number;
  /** Seconds from an event that is written just after a rotation until it is counted. */
  rotation: number;
  /** The same of an event in a file that is new. */
  appeared: number;
  /** Part of a core while nothing happens. */
  idle: number;
  /** MiB. */
  resident: number;
  descriptors: number;
}

let events = 0;
function line(): string {
  const time = `2026-11-25T10:00:00.${String(events++).padStart(9, '0')}Z`;
  const output_fields = { 'container.id': 'c0ffee', 'container.name': 'web' };
  return `${JSON.stringify({ hostname: 'node-1', output: `${time}: Error A shell`, output_fields, priority: 'Error', rule: 'A shell', source: 'syscall', time })}\n`;
}

/**
 * @param pattern whether all are the input, else they are rotated files beside it
 * @param seconds how long to look while nothing happens
 */
export async function manyFiles(
  directory: string,
  files: number,
  pattern: boolean,
  seconds: number,
): Promise<ManyFiles> {
  const folder = join(directory, `many-${files}`);
  mkdirSync(folder);
  const live = join(folder, 'events.json');
  writeFileSync(live, line());
  for (let n = 0; n < files; n++)
    writeFileSync(
      join(folder, pattern ? `node-${n}.json` : `events.json-2026-${String(n).padStart(6, '0')}`),
      line(),
    );
  const state = join(directory, `state-many-${files}`);
  const flags = [`--input.file=${pattern ? join(folder, '*.json') : live}`, `--state.dir=${state}`];
  const result: ManyFiles = {
    ready: Number.POSITIVE_INFINITY,
    again: Number.NaN,
    rotation: Number.NaN,
    appeared: Number.NaN,
    idle: Number.NaN,
    resident: Number.NaN,
    descriptors: Number.NaN,
  };
  let exporter = await Exporter.start(flags);
  try {
    const limit = AbortSignal.timeout(PATIENCE * 1000);
    result.ready = await Promise.race([exporter.ready(50), aborted(limit)]);
    if (!Number.isFinite(result.ready)) return result;
    await sleep(5000);
    const { cpu } = exporter.usage();
    await sleep(seconds * 1000);
    result.idle = (exporter.usage().cpu - cpu) / seconds;
    result.resident = exporter.usage().resident;
    result.descriptors = exporter.descriptors();
    result.rotation = await until(exporter, () => {
      renameSync(live, join(folder, pattern ? 'events-1.json' : 'events.json-2026-999999'));
      writeFileSync(live, line());
    });
    result.appeared = await until(exporter, () => {
      if (pattern) writeFileSync(join(folder, 'new.json'), line());
      else appendFileSync(live, line());
    });
    await exporter.end();
    exporter = await Exporter.start(flags);
    result.again = await Promise.race([exporter.ready(50), aborted(AbortSignal.timeout(PATIENCE * 1000))]);
    return result;
  } finally {
    exporter.child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

function aborted(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(Number.POSITIVE_INFINITY)));
}

/** Seconds until one more event is counted than before. */
async function until(exporter: Exporter, change: () => void): Promise<number> {
  const counted = async () =>
    Number(
      /^falco_exporter_lines_total\{outcome="event"\} (\S+)$/m.exec(
        (await exporter.get('/metrics')).text,
      )?.[1],
    );
  const before = await counted();
  const began = performance.now();
  change();
  while ((await counted()) <= before) {
    if (performance.now() - began > PATIENCE * 1000) return Number.POSITIVE_INFINITY;
    await sleep(20);
  }
  return (performance.now() - began) / 1000;
}
