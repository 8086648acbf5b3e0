/** What it takes to be there: starting, waiting, being scraped, following a writer. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { cpuOf, Exporter, quantile, sleep } from './process.ts';

/** Some seconds after a start V8 collects what that left, and has compiled what runs often. Milliseconds. */
const SETTLED = 15_000;

/** Seconds until `node -e 0` has ended, and until we are ready with an empty file; medians of 5, in turn. */
export async function start(
  directory: string,
): Promise<{ node: number; ready: number; cpu: number; health: number; bare: number }> {
  const file = join(directory, 'empty.json');
  writeFileSync(file, '');
  const node: number[] = [];
  const ready: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < 5; run++) {
    const before = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    node.push((performance.now() - before) / 1000);
    const exporter = await Exporter.start([
      `--input.file=${file}`,
      `--state.dir=${join(directory, 'state-start')}`,
    ]);
    ready.push(await exporter.ready(3));
    cpu.push(exporter.usage().cpu);
    await exporter.end();
  }
  const asked = await Exporter.start(['--input.http', '--state.dir=']);
  await asked.ready(50);
  const main = new URL('../dist/main.js', import.meta.url).pathname;
  const health = cpuOf([process.execPath, main, 'health', `--web.listen-address=127.0.0.1:${asked.port}`]);
  const bare = cpuOf([process.execPath, '-e', '0']);
  await asked.end();
  return { health, bare, node: quantile(node, 0.5), ready: quantile(ready, 0.5), cpu: quantile(cpu, 0.5) };
}

/** Part of a core that it takes while nothing happens. @param seconds how long to look */
export async function idle(directory: string, seconds: number): Promise<number> {
  const file = join(directory, 'idle.json');
  writeFileSync(file, '');
  const exporter = await Exporter.start([
    `--input.file=${file}`,
    `--state.dir=${join(directory, 'state-idle')}`,
  ]);
  await exporter.ready(50);
  await sleep(SETTLED);
  const before = exporter.usage().cpu;
  await sleep(seconds * 1000);
  const used = exporter.usage().cpu - before;
  await exporter.end();
  return used / seconds;
}

export interface Scrapes {
  bytes: number;
  /** Milliseconds. */
  median: number;
  p99: number;
  /** Processor milliseconds of one. */
  cpu: number;
  /** The longest that a small request waited beside one; milliseconds. */
  longest: number;
}

/** Scrapes of so many series of falco_events_total. @param compressed as Prometheus asks for them */
export async function scrapes(directory: string, series: number, compressed: boolean): Promise<Scrapes> {
  const file = join(directory, `series-${series}-${compressed}.json`);
  const lines = Array.from({ length: series }, (_, index) =>
    JSON.stringify({
      output_fields: { 'container.name': `shop-${index % 200}` },
      priority: 'Warning',
      rule: `A rule with a name of some length ${Math.floor(index / 200)}`,
      source: 'syscall',
      time: '2026-11-23T12:00:00.000000000Z',
    }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const exporter = await Exporter.start([
    `--input.file=${file}`,
    `--state.dir=${join(directory, `state-${series}-${compressed}`)}`,
    '--series-limit=20000',
  ]);
  await exporter.ready(50);
  const times: number[] = [];
  let bytes = 0;
  const ask = async () =>
    compressed
      ? await exporter.compressed('/metrics')
      : Buffer.byteLength((await exporter.get('/metrics', true)).text);
  for (let warm = 0; warm < 20; warm++) await ask();
  const before = exporter.usage().cpu;
  for (let scrape = 0; scrape < 100; scrape++) {
    // Something changes between two scrapes, as it does.
    appendFileSync(file, `${lines[scrape % lines.length]}\n`);
    await sleep(20);
    const asked = performance.now();
    bytes = await ask();
    times.push(performance.now() - asked);
  }
  const cpu = ((exporter.usage().cpu - before) / 100) * 1000;
  // What the event loop does at once keeps /healthz waiting.
  let longest = 0;
  for (let scrape = 0; scrape < 20; scrape++) {
    let done = false;
    const scraped = ask().finally(() => (done = true));
    while (!done) {
      const asked = performance.now();
      await exporter.get('/healthz');
      longest = Math.max(longest, performance.now() - asked);
    }
    await scraped;
  }
  await exporter.end();
  return { longest, bytes, median: quantile(times, 0.5), p99: quantile(times, 0.99), cpu };
}

/** Scrapes while a file that has just appeared is read, in five starts. @returns their times in milliseconds */
export async function scrapesWhileReading(directory: string, stock: string): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const file = join(directory, `catch-up-${run}.json`);
    writeFileSync(file, '');
    const exporter = await Exporter.start([
      `--input.file=${file}`,
      `--state.dir=${join(directory, `state-catch-up-${run}`)}`,
    ]);
    await exporter.ready(50);
    linkSync(stock, `${file}.new`);
    renameSync(`${file}.new`, file);
    while ((await readBytes(exporter)) === 0) await sleep(5);
    for (let read = 0; read < statSync(stock).size; ) {
      await sleep(10);
      const asked = performance.now();
      read = await readBytes(exporter);
      times.push(performance.now() - asked);
    }
    await exporter.end();
  }
  return times;
}

/** Resident memory in MiB after each of so many files, each a little larger than the one given; and the peak. */
export async function memory(
  directory: string,
  stock: string,
  files: number,
): Promise<{ resident: number[]; peak: number }> {
  const folder = join(directory, 'files');
  mkdirSync(folder);
  // Where nothing matches it never says that it is ready.
  writeFileSync(join(folder, 'first.json'), '');
  const exporter = await Exporter.start([
    `--input.file=${join(folder, '*.json')}`,
    `--state.dir=${join(directory, 'state-files')}`,
  ]);
  await exporter.ready(50);
  const resident: number[] = [];
  let due = 0;
  for (let number = 0; number < files; number++) {
    const path = join(folder, `${number}.json`);
    // Files that begin alike are one file, rotated.
    due += copyWithFirstLine(stock, path, `{"rule":"File ${number}","priority":"Debug"}\n`);
    while ((await readBytes(exporter)) < due) await sleep(200);
    resident.push(exporter.usage().resident);
    rmSync(path);
  }
  const { peak } = exporter.usage();
  await exporter.end();
  return { resident, peak };
}

async function readBytes(exporter: Exporter): Promise<number> {
  const { text } = await exporter.get('/metrics');
  return Number(/^falco_exporter_read_bytes_total\{.*\} (\S+)$/m.exec(text)?.[1] ?? 0);
}

function copyWithFirstLine(from: string, to: string, line: string): number {
  const [input, output] = [openSync(from, 'r'), openSync(`${to}.part`, 'w')];
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  let size = writeSync(output, line);
  for (let read = readSync(input, buffer); read > 0; read = readSync(input, buffer))
    size += writeSync(output, buffer, 0, read);
  closeSync(input);
  closeSync(output);
  renameSync(`${to}.part`, to);
  return size;
}

/** Part of a core that it takes to follow a writer. @param rate events a second, written ten times a second */
export async function following(
  directory: string,
  lines: readonly string[],
  rate: number,
  seconds: number,
): Promise<number> {
  const file = join(directory, `rate-${rate}.json`);
  const output = openSync(file, 'w');
  const exporter = await Exporter.start([
    `--input.file=${file}`,
    `--state.dir=${join(directory, `state-rate-${rate}`)}`,
  ]);
  await exporter.ready(50);
  const began = performance.now();
  let [before, counted, written] = [0, began, 0];
  while (performance.now() - began < SETTLED + seconds * 1000) {
    if (counted === began && performance.now() - began >= SETTLED)
      [before, counted] = [exporter.usage().cpu, performance.now()];
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    let block = '';
    for (; written < due; written++) block += `${lines[written % lines.length]}\n`;
    if (block !== '') writeSync(output, block);
    await sleep(100);
  }
  const used = exporter.usage().cpu - before;
  closeSync(output);
  await exporter.end();
  return (used / (performance.now() - counted)) * 1000;
}
