/**
 * `npm run bench`: one table of how much each thing takes. Everything is compared within one run, on the same files.
 *
 *   npm run bench -- --events=100000 --runs=3 --only=counting
 *
 * Files are made in a temporary directory, and deleted. `mtail` is compared with where it is installed.
 */
import { closeSync, createReadStream, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isInstalled, loop, mtail, ours, type Run, sameCounts } from './counting.ts';
import { manyFiles } from './files.ts';
import { firstEvents } from './first-events.ts';
import { BARE, type Posting, posting, SERVERS } from './posting.ts';
import { quantile } from './process.ts';
import { following, idle, memory, scrapes, scrapesWhileReading, start } from './serving.ts';
import { SHAPES, type Shape, writeShape } from './shapes.ts';

/** Different events that are posted, and how often one is. */
const POSTED = 5000;
const POSTS = 30_000;
/** First events that a Prometheus server sees. */
const FIRST = 60;
const PARTS = [
  ...['counting', 'posting', 'start', 'idle', 'files', 'scrapes', 'memory', 'following'],
  'first-events',
];
const { values } = parseArgs({
  options: {
    /** Of the stock shape; the others have a quarter. */
    events: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: PARTS.join(',') },
    shapes: { type: 'string', default: SHAPES.join(',') },
    /** For the idle process. */
    seconds: { type: 'string', default: '60' },
    /** How many files beside the input, and of a pattern. */
    files: { type: 'string', default: '1,1000,3000,10000' },
  },
});
const [events, runs, seed] = [Number(values.events), Number(values.runs), Number(values.seed)];
const parts = values.only.split(',');
const directory = mkdtempSync(join(tmpdir(), 'falco-event-exporter-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

/** Printed as it comes: a run takes minutes. */
function row(what: string, taken: string, ratio = '', more = ''): void {
  process.stdout.write(`| ${what} | ${taken} | ${ratio} | ${more} |\n`);
}

/** Runs each in turn, so that all of them meet the same machine, and the file in its memory. */
async function inTurn(file: string, all: Record<string, () => Promise<Run>>): Promise<Map<string, Run[]>> {
  const results = new Map<string, Run[]>(Object.keys(all).map((name) => [name, []]));
  for (let run = 0; run < runs; run++)
    for (const [name, once] of Object.entries(all)) {
      for await (const _ of createReadStream(file));
      results.get(name)!.push(await once());
    }
  return results;
}

function firstLines(path: string, bytes: number): string[] {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(bytes);
  const text = buffer.toString('utf8', 0, readSync(file, buffer));
  closeSync(file);
  return text.split('\n').slice(0, -1);
}

async function counting(shape: Shape): Promise<void> {
  const number = shape === 'stock' ? events : Math.ceil(events / 4);
  const file = join(directory, 'events.json');
  const size = writeShape(file, shape, number, seed);
  const bare = shape === 'stock' || shape === 'Docker-wrapped' || shape === 'CRI';
  const all: Record<string, () => Promise<Run>> = {
    ours: () => ours(file),
    'bare JSON.parse': () => loop('bare', file, number),
  };
  if (shape === 'stock') {
    all['tail-file'] = () => loop('tail-file', file, number);
    all['@logdna/tail-file'] = () => loop('logdna', file, number);
  }
  if (bare && shape !== 'Docker-wrapped' && isInstalled('mtail')) all.mtail = () => mtail(file, number);
  const results = await inTurn(file, all);
  const mine = results.get('ours')!;
  for (const [name, theirs] of results) {
    const cpu = quantile(
      theirs.map((run) => run.cpu),
      0.5,
    );
    const ratio = quantile(
      theirs.map((run, index) => run.cpu / mine[index]!.cpu),
      0.5,
    );
    const peak = Math.max(...theirs.map((run) => run.peak));
    const same = theirs.every((run) => sameCounts(run.counts, mine[0]!.counts));
    row(
      `${shape}, ${number} events, ${Math.round(size / 1e6)} MB: ${name}`,
      `${cpu.toFixed(2)} s CPU`,
      `${ratio.toFixed(2)} × ours`,
      `${Math.round(number / cpu)} events per CPU second, peak ${peak.toFixed(0)} MiB${same ? '' : ', COUNTS DIFFER'}`,
    );
  }
  rmSync(file);
}

process.stdout.write(
  `Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}; ${runs} runs, medians; seed ${seed}\n\n`,
);
process.stdout.write('| what | taken | ratio | more |\n| --- | --: | --: | --- |\n');

if (parts.includes('counting'))
  for (const shape of SHAPES.filter((each) => values.shapes.split(',').includes(each))) await counting(shape);

if (parts.includes('posting')) {
  const file = join(directory, 'posted.json');
  writeShape(file, 'stock', POSTED, seed);
  const lines = firstLines(file, statSync(file).size);
  for (const connections of [1, 32]) {
    const results: Record<string, Posting[]> = {};
    for (let run = 0; run < runs; run++)
      for (const [name, start] of Object.entries(SERVERS)) {
        const server = await start();
        if (!server) continue;
        results[name] ??= [];
        results[name].push(await posting(server, lines, POSTS, connections));
      }
    const bare = results[BARE]!;
    for (const [name, theirs] of Object.entries(results)) {
      const ratios = theirs.map(({ cpu }, run) => cpu / bare[run]!.cpu);
      const cpus = theirs.map(({ cpu }) => cpu);
      row(
        `an event posted, ${connections} connections: ${name}`,
        `${quantile(cpus, 0.5).toFixed(1)} µs CPU`,
        `${quantile(ratios, 0.5).toFixed(2)} × ${BARE}`,
        `peak ${Math.max(...theirs.map(({ peak }) => peak)).toFixed(0)} MiB`,
      );
    }
  }
}
if (parts.includes('start')) {
  const { node, ready, cpu, health, bare } = await start(directory);
  row(
    'start: ready with an empty file',
    `${(ready * 1000).toFixed(0)} ms`,
    `${(ready / node).toFixed(1)} × node -e 0`,
    `${cpu.toFixed(2)} s CPU`,
  );
  row('health', `${(health * 1000).toFixed(0)} ms CPU`, `${(health / bare).toFixed(2)} × node -e 0`);
}
if (parts.includes('idle')) {
  const part = await idle(directory, Number(values.seconds));
  row(`idle for ${values.seconds} s`, `${(part * 100).toFixed(2)} % of a core`, '', '');
}
if (parts.includes('files'))
  for (const pattern of [false, true])
    for (const files of values.files.split(',').map(Number)) {
      const { ready, again, rotation, appeared, idle, resident, descriptors } = await manyFiles(
        directory,
        files,
        pattern,
        Math.min(20, Number(values.seconds)),
      );
      row(
        `${files} ${pattern ? 'files of a pattern' : 'rotated files beside the input'}`,
        `ready in ${ready.toFixed(2)} s`,
        `again in ${again.toFixed(2)} s`,
        `blind for ${rotation.toFixed(2)} s at a rotation, ${appeared.toFixed(2)} s for ${pattern ? 'a new file' : 'an event'}; idle ${(idle * 100).toFixed(2)} % of a core; ${resident.toFixed(0)} MiB, ${descriptors} descriptors`,
      );
    }
if (parts.includes('scrapes'))
  for (const [series, compressed] of [
    [100, false],
    [1000, false],
    [10_000, false],
    [10_000, true],
  ] as const) {
    const { bytes, median, p99, cpu, longest } = await scrapes(directory, series, compressed);
    row(
      `scrape of ${series} series${compressed ? ', OpenMetrics, gzip' : ''}`,
      `${median.toFixed(1)} ms median`,
      `${p99.toFixed(1)} ms p99`,
      `${cpu.toFixed(1)} ms CPU, ${Math.round(bytes / 1024)} KiB, the event loop at most ${longest.toFixed(1)} ms`,
    );
  }

const stock = join(directory, 'stock.json');
if (parts.some((part) => ['scrapes', 'memory', 'following'].includes(part)))
  writeShape(stock, 'stock', events, seed);
if (parts.includes('scrapes')) {
  const times = await scrapesWhileReading(directory, stock);
  row(
    `${times.length} scrapes while a file is read`,
    `${quantile(times, 0.5).toFixed(1)} ms median`,
    `${quantile(times, 0.99).toFixed(1)} ms p99`,
    `${Math.max(...times).toFixed(1)} ms longest`,
  );
}
if (parts.includes('memory')) {
  const { resident, peak } = await memory(directory, stock, 10);
  const size = Math.round(statSync(stock).size / 1e6);
  row(
    `memory over ten files of ${size} MB`,
    `peak ${peak.toFixed(0)} MiB`,
    '',
    `after each: ${resident.map((each) => each.toFixed(0)).join(', ')} MiB`,
  );
}
if (parts.includes('following')) {
  const lines = firstLines(stock, 8_000_000);
  for (const rate of [10, 1000, 100_000]) {
    const part = await following(directory, lines, rate, 20);
    row(`following ${rate} events a second`, `${(part * 100).toFixed(2)} % of a core`, '', '');
  }
}
if (parts.includes('first-events'))
  await Promise.all(
    [false, true].map(async (created) => {
      const found = await firstEvents(directory, FIRST, created);
      if (!found) return;
      const { seen, series } = found;
      row(
        `${FIRST} first events, created timestamps ${created ? 'on' : 'off'}`,
        `${quantile(seen, 0.5).toFixed(1)} s median until increase() > 0`,
        `${Math.max(...seen).toFixed(1)} s longest`,
        `${seen.length} seen, ${series} series`,
      );
    }),
  );
