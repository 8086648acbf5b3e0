/** One fault run: the real process over a file that is written and rotated, killed at random moments. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, pause, SCRAPE, samples, temporary } from '../support/exporter.ts';
import { randomFrom } from './random.ts';

/** Ways to rotate that lose nothing, and shapes of lines. */
export const WAYS = ['chain', 'dated', 'gzip', 'copytruncate', 'absent', 'link', 'docker', 'cri'] as const;
export type Way = (typeof WAYS)[number];

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** How long the writer writes; milliseconds. */
const WRITING = 2000;
const HOLD = 300;

/** @throws where a count isn't the truth, or a counter fell. */
export async function faultRun(
  way: Way,
  seed: number,
): Promise<{ events: number; kills: number; scrapes: number }> {
  const random = randomFrom(seed);
  const directory = temporary();
  const port = await freePort();
  const path = join(directory.path, 'log', 'events.json');
  mkdirSync(join(directory.path, 'log'));
  const args = [
    MAIN,
    `--input.file=${path}`,
    `--state.dir=${join(directory.path, 'state')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.hold=${HOLD}ms`,
  ];
  let log = '';
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
    const exited = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    else return child.exitCode;
    return ((await exited) as [number | null])[0];
  };
  const scrapers = [new Scraper(port, SCRAPE), new Scraper(port, {})];
  let child = start();
  let kills = 0;
  try {
    // What is there at the very first start is no news; here all is. The start is over with its first snapshot: what an
    // answer says before it no later process knows.
    const snapshot = join(directory.path, 'state', 'snapshot.json');
    await scrapers[1]!.until(() => existsSync(snapshot));
    const writer = spawn(
      process.execPath,
      ['--import', 'tsx', WRITER, path, way, String(seed), String(WRITING)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let truthText = '';
    writer.stdout.setEncoding('utf8').on('data', (text: string) => {
      truthText += text;
    });
    const written = once(writer, 'close');
    let writing = true;
    written.then(() => {
      writing = false;
    });
    const scraping = Promise.all(scrapers.map((scraper) => scraper.run()));
    while (writing) {
      await Promise.race([pause(50 + random(700)), written]);
      const gently = random(5) === 0;
      const code = await end(child, gently ? 'SIGTERM' : 'SIGKILL');
      kills++;
      await pause(random(100));
      child = start();
      if (gently && code !== null) assert.equal(code, 0, 'SIGTERM ends it well');
    }
    const truth = JSON.parse(truthText) as Record<string, number>;
    const events = Object.values(truth).reduce((sum, count) => sum + count, 0);
    const wanted = new Map(Object.entries(truth).map(([rule, count]) => [sample(rule), count]));
    const reached = (found: Map<string, number>) =>
      [...wanted].every(([name, count]) => (found.get(name) ?? 0) >= count);
    await scrapers[1]!.until(reached);
    await scrapers[0]!.until(reached);
    // What is counted twice may come late.
    await pause(300);
    for (const scraper of scrapers) scraper.stop();
    await scraping;
    const counts = await scrapers[1]!.ask();
    const counted = new Map(
      [...counts].filter(([name, count]) => name.startsWith('falco_events_total{') && count > 0),
    );
    assert.deepEqual(sorted(counted), sorted(wanted));
    assert.equal(counts.get(`falco_exporter_gaps_total{input="${path}"}`), 0, 'no gap');
    assert.equal(counts.get('falco_exporter_lines_total{outcome="malformed"}'), 0, 'nothing is torn');
    for (const [name, first] of scrapers[0]!.first)
      if (name.startsWith('falco_events_total{')) assert.equal(first, 0, `${name} was born at ${first}`);
    return { events, kills, scrapes: scrapers.reduce((sum, { answers }) => sum + answers, 0) };
  } catch (error) {
    (error as Error).message += `\nway ${way}, seed ${seed}\n${log.slice(-4000)}\n${stateIn(directory.path)}`;
    throw error;
  } finally {
    for (const scraper of scrapers) scraper.stop();
    await end(child, 'SIGKILL');
    directory.remove();
  }
}

const sample = (rule: string) => `falco_events_total{rule="${rule}",service="web",priority="error"}`;

/** What stands there, and how far the last snapshot says that it was read. */
function stateIn(directory: string): string {
  const files = ['log', 'pods']
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .map((path) => ({ path, stats: lstatSync(path) }))
    .map(({ path, stats }) => `${stats.ino} ${stats.size} ${path}`);
  const snapshot = join(directory, 'state', 'snapshot.json');
  const text = existsSync(snapshot) ? readFileSync(snapshot, 'utf8').slice(0, 20_000) : 'no snapshot';
  return `${files.join('\n')}\n${text}`;
}

function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Asks over and over, and fails at the first counter that falls or goes away. */
class Scraper {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #last = new Map<string, number>();
  /** The first value of each counter. */
  readonly first = new Map<string, number>();
  answers = 0;
  #running = true;

  constructor(port: number, headers: Record<string, string>) {
    this.#url = `http://127.0.0.1:${port}/metrics`;
    this.#headers = headers;
  }

  stop(): void {
    this.#running = false;
  }

  async run(): Promise<void> {
    while (this.#running) {
      await this.ask().catch((error: unknown) => {
        if (error instanceof assert.AssertionError) throw error;
      });
      await pause(30);
    }
  }

  async ask(): Promise<Map<string, number>> {
    const answer = await fetch(this.#url, { headers: { ...this.#headers, connection: 'close' } });
    const found = samples(await answer.text());
    this.answers++;
    for (const [name, value] of found) {
      if (!/^falco_\w+_total\b/.test(name)) continue;
      const last = this.#last.get(name);
      assert.ok(last === undefined || value >= last, `${name} fell from ${last} to ${value}`);
      this.#last.set(name, value);
      if (!this.first.has(name)) this.first.set(name, value);
    }
    for (const name of this.#last.keys()) assert.ok(found.has(name), `${name} is not there any more`);
    return found;
  }

  async until(wanted: (found: Map<string, number>) => boolean): Promise<void> {
    const limit = Date.now() + 20_000;
    let found = new Map<string, number>();
    while (!wanted(found)) {
      if (Date.now() > limit)
        assert.fail(
          `not in 20 s: ${[...found].filter(([name, value]) => value > 0 && /^falco_\w+_total/.test(name)).join('\n')}`,
        );
      await pause(30);
      found = await this.ask().catch((error: unknown) => {
        if (error instanceof assert.AssertionError) throw error;
        return found;
      });
    }
  }
}
