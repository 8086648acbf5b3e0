/** A real Prometheus server that scrapes once a second, and what stands between it and an exporter. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { freePort, pause } from '../support/exporter.ts';

/** A target; those of one name are one job. */
export interface Job {
  name: string;
  port: number;
}

export class Prometheus {
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(directory: string, jobs: readonly Job[], interval = '1s'): Promise<Prometheus> {
    const port = await freePort();
    const config = join(directory, `prometheus-${port}.yml`);
    const scrapes = [...new Set(jobs.map(({ name }) => name))].map((name) => ({
      job_name: name,
      static_configs: [
        { targets: jobs.filter((job) => job.name === name).map((job) => `127.0.0.1:${job.port}`) },
      ],
    }));
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: interval, scrape_timeout: interval },
        scrape_configs: scrapes,
      }),
    );
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, `data-${port}`)}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`);
    while (!(await fetch(`${prometheus.#url}/-/ready`).catch(() => undefined))?.ok) {
      if (child.exitCode !== null) throw new Error(`prometheus exited with ${child.exitCode}`);
      await pause(50);
    }
    return prometheus;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  /** All samples of a job's series of a rule so far, oldest first. */
  async samples(job: string, rule: string): Promise<number[]> {
    const found = await this.#query(`falco_events_total{job="${job}",rule="${rule}"}[10m]`);
    return (found[0]?.values ?? []).map(([, value]) => Number(value));
  }

  /**
   * `increase()` of a rule over all that this server saw, without what extrapolation adds to it: at most some 1.1 mean
   * intervals at each end, so with n samples a share of 2.2 / (n - 1), whatever the machine's load did to the rhythm.
   * @returns the whole number of events that it is of; NaN where it is of none
   */
  async increase(job: string, rule: string): Promise<number> {
    const found = await this.#query(`increase(falco_events_total{job="${job}",rule="${rule}"}[10m])`);
    const samples = await this.samples(job, rule);
    const increase = Number(found[0]?.value?.[1] ?? Number.NaN);
    const seen = samples.at(-1)! - samples[0]!;
    const most = seen * (1 + 2.2 / (samples.length - 1));
    return increase >= seen - 1e-9 && increase <= most + 1e-9 ? seen : Number.NaN;
  }

  /** How many counters of a job fell. */
  async falls(job: string): Promise<number> {
    let falls = 0;
    for (const name of [
      'falco_events_total',
      'falco_exporter_lines_total',
      'falco_exporter_read_bytes_total',
    ]) {
      const found = await this.#query(`sum(resets(${name}{job="${job}"}[10m]))`);
      falls += Number(found[0]?.value?.[1] ?? 0);
    }
    return falls;
  }

  /** By how much the series of a priority grew in all, from sample to sample; a fall is a reset. */
  async grown(job: string, priority: string): Promise<number> {
    let sum = 0;
    for (const values of await this.#series(job, `,priority="${priority}"`))
      for (const [index, value] of values.slice(1).entries())
        sum += value < values[index]! ? value : value - values[index]!;
    return sum;
  }

  /** The same, once it is this or doesn't change for 10 s. */
  async settled(job: string, priority: string, wanted: number): Promise<number> {
    let limit = Date.now() + 10_000;
    let last = -1;
    for (;;) {
      const grown = await this.grown(job, priority);
      if (grown === wanted || Date.now() > limit) return grown;
      if (grown !== last) limit = Date.now() + 10_000;
      last = grown;
      await pause(500);
    }
  }

  /** How many series began at more than 0. */
  async bornAbove0(job: string): Promise<number> {
    return (await this.#series(job)).filter(([first]) => first !== 0).length;
  }

  async #series(job: string, more = ''): Promise<number[][]> {
    const found = await this.#query(`falco_events_total{job="${job}"${more}}[1h]`);
    return found.map(({ values }) => values!.map(([, value]) => Number(value)));
  }

  /** Waits until the last sample is this; 30 s at most. */
  async until(job: string, rule: string, value: number): Promise<number[]> {
    const limit = Date.now() + 30_000;
    for (;;) {
      const samples = await this.samples(job, rule);
      if (samples.at(-1) === value) return samples;
      if (Date.now() > limit)
        throw new Error(`${job}: ${rule} is not ${value} in 30 s: ${samples.join(' ')}`);
      await pause(200);
    }
  }

  async #query(expression: string): Promise<{ value?: [number, string]; values?: [number, string][] }[]> {
    const answer = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data, error } = (await answer.json()) as { data?: { result: [] }; error?: string };
    if (!data) throw new Error(error);
    return data.result;
  }
}

/** Between Prometheus and an exporter: passes scrapes on, or doesn't. */
export class Gate {
  readonly #server: Server;
  /** Where the exporter listens. */
  target: number | undefined;
  /** 'swallow': the exporter is asked, and its answer lost on the way. */
  mode: 'open' | 'shut' | 'swallow' = 'open';
  /** Answers that came through, and that were lost. */
  passed = 0;
  swallowed = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Gate> {
    const server = createServer();
    const gate = new Gate(server);
    server.on('request', (asked, answer) => {
      if (gate.mode === 'shut' || gate.target === undefined) {
        asked.socket.destroy();
        return;
      }
      const { mode, target } = gate;
      const forwarded = request({ host: '127.0.0.1', port: target, path: asked.url, headers: asked.headers });
      forwarded.on('error', () => asked.socket.destroy());
      forwarded.on('response', (given) => {
        if (mode === 'swallow') {
          given.resume().on('end', () => {
            gate.swallowed++;
            asked.socket.destroy();
          });
          return;
        }
        answer.writeHead(given.statusCode!, given.headers);
        given.pipe(answer);
        given.on('end', () => gate.passed++);
      });
      forwarded.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Waits for so many more answers that come through. */
  async pass(count: number): Promise<void> {
    const wanted = this.passed + count;
    while (this.passed < wanted) await pause(20);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
