/** Other people's programs that the tests run: Prometheus, promtool, Alertmanager, amtool. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Why a test of these programs can't run here, for node:test's `skip`; false where it can. With CI=true it never
 * skips: the test then fails on the missing program.
 */
export function missing(...programs: string[]): string | false {
  if (process.env.CI === 'true') return false;
  const absent = programs.filter((program) => spawnSync(program, ['--version']).error);
  return absent.length === 0 ? false : `not installed: ${absent.join(', ')}`;
}

/** Runs a program to its end and gives what it printed; throws with all of it where it fails. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the answer is something: undefined and errors mean "not yet". Fails after `seconds` with the last error. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}

/** A stage for real processes: a temporary directory, and every process ended when the test is over. */
export class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), 'falco-stage-'));
  private readonly processes = new Map<string, { child: ChildProcess; words: string[] }>();

  path(name: string): string {
    return join(this.directory, name);
  }

  start(name: string, program: string, ...args: string[]): void {
    const child = spawn(program, args, { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    const words: string[] = [];
    child.stdout.on('data', (chunk) => words.push(String(chunk)));
    child.stderr.on('data', (chunk) => words.push(String(chunk)));
    child.on('error', (error) => words.push(String(error)));
    this.processes.set(name, { child, words });
  }

  /** What a process printed, for the message of a failed test. */
  words(name: string): string {
    return this.processes.get(name)?.words.join('') ?? '';
  }

  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.processes.get(name)?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill(signal);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.processes.keys()].map((name) => this.stop(name, 'SIGKILL')));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** One instant query of a Prometheus at `address`. */
export async function query(
  address: string,
  expr: string,
): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
  const answer = await fetch(`http://${address}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (status !== 'success' || data === undefined) throw new Error(`${expr}: ${error}`);
  return data.result;
}
