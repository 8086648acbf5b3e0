/** Starts the real process, as a user would, and asks it over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The built program: `npm test` builds it first. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What a test that failed left running would keep its file from ending. */
const started = new Set<ChildProcess>();
after(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** What Prometheus sends with each scrape. */
export const SCRAPE = { 'X-Prometheus-Scrape-Timeout-Seconds': '10' };

export class Exporter {
  readonly process: ChildProcess;
  readonly port: number;
  /** All that it wrote to standard error so far. */
  log = '';

  private constructor(process: ChildProcess, port: number) {
    this.process = process;
    this.port = port;
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  /**
   * Starts it on a free port; resolves when it listens, over TLS or not.
   * @param options.configured that the port stands in its configuration already
   */
  static async start(
    args: string[],
    options: RunOptions & { port?: number; configured?: boolean } = {},
  ): Promise<Exporter> {
    const port = options.port ?? (await freePort());
    const flags = options.configured ? [] : [`--web.listen-address=127.0.0.1:${port}`];
    const child = run([...args, ...flags], options);
    const exporter = new Exporter(child, port);
    const exited = once(child, 'exit');
    for (;;) {
      if (await listens(port)) return exporter;
      if (child.exitCode !== null) {
        await exited;
        throw new Error(`it exited with ${child.exitCode}: ${exporter.log}`);
      }
      await pause(20);
    }
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
    const answer = await fetch(this.url(path), { headers });
    return { status: answer.status, body: await answer.text() };
  }

  /** The samples of /metrics: name and labels as they stand in the text, and the value. */
  async metrics(headers: Record<string, string> = {}): Promise<Map<string, number>> {
    return samples((await this.get('/metrics', headers)).body);
  }

  /** Asks until the answer is as wanted. Fails after 20 s, with the last answer. */
  async until(wanted: (metrics: Map<string, number>) => boolean): Promise<Map<string, number>> {
    const limit = Date.now() + 20_000;
    for (;;) {
      const metrics = await this.metrics();
      if (wanted(metrics)) return metrics;
      if (Date.now() > limit) throw new Error(`not in 20 s: ${[...metrics].join('\n')}\n${this.log}`);
      await pause(50);
    }
  }

  /** Waits until it has logged what matches. */
  async logged(what: RegExp): Promise<void> {
    const limit = Date.now() + 20_000;
    while (!what.test(this.log)) {
      if (Date.now() > limit) throw new Error(`not logged in 20 s: ${what}\n${this.log}`);
      await pause(20);
    }
  }

  async ready(): Promise<void> {
    const limit = Date.now() + 20_000;
    while ((await this.get('/readyz')).status !== 200) {
      if (Date.now() > limit) throw new Error(`not ready in 20 s: ${(await this.get('/readyz')).body}`);
      await pause(20);
    }
  }

  /** Waits for its end. @returns its exit code, or the signal's name */
  async ended(): Promise<number | string> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode!;
    const [code, killedBy] = (await once(this.process, 'close')) as [number | null, string | null];
    return code ?? killedBy!;
  }

  /** Ends it. @returns its exit code, or the signal's name */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const exited = once(this.process, 'exit') as Promise<[number | null, string | null]>;
    this.process.kill(signal);
    const [code, killedBy] = await exited;
    return code ?? killedBy!;
  }
}

/** Runs the command line to its end. */
export async function command(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = run(args, { ...options, stdin: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin!.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  stdin?: 'pipe';
  /** A file's number, in place of a pipe. */
  stderr?: number;
  /** What is run instead of the built program under this Node: a program and its first arguments. */
  program?: readonly [string, ...string[]];
}

function run(
  args: string[],
  { env = {}, stdin, stderr, program = [process.execPath, MAIN] }: RunOptions,
): ChildProcess {
  const [file, ...first] = program;
  const child = spawn(file, [...first, ...args], {
    stdio: [stdin ?? 'ignore', 'pipe', stderr ?? 'pipe'],
    env: { ...process.env, ...env },
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/** The samples of an exposition text. */
export function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (line !== '' && !line.startsWith('#')) found.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return found;
}

/** A directory of the test's own. @returns its path; `remove` deletes it */
export function temporary(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'falco-event-exporter-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const listens = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return listens;
}

/** @param signal ends it early */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
