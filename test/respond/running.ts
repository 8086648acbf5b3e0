/** The responder as its users run it: the built program, a policy in a file, events in a file. */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Exporter, freePort, pause } from '../support/exporter.ts';
import { eventLine, type Fired } from './events.ts';

export const TOKEN = 'a-token-of-24-characters';

export class Running {
  readonly directory: string;
  readonly policyFile: string;
  readonly #socket: string;
  #process: Exporter | undefined;

  /** @param directory its own, empty or one that an earlier process left */
  constructor(directory: string, socket: string) {
    this.directory = directory;
    this.policyFile = join(directory, 'policy.yaml');
    this.#socket = socket;
    mkdirSync(join(directory, 'state'), { recursive: true });
    writeFileSync(join(directory, 'token'), TOKEN);
    if (!existsSync(this.events)) writeFileSync(this.events, '');
  }

  get events(): string {
    return join(this.directory, 'events.json');
  }

  get evidence(): string {
    return join(this.directory, 'state/respond/evidence');
  }

  get process(): Exporter {
    return this.#process!;
  }

  /** Writes the policy's file. @param policy what differs from the defaults */
  write(policy: object, port: number): void {
    const all = {
      ...{ dry_run: false, docker: { socket: this.#socket, timeout: '2s' } },
      web: { listen_address: `127.0.0.1:${port}`, token_file: join(this.directory, 'token') },
      ...policy,
    };
    writeFileSync(this.policyFile, stringify(all));
  }

  /** @param program what is run instead of the built program under this Node */
  async start(policy: object, program?: readonly [string, ...string[]]): Promise<void> {
    const port = this.#process?.port ?? (await freePort());
    this.write(policy, port);
    const args = [
      ...['respond', `--policy=${this.policyFile}`, `--input.file=${this.events}`],
      ...[`--state.dir=${join(this.directory, 'state')}`, '--log.level=debug'],
    ];
    this.#process = await Exporter.start(args, { port, configured: true, ...(program && { program }) });
  }

  /** Appends events. @returns when, in milliseconds since the epoch */
  fire(...events: (Omit<Fired, 'at'> & { at?: number })[]): number {
    const now = Date.now();
    appendFileSync(this.events, events.map((event) => eventLine({ at: now, ...event })).join(''));
    return now;
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${TOKEN}`, ...init.headers };
    return fetch(this.process.url(path), { ...init, headers });
  }

  async pending(): Promise<{ id: string; action: string; container: { name: string } }[]> {
    const answer = (await (await this.ask('/api/approvals')).json()) as { pending: [] };
    return answer.pending;
  }

  /** Until nothing is under way but what waits for a person or a time. */
  async settled(): Promise<Map<string, number>> {
    return this.process.until((metrics) => metrics.get('falco_responder_active_responses') === 0);
  }
}

export async function until(what: () => boolean | Promise<boolean>, milliseconds = 20_000): Promise<void> {
  const limit = Date.now() + milliseconds;
  while (!(await what())) {
    if (Date.now() > limit) throw new Error(`not in ${milliseconds} ms: ${what}`);
    await pause(20);
  }
}
