/** Other people's programs that these tests run: Prometheus, promtool, Alertmanager, amtool. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pause, temporary } from '../support/exporter.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program to its end and gives what it printed; throws with all of it where it fails. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Asks until there is an answer: undefined and errors mean "not yet". Fails after `seconds` with the last error. */
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
    await pause(100);
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}

/** Real processes in a temporary directory of their own; `close` ends them all and deletes it. */
export class Stage {
  private readonly directory = temporary();
  private readonly processes: { child: ChildProcess; words: string[] }[] = [];

  path(name: string): string {
    return `${this.directory.path}/${name}`;
  }

  start(program: string, ...args: string[]): void {
    const child = spawn(program, args, { cwd: this.directory.path, stdio: ['ignore', 'pipe', 'pipe'] });
    const words: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => words.push(String(text)));
    child.on('error', (error) => words.push(String(error)));
    this.processes.push({ child, words });
  }

  /** What the processes printed, for the message of a failed test. */
  get words(): string {
    return this.processes.map(({ words }) => words.join('')).join('\n');
  }

  async close(): Promise<void> {
    for (const { child } of this.processes)
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    this.directory.remove();
  }
}

export interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** One instant query of the Prometheus at `address`. */
export async function query(address: string, expr: string): Promise<Sample[]> {
  const answer = await fetch(`http://${address}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const { error, data } = (await answer.json()) as { error?: string; data?: { result: Sample[] } };
  if (data === undefined) throw new Error(`${expr}: ${error}`);
  return data.result;
}
