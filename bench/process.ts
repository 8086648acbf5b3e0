/** Runs programs as whole processes, and reads what the system says of them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';

/** Clock ticks a second in /proc/<pid>/stat. */
const TICKS = 100;

export interface Usage {
  /** Processor seconds, of the program and of the system for it, since its start. */
  cpu: number;
  /** Most resident memory so far, in MiB; and what it is now. */
  peak: number;
  resident: number;
}

export class Program {
  readonly child: ChildProcess;
  readonly startedAt = performance.now();

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  usage(): Usage {
    const { pid } = this.child;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mebibytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024;
    return {
      cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
      peak: mebibytes('VmHWM'),
      resident: mebibytes('VmRSS'),
    };
  }

  /** How many files, sockets and others it has open. */
  descriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  /** The first line that it prints. */
  async line(): Promise<string> {
    let text = '';
    for await (const chunk of this.child.stdout!) {
      text += chunk;
      if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
    }
    throw new Error(`ended with ${this.child.exitCode} before it was done`);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill()) await ended;
  }
}

/** What Prometheus sends. */
const SCRAPE = { 'X-Prometheus-Scrape-Timeout-Seconds': '10' };
const OPENMETRICS =
  'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** Our program, on a free port of this machine. */
export class Exporter extends Program {
  readonly port: number;

  private constructor(main: string, port: number, flags: readonly string[]) {
    super(process.execPath, [main, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error', ...flags]);
    this.port = port;
  }

  static async start(flags: readonly string[]): Promise<Exporter> {
    const main = new URL('../dist/main.js', import.meta.url).pathname;
    return new Exporter(main, await freePort(), flags);
  }

  get(path: string, scrape = false): Promise<{ status: number; text: string }> {
    return get(this.port, path, scrape ? SCRAPE : {});
  }

  /** As Prometheus asks. @returns how many bytes came */
  async compressed(path: string): Promise<number> {
    const headers = { ...SCRAPE, 'Accept-Encoding': 'gzip', Accept: OPENMETRICS };
    return (await get(this.port, path, headers, 'latin1')).text.length;
  }

  /** Waits until all that the input held is counted. @returns seconds since its start */
  async ready(interval: number): Promise<number> {
    for (;;) {
      const answer = await this.get('/readyz').catch(() => undefined);
      if (answer?.status === 200) return (performance.now() - this.startedAt) / 1000;
      await sleep(interval);
    }
  }
}

const agent = new Agent({ keepAlive: true });

/** Processor seconds of a command, the mean of ten runs: of one the system says too little. */
export function cpuOf(command: readonly string[]): number {
  const script = 'for run in 1 2 3 4 5 6 7 8 9 10; do "$@" >/dev/null; done; times';
  const said = execFileSync('sh', ['-c', script, 'sh', ...command], { encoding: 'utf8' });
  // The second line is of what the shell has started: user and system time.
  const times = said.split('\n')[1]!.matchAll(/(\d+)m([\d.]+)s/g);
  return (
    [...times].reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0) / 10
  );
}

export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  encoding: BufferEncoding = 'utf8',
) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      let text = '';
      response.setEncoding(encoding);
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param part 0.5 is the median */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!;
}
