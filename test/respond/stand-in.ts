/**
 * A stand-in of the Docker engine on a Unix socket. What it answers is what a real one (20.10.24) answered:
 * fixtures/docker-20.10.json. It keeps a state for each container, so that an act can be seen, and what was asked.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Recorded {
  name: string;
  status: number;
  type: string | null;
  encoding: 'utf8' | 'base64';
  body: string;
}

const { answers } = JSON.parse(
  readFileSync(new URL('fixtures/docker-20.10.json', import.meta.url), 'utf8'),
) as { answers: Recorded[] };
const recorded = (name: string): Recorded => answers.find((each) => each.name === name)!;
const TEMPLATE = JSON.parse(recorded('inspect').body) as Record<string, never> & { Id: string };
const LISTED = (JSON.parse(recorded('list').body) as Record<string, unknown>[])[0]!;

export interface StandInContainer {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  created: string;
  startedAt: string;
  running: boolean;
  paused: boolean;
  networks: string[];
}

/** What happens to a request. `lost`: it is done, and no answer comes; `before`: nobody does it, and no answer comes. */
export type Fate = 'ok' | 'error' | 'before' | 'lost' | 'slow';

export class StandIn {
  readonly containers = new Map<string, StandInContainer>();
  /** What changed a container, in order. */
  readonly effects: { action: string; id: string }[] = [];
  /** Each request: method and path. */
  readonly asked: string[] = [];
  /** Asked of each request; it may do anything before it answers. */
  fate: (method: string, path: string) => Fate = () => 'ok';
  readonly #server: Server;
  #starts = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(socket: string): Promise<StandIn> {
    const server = createServer();
    const engine = new StandIn(server);
    server.on('request', (request, response) => engine.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return engine;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  add(name: string, more: Partial<StandInContainer> = {}): StandInContainer {
    const container: StandInContainer = {
      ...{ id: idOf(name), name, image: 'base:1', labels: {}, running: true, paused: false },
      ...{ created: '2026-01-01T00:00:00Z', startedAt: '2026-01-01T00:00:01Z', networks: ['shop'] },
      ...more,
    };
    this.containers.set(container.id, container);
    return container;
  }

  /** How often something took effect. */
  count(action: string, id?: string): number {
    return this.effects.filter((each) => each.action === action && (id === undefined || each.id === id))
      .length;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request;
    this.asked.push(`${method} ${url}`);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk));
    request.on('end', () => {
      const fate = this.fate(method, url);
      if (fate === 'before') return void request.socket.destroy();
      if (fate === 'slow') return;
      if (fate === 'error') return send(response, 500, '{"message":"server error"}', 'application/json');
      const { status, text, type } = this.#do(method, url, body);
      if (fate === 'lost') return void request.socket.destroy();
      send(response, status, text, type);
    });
  }

  #do(
    method: string,
    url: string,
    body: string,
  ): { status: number; text: string | Buffer; type: string | null } {
    const [path = ''] = url.split('?');
    if (path === '/_ping') return as('ping');
    if (path === '/containers/json') {
      const list = [...this.containers.values()].map(({ id, name, labels }) => ({
        ...LISTED,
        ...{ Id: id, Names: [`/${name}`], Labels: labels },
      }));
      return { status: 200, text: JSON.stringify(list), type: 'application/json' };
    }
    const [, network] = /^\/networks\/([^/]+)\/disconnect$/.exec(path) ?? [];
    if (network !== undefined) {
      const { Container } = JSON.parse(body) as { Container: string };
      return this.#disconnect(network, Container);
    }
    const [, id = '', what = ''] = /^\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const container = this.containers.get(id);
    if (!container) return as('none');
    return method === 'GET' ? this.#get(container, what) : this.#post(container, what);
  }

  #get(container: StandInContainer, what: string) {
    switch (what) {
      case 'json':
        return { status: 200, text: JSON.stringify(inspected(container)), type: 'application/json' };
      case 'top':
        return container.running ? as('top') : as('top stopped');
      case 'changes':
        return as('changes');
      case 'logs':
        return as('logs');
      case 'export':
        return { status: 200, text: Buffer.alloc(4096), type: 'application/octet-stream' };
      default:
        return as('none');
    }
  }

  #post(container: StandInContainer, action: string) {
    const { id, running, paused } = container;
    switch (action) {
      case 'pause':
        if (!running) return as('pause stopped');
        if (paused) return as('pause again');
        container.paused = true;
        break;
      case 'unpause':
        if (!paused) return as('unpause again');
        container.paused = false;
        break;
      case 'restart':
        Object.assign(container, { running: true, paused: false });
        container.startedAt = `2026-01-02T00:00:00.${++this.#starts}Z`;
        break;
      case 'stop':
        if (!running) return as('stop again');
        Object.assign(container, { running: false, paused: false });
        break;
      default:
        throw new Error(`the responder asked for ${action}`);
    }
    this.effects.push({ action, id });
    return as(action);
  }

  #disconnect(network: string, id: string) {
    const container = this.containers.get(id);
    if (!container) return as('none');
    const at = container.networks.findIndex((name) => idOf(name) === network);
    if (at < 0) return as('disconnect again');
    container.networks.splice(at, 1);
    this.effects.push({ action: 'disconnect', id });
    return as('disconnect');
  }
}

function as(name: string): { status: number; text: string | Buffer; type: string | null } {
  const { status, body, encoding, type } = recorded(name);
  return { status, text: Buffer.from(body, encoding), type };
}

function send(response: ServerResponse, status: number, text: string | Buffer, type: string | null): void {
  response.writeHead(status, type === null ? {} : { 'Content-Type': type });
  response.end(status === 204 || status === 304 ? undefined : text);
}

function inspected({
  id,
  name,
  image,
  labels,
  created,
  startedAt,
  running,
  paused,
  networks,
}: StandInContainer) {
  const { State, Config, NetworkSettings } = TEMPLATE as unknown as Record<string, Record<string, unknown>>;
  return {
    ...TEMPLATE,
    ...{ Id: id, Name: `/${name}`, Created: created },
    State: { ...State, Running: running, Paused: paused, StartedAt: startedAt },
    Config: { ...Config, Image: image, Labels: labels },
    NetworkSettings: {
      ...NetworkSettings,
      Networks: Object.fromEntries(networks.map((each) => [each, { NetworkID: idOf(each) }])),
    },
  };
}

/** 64 hexadecimal digits that belong to a name. */
export function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);
}
