/** Many exporters in one process: the text of a real one, with counts of each node's own that grow by a seed. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Exporter } from '../process.ts';
import { mulberry32 } from '../shapes.ts';

export interface FleetOptions {
  nodes: number;
  /** Of the exporter's /metrics: full, lean. */
  profile: string;
  rules: readonly string[];
  seed: number;
  /** Events a second of all nodes together. */
  rate: number;
  /** For files of its own. */
  directory: string;
}

export class Fleet {
  events = 0;
  scrapes = 0;
  bytes = 0;
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;

  private constructor(server: Server, timer: NodeJS.Timeout) {
    this.#server = server;
    this.#timer = timer;
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const { nodes, seed, rate } = options;
    const lines = await template(options.profile, options.directory, options.rules);
    const counters = lines.flatMap((line, index) => (line.startsWith('falco_events_total{') ? [index] : []));
    const counts = Array.from({ length: nodes }, () => new Map<number, number>());
    const random = mulberry32(seed);
    const timer = setInterval(() => {
      for (let n = 0; n < rate / 10; n++) {
        const node = counts[Math.floor(random() * nodes)]!;
        const counter = counters[Math.floor(random() ** 3 * counters.length)]!;
        node.set(counter, (node.get(counter) ?? 0) + 1);
        fleet.events++;
      }
    }, 100);
    const server = createServer(({ url }, answer) => {
      const node = counts[Number(url!.slice(1))]!;
      const text = lines.map((line, index) =>
        node.has(index) ? line.replace(/0$/, String(node.get(index))) : line,
      );
      const body = gzipSync(text.join('\n'), { level: 1 });
      fleet.scrapes++;
      fleet.bytes += body.length;
      answer.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Encoding': 'gzip' });
      answer.end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fleet = new Fleet(server, timer);
    return fleet;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** No events come any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** What a real exporter answers that has the rules and no event yet. */
async function template(profile: string, directory: string, rules: readonly string[]): Promise<string[]> {
  const file = join(directory, 'events.json');
  writeFileSync(file, '');
  const exporter = await Exporter.start([
    `--input.file=${file}`,
    '--state.dir=',
    `--metrics.profile=${profile}`,
    ...rules.map((path) => `--rules.file=${path}`),
  ]);
  await exporter.ready(20);
  const { text } = await exporter.get('/metrics');
  await exporter.end();
  return text.split('\n');
}
