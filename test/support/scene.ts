/**
 * A directory with files that are written, rotated and lost, the real process that follows them, and the truth: each
 * event has a rule of its own, so a wrong count says which event, and in which file it was written.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, samples, temporary } from './exporter.ts';

/** The built program; another build is judged by naming its main.js. */
const MAIN = process.env.EXPORTER_MAIN ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** How long anything may take, in milliseconds: the machine may be busy. */
const PATIENCE = Number(process.env.SCENE_PATIENCE ?? 30_000);
/** A renamed file is let go 5 s after its last byte, and a pattern is looked up each second: what is counted twice, is by then. */
const SETTLED = 7000;
/** README promises 5 s. */
const STOP = 5000;
const POLL = 100;

/**
 * What happens at a scenario's moments: nothing; a kill -9 and a start; a kill -9 at the first and a start at the second;
 * the same with SIGTERM; and SIGSTOP and SIGCONT, so that nobody looks between.
 */
export const WAYS = ['running', 'killed', 'down', 'ended', 'stopped'] as const;
export type Way = (typeof WAYS)[number];

export interface SceneOptions {
  /** The input as it is given, `%` being the directory. */
  input?: string | readonly string[];
  /** The file that ends the scene with one more event; null: none is written. */
  live?: string | null;
  /** Whether a gap is counted; at 'allowed' and 'required' events that are `risky` may be missing. */
  gap?: 'none' | 'allowed' | 'required';
  /** Whether what a gap stands for may be counted again. */
  again?: boolean;
  /** Lines that are not events; none, where nothing is said. */
  malformed?: number | 'any';
  oversized?: number | 'any';
  text?: number | 'any';
  /** Whether it may be unable to read its input at the end. */
  unready?: boolean;
}

export interface StartOptions {
  input?: string | readonly string[];
  /** More arguments. */
  flags?: readonly string[];
  /** Programs that start it, each executing the next. */
  under?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

interface Expected {
  file: string;
  /** `due` is counted once; `risky` may be missing where a gap is counted; `old` never; `free` at most once. */
  fate: 'due' | 'risky' | 'old' | 'free';
}

export class Scene {
  readonly directory: string;
  readonly way: Way;
  /** All that any of its processes logged. */
  log = '';
  fate: Expected['fate'] = 'due';
  readonly #options: SceneOptions;
  readonly #remove: () => void;
  readonly #events = new Map<string, Expected>();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  #start: StartOptions = {};
  #child: ChildProcess | undefined;
  #port = 0;
  #moments = 0;
  #stopped = false;
  #changed = Date.now();

  constructor(options: SceneOptions, way: Way = 'running') {
    const { path, remove } = temporary();
    this.directory = realpathSync(path);
    this.#remove = remove;
    this.#options = options;
    this.way = way;
    // Others than root are to read there, too.
    chmodSync(this.directory, 0o755);
  }

  /** A path of the directory. */
  at(path: string): string {
    return join(this.directory, path);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get port(): number {
    return this.#port;
  }

  /** Done at the end, whatever comes. */
  finally(cleanup: () => void | Promise<void>): void {
    this.#cleanups.push(cleanup);
  }

  // ---- events

  /** An event that is expected, as a line without its newline. @param pad so many bytes are added */
  event(file: string, pad = 0): string {
    const number = this.#events.size;
    const rule = `event ${number}`;
    this.#events.set(rule, { file, fate: this.fate });
    const time = `2026-11-25T10:00:00.${String(number).padStart(9, '0')}Z`;
    const fields = {
      'container.id': 'c0ffee',
      'container.name': 'web',
      ...(pad > 0 && { pad: 'x'.repeat(pad) }),
    };
    return JSON.stringify({
      hostname: 'node-1',
      output: `${time}: Error A shell was spawned`,
      output_fields: fields,
      priority: 'Error',
      rule,
      source: 'syscall',
      tags: ['shell'],
      time,
    });
  }

  /** Appends, as Falco does with `keep_alive: false`. */
  append(file: string, text: string | Buffer): void {
    mkdirSync(dirname(this.at(file)), { recursive: true });
    appendFileSync(this.at(file), text);
    this.changed();
  }

  changed(): void {
    this.#changed = Date.now();
  }

  // ---- the process

  async start(options: StartOptions = {}): Promise<void> {
    this.#start = { ...this.#start, ...options };
    const { input = this.#options.input ?? '%/events.json', flags = [], under = [], env = {} } = this.#start;
    const inputs = (typeof input === 'string' ? [input] : input).map(
      (each) => `--input.file=${each.replace('%', this.directory)}`,
    );
    const [command, ...args] = [
      ...under.map((each) => each.replace('%', this.directory)),
      process.execPath,
      MAIN,
      ...inputs,
      `--state.dir=${this.at('state')}`,
      '--web.listen-address=127.0.0.1:0',
      ...flags,
    ];
    const child = spawn(command!, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.directory,
      env: { ...process.env, ...env },
    });
    this.#child = child;
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      this.log += text;
    });
    await this.#until('it listens', () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
      const port = / (?:port=|address=\S*:)(\d+) /.exec(log)?.[1];
      if (port !== undefined) this.#port = Number(port);
      return port !== undefined;
    });
    this.changed();
  }

  async kill(): Promise<void> {
    await this.#signal('SIGKILL');
  }

  /** SIGTERM. @throws if it does not exit with 0 in time */
  async end(): Promise<void> {
    this.freeze(false);
    const before = Date.now();
    const code = await this.#signal('SIGTERM');
    assert.equal(code, 0, 'SIGTERM ends it well');
    assert.ok(Date.now() - before < STOP + 3000, 'SIGTERM ends it in time');
  }

  async #signal(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode !== null || child.signalCode !== null)
      assert.fail(`it had ended by itself with ${child.exitCode ?? child.signalCode}`);
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const limit = new AbortController();
    const late = pause(STOP * 2, limit.signal).then(() => {
      if (limit.signal.aborted) return;
      child.kill('SIGKILL');
      return 'late' as const;
    });
    const first = await Promise.race([exited, late]);
    limit.abort();
    this.#child = undefined;
    this.#stopped = false;
    if (first === 'late' || first === undefined) assert.fail(`${signal} did not end it`);
    return first[0];
  }

  freeze(stop: boolean): void {
    if (this.#stopped === stop) return;
    this.#stopped = stop;
    this.#child!.kill(stop ? 'SIGSTOP' : 'SIGCONT');
    this.changed();
  }

  /** Whether it does not run just now. */
  get down(): boolean {
    return this.#child === undefined;
  }

  async moment(): Promise<void> {
    const first = this.#moments++ % 2 === 0;
    if (this.way === 'running') return;
    if (this.way === 'stopped') return this.freeze(first);
    if (this.way === 'killed') {
      await this.kill();
      return this.start();
    }
    if (!first) return this.start();
    return this.way === 'ended' ? this.end() : this.kill();
  }

  // ---- what it says

  async get(path: string): Promise<{ status: number; body: string }> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(5000),
    });
    return { status: answer.status, body: await answer.text() };
  }

  async metrics(): Promise<Map<string, number>> {
    return samples((await this.get('/metrics')).body);
  }

  /** @param holds tells what it saw */
  async #until(
    what: string,
    holds: (tell: (seen: string) => void) => boolean | Promise<boolean>,
  ): Promise<void> {
    const limit = Date.now() + PATIENCE;
    let seen = '';
    for (;;) {
      try {
        const tell = (text: string) => {
          seen = text;
        };
        if (await holds(tell)) return;
      } catch (error) {
        // Nobody may answer for a while; what was asserted stands.
        if (!(error instanceof TypeError) && (error as Error).name !== 'TimeoutError') throw error;
        seen = String(error);
      }
      if (Date.now() > limit) assert.fail(`not in ${PATIENCE / 1000} s: ${what}: ${seen}`);
      await pause(POLL);
    }
  }

  /** Until it has looked at its inputs again, so that it knows what was done before. */
  async looked(): Promise<void> {
    const metric = 'falco_exporter_last_look_timestamp_seconds';
    const seen = new Set<number>();
    await this.#until('it looks', async () => {
      const metrics = await this.metrics();
      // A build without that metric looks four times a second.
      seen.add(
        [...metrics.keys()].some((name) => name.startsWith(metric)) ? family(metrics, metric) : Date.now(),
      );
      return seen.size > 5;
    });
  }

  /** Until all that is due is counted; fails at once where anything is counted twice. */
  async counted(): Promise<void> {
    await this.#until('all is counted', async (tell) => {
      const { wrong, missing, risky, gaps, text } = this.#judge(await this.metrics());
      if (wrong.length > 0) assert.fail(text);
      tell(text);
      return missing.length === 0 && (risky.length === 0 || gaps > 0);
    });
  }

  /** Until the snapshot on disk holds all that is due: a kill -9 now forgets none of it. */
  async saved(): Promise<void> {
    await this.#until('all is saved', (tell) => {
      const text = readFileSync(this.at('state/snapshot.json'), 'utf8');
      const missing = [...this.#events].filter(
        ([rule, { fate }]) => fate === 'due' && !text.includes(`"${rule}"`),
      );
      tell(missing.map(([rule]) => rule).join(', '));
      return missing.length === 0;
    });
  }

  async logged(what: RegExp): Promise<void> {
    await this.#until(`logged ${what}`, () => what.test(this.log));
  }

  async answers(path: string, status: number, body = /(?:)/): Promise<void> {
    await this.#until(`${path} answers ${status} ${body}`, async (tell) => {
      const answer = await this.get(path);
      tell(`${answer.status} ${answer.body}`);
      return answer.status === status && body.test(answer.body);
    });
  }

  async metric(what: string, holds: (metrics: Map<string, number>) => boolean): Promise<void> {
    await this.#until(what, async () => holds(await this.metrics()));
  }

  /** Files of the directory that it has open, without its state. */
  open(): string[] {
    const names = readdirSync(`/proc/${this.pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${this.pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    return names.filter(
      (name) => name.startsWith(`${this.directory}/`) && !name.startsWith(this.at('state/')),
    );
  }

  // ---- the end

  /** What a scenario ends with: all that is due was counted, nothing twice, also later and after one more start. */
  async finish(restarts: boolean): Promise<void> {
    if (this.#stopped) this.freeze(false);
    if (this.down) await this.start();
    await this.counted();
    await this.#settled();
    await this.#atLast();
    if (restarts) {
      await this.end();
      await this.start();
      await this.#atLast();
    }
    await this.end();
  }

  /** Until a file that is not its input's any more would be let go and taken up again. */
  async #settled(): Promise<void> {
    while (Date.now() - this.#changed < SETTLED) {
      const { wrong, text } = this.#judge(await this.metrics());
      if (wrong.length > 0) assert.fail(text);
      await pause(POLL * 2);
    }
  }

  async #atLast(): Promise<void> {
    const { live = 'events.json', unready = false } = this.#options;
    if (live !== null) {
      this.fate = 'due';
      this.append(live, `${this.event(live)}\n`);
    }
    if (!unready) await this.answers('/readyz', 200);
    await this.counted();
    if (!unready) await this.metric('no lag', (metrics) => family(metrics, 'falco_exporter_lag_bytes') === 0);
    const metrics = await this.metrics();
    const { wrong, missing, text, gaps } = this.#judge(metrics);
    assert.ok(wrong.length === 0 && missing.length === 0, text);
    const { gap = 'none' } = this.#options;
    if (gap === 'none') assert.equal(gaps, 0, `a false gap\n${text}`);
    if (gap === 'required') assert.ok(gaps > 0, `no gap\n${text}`);
    if (gaps > 0) assert.match(this.log, /bytes may have been lost/);
    for (const outcome of ['malformed', 'oversized', 'text'] as const) {
      const wanted = this.#options[outcome] ?? 0;
      const lines = metrics.get(`falco_exporter_lines_total{outcome="${outcome}"}`);
      if (wanted !== 'any') assert.equal(lines, wanted, `lines that are ${outcome}`);
    }
  }

  #judge(metrics: Map<string, number>): Judgement {
    const gaps = family(metrics, 'falco_exporter_gaps_total');
    const judgement: Judgement = { gaps, wrong: [], missing: [], risky: [], text: '' };
    const counts = new Map<string, number>();
    for (const [sample, count] of metrics) {
      const rule = /^falco_events_total\{rule="([^"]*)"/.exec(sample)?.[1];
      if (rule === undefined || rule === '__overflow__' || count === 0) continue;
      counts.set(rule, (counts.get(rule) ?? 0) + count);
      if (!this.#events.has(rule)) judgement.wrong.push(`${rule}, which was never written: ${count}`);
    }
    for (const [rule, { file, fate }] of this.#events) {
      const count = counts.get(rule) ?? 0;
      const most = fate === 'old' ? 0 : 1;
      const said = `${file}: ${rule}, ${count} times`;
      if (count > most && !(this.#options.again && gaps > 0 && fate !== 'old')) judgement.wrong.push(said);
      else if (count === 0 && fate === 'due') judgement.missing.push(said);
      else if (count === 0 && fate === 'risky') judgement.risky.push(said);
    }
    judgement.text = Object.entries({
      wrong: judgement.wrong,
      missing: judgement.missing,
      'missing, which a gap would excuse': judgement.risky,
    })
      .filter(([, events]) => events.length > 0)
      .map(([title, events]) => `${title} (${events.length}):\n  ${events.slice(0, 60).join('\n  ')}`)
      .concat(`gaps: ${gaps}, events: ${this.#events.size}`)
      .join('\n');
    return judgement;
  }

  /** Ends what still runs, and removes the directory. */
  async close(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    if (existsSync(this.directory)) this.#remove();
  }
}

interface Judgement {
  gaps: number;
  /** Counted more often than right; never written. */
  wrong: string[];
  missing: string[];
  risky: string[];
  text: string;
}

/** The sum of a family's samples. */
export function family(metrics: Map<string, number>, name: string): number {
  let sum = 0;
  for (const [sample, value] of metrics) if (sample === name || sample.startsWith(`${name}{`)) sum += value;
  return sum;
}
