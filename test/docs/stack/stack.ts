/**
 * The stack that the documents speak of, as far as it runs without Docker: two exporters that read a real recording, a
 * real Prometheus with the shipped rules, a real Alertmanager and PostgreSQL, and stand-ins for Falco's numbers and for
 * the command `docker`. Paths and ports are its own; `here` puts them into a command.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { alertmanager, People } from '../../alertmanager/people.ts';
import { eventually, query, ROOT, Stage } from '../../prometheus/program.ts';
import { Exporter, freePort } from '../../support/exporter.ts';
import { Postgres } from './postgres.ts';

const PROGRAM = join(ROOT, 'dist/main.js');
/** What a host has, beside docker. The other programs are in containers. */
const HOST = [
  'awk',
  'base64',
  'bash',
  'cat',
  'chmod',
  'cut',
  'curl',
  'date',
  'df',
  'dirname',
  'env',
  'grep',
  'head',
  'jq',
].concat(['find', 'mkdir', 'node', 'sed', 'sh', 'sha256sum', 'sleep', 'tail', 'timeout', 'tr']);
/** Read before the exporter's first start; then lost by a rotation; then read by Prometheus as there from the start. */
const [BASELINE, LOST, BEFORE] = [100, 120, 300];

/** The recording as if it had just been printed: its last event a second ago. */
function recording(): string[] {
  const lines = readFileSync(join(ROOT, 'examples/recording/shop.log'), 'utf8').trimEnd().split('\n');
  const times = lines.map((line) => /"time":"([^"]+)"/.exec(line)?.[1]);
  const moved = Date.now() - 1000 - Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
  return lines.map((line, at) =>
    times[at] ? line.replace(times[at], new Date(Date.parse(times[at]) + moved).toISOString()) : line,
  );
}

export class Stack {
  readonly postgres = new Postgres();
  prometheus = '';
  readonly #stage = new Stage();
  readonly #people = new People();
  readonly #exporters: Exporter[] = [];
  readonly #falco = createServer((request, response) => {
    const numbers = ['scap_n_drops_total', 'falco_rules_matches_total{rule_name="R"}'];
    const metrics = numbers.map((name) => `falcosecurity_${name} 3\n`).join('');
    response.end(request.url === '/healthz' ? '{"status": "ok"}' : metrics);
  });
  readonly #ports: Record<string, number> = {};

  /** The reader's directory: this repository. */
  get directory(): string {
    return this.#stage.path('stack');
  }

  /** What the reader's shell finds. @param installed the exporter and promtool on the host, else in containers only */
  environment(installed: boolean): NodeJS.ProcessEnv {
    const path = ['bin', 'host', ...(installed ? ['installed'] : [])].map((name) => this.#stage.path(name));
    return {
      PATH: path.join(':'),
      IMAGES: process.env.PATH,
      STACK: this.directory,
      PROGRAM,
      POSTGRES: this.postgres.path,
      POSTGRES_PORT: String(this.postgres.port),
      ALERTMANAGER_PORT: String(this.#ports[9093]),
      EXPORTER_PORT: String(this.#ports[9376]),
    };
  }

  /** A command, or a configuration, with this stack's ports and directories. */
  here(text: string): string {
    const places: [string, string][] = [
      ['/root/incident', this.#stage.path('incident')],
      ['/var/log/falco/', `${this.directory}/log/`],
      ['/etc/falco/falco_rules.yaml', `${this.directory}/stock-rules/falco_rules.yaml`],
      ['/etc/falco-event-exporter.yml', `${this.directory}/exporter.yml`],
      ['/etc/falco/', `${this.directory}/falco/`],
    ];
    // Arguments of `docker` are paths in a container.
    const on = /\bdocker (exec|run|cp)\b/.test(text) ? places.slice(0, 1) : places;
    return on
      .reduce((changed, [from, to]) => changed.replaceAll(from, to), text)
      .replaceAll(/(?:127\.0\.0\.1|localhost):(\d{4})\b/g, (whole, port: string) =>
        // Of a program in a container, which the stand-in for docker knows.
        this.#ports[port] === undefined || /\bdocker exec\b/.test(text)
          ? whole
          : `127.0.0.1:${this.#ports[port]}`,
      );
  }

  async start(): Promise<void> {
    this.#makeHost();
    const lines = recording();
    writeFileSync(`${this.directory}/falco.stdout`, `${lines.join('\n')}\n`);
    writeFileSync(`${this.directory}/falco.stderr`, 'Warning: a stand-in for what Falco says of itself\n');
    await once(this.#falco.listen(0, '127.0.0.1'), 'listening');
    this.#ports[8765] = (this.#falco.address() as { port: number }).port;
    this.#ports[9093] = Number((await alertmanager(this.#stage, this.#people)).split(':')[1]);
    const files = [`${this.directory}/log/events.json`, this.#stage.path('second.json')];
    // Falco's tally goes to standard output only.
    const events = lines.filter((line) => line.startsWith('{'));
    await Promise.all([
      this.postgres.start(),
      ...files.map((file, at) => this.#startExporter(file, events, at === 0)),
    ]);
    this.#ports[9376] = this.#exporters.find(({ log }) => log.includes(files[0]!))!.port;
    await this.#startPrometheus(() => {
      for (const file of files) appendFileSync(file, `${events.slice(BEFORE).join('\n')}\n`);
    });
    writeFileSync(`${this.directory}/exporter.stderr`, this.#exporters[0]!.log + this.#said);
  }

  async close(): Promise<void> {
    this.#falco.close();
    this.#falco.closeAllConnections();
    this.#people.close();
    await Promise.all(this.#exporters.map((exporter) => exporter.end()));
    this.postgres.close();
    await this.#stage.close();
  }

  #makeHost(): void {
    for (const name of ['bin', 'host', 'installed', 'stack', 'stack/log', 'stack/stock-rules'])
      mkdirSync(this.#stage.path(name));
    for (const name of ['falco', 'prometheus', 'alertmanager', 'examples', 'grafana/dashboards', 'secrets'])
      cpSync(join(ROOT, name), `${this.directory}/${name}`, { recursive: true });
    cpSync(join(ROOT, 'docker-compose.yml'), `${this.directory}/docker-compose.yml`);
    symlinkSync(join(ROOT, 'dist'), `${this.directory}/dist`);
    // What falco_rules.tuning.yaml changes of the stock rules, which are in Falco's image only.
    writeFileSync(
      `${this.directory}/stock-rules/falco_rules.yaml`,
      `- macro: user_known_read_sensitive_files_activities
  condition: (evt.num < 0)
- rule: Never seen
  desc: a rule of the catalogue that never fires
  condition: evt.type = execve and container.name = ecommerce-postgres
  output: never
  priority: NOTICE
`,
    );
    const configuration = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
    writeFileSync(
      `${this.directory}/exporter.yml`,
      this.here(/```yaml\n(input:[\s\S]*?)```/.exec(configuration)![1]!),
    );
    for (const name of HOST) symlinkSync(where(name), this.#stage.path(`host/${name}`));
    symlinkSync(fileURLToPath(new URL('docker', import.meta.url)), this.#stage.path('bin/docker'));
    symlinkSync(where('promtool'), this.#stage.path('installed/promtool'));
    writeFileSync(
      this.#stage.path('installed/falco-event-exporter'),
      `#!/bin/sh\nexec node ${PROGRAM} "$@"\n`,
      { mode: 0o755 },
    );
  }

  #said = '';

  /** With a rotation, if wanted, that took away what had not been read, and a line that is no event. */
  async #startExporter(file: string, lines: string[], troubled: boolean): Promise<void> {
    const rules = [
      'stock-rules/falco_rules.yaml',
      'falco/falco_rules.local.yaml',
      'falco/falco_rules.tuning.yaml',
    ];
    const flags = [
      `--input.file=${file}`,
      `--state.dir=${file}.state`,
      '--web.hold=1s',
      ...rules.map((path) => `--rules.file=${this.directory}/${path}`),
    ];
    if (troubled) {
      writeFileSync(file, `${lines.slice(0, BASELINE).join('\n')}\n`);
      const first = await Exporter.start(flags);
      await first.ready();
      await first.end();
      this.#said = first.log;
      rmSync(file);
    }
    writeFileSync(file, `${lines.slice(troubled ? LOST : 0, BEFORE).join('\n')}\n{"rule":"cut in\n`);
    const exporter = await Exporter.start(flags);
    this.#exporters[troubled ? 'unshift' : 'push'](exporter);
    await exporter.ready();
  }

  /** @param happens what Prometheus is to see happen */
  async #startPrometheus(happens: () => void): Promise<void> {
    const address = `127.0.0.1:${await freePort()}`;
    this.#ports[9090] = Number(address.split(':')[1]);
    this.prometheus = address;
    const targets = this.#exporters.map(({ port }) => `127.0.0.1:${port}`);
    const rules = join(ROOT, 'prometheus/rules');
    writeFileSync(
      this.#stage.path('prometheus.yml'),
      stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: readdirSync(rules).map((name) => join(rules, name)),
        alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${this.#ports[9093]}`] }] }] },
        scrape_configs: [
          { job_name: 'falco-event-exporter', honor_labels: true, static_configs: [{ targets }] },
        ],
      }),
    );
    this.#stage.start(
      'prometheus',
      `--config.file=${this.#stage.path('prometheus.yml')}`,
      `--storage.tsdb.path=${this.#stage.path('data')}`,
      `--web.listen-address=${address}`,
    );
    const both = async (expr: string) =>
      (await query(address, expr))[0]?.value[1] === '2' ? true : undefined;
    const seen = 'count(count by (instance) (count_over_time(falco_events_total[1m]) > 3))';
    await eventually('both exporters to be scraped', () => both(seen)).catch((error) => {
      throw new Error(this.#stage.words, { cause: error });
    });
    happens();
    await eventually('news of both', () =>
      both('count(count by (instance) (increase(falco_events_total[1h]) > 0))'),
    );
    await eventually('an alert', async () => (await query(address, 'ALERTS{alertstate="firing"}'))[0]);
  }
}

function where(name: string): string {
  return spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
}
