/**
 * The requests, and no others; the proxy's patterns in docker-compose.yml allow the same ones. Paths have no version: the
 * engine answers as its newest, and what is read of an answer has been the same since 1.24.
 */
import { type Container, type Listed, parseContainer, parseList } from './container.ts';
import { type Answer, type Ask, ask, EngineError, streamed } from './request.ts';

const MEBIBYTE = 1024 ** 2;
/** A restart or stop may take so much longer than the container's own time; milliseconds. */
const ENDING = 30_000;
/** A disconnection that finds nothing to disconnect. */
const NOT_CONNECTED = /is not connected|not connected to/i;

/** A part of the policy that holds now. */
export interface EngineOptions {
  /** @param timeout for an answer, in milliseconds */
  docker: { socket: string; timeout: number };
  /** For a container to end by itself, in milliseconds. */
  grace: number;
}

export class Engine {
  readonly #policies: { readonly current: EngineOptions };
  #fault: EngineError | undefined;
  #answered = false;

  constructor(policies: { readonly current: EngineOptions }) {
    this.#policies = policies;
  }

  /** Why the last request had no answer; undefined where it had one. */
  get fault(): EngineError | undefined {
    return this.#fault;
  }

  /** Whether it was ever reached. */
  get answered(): boolean {
    return this.#answered;
  }

  async ping(): Promise<void> {
    await this.#ask({ method: 'GET', path: '/_ping', mostBytes: 1024, cut: true });
  }

  /** All containers, also those that don't run. */
  async list(): Promise<Listed[]> {
    const { body } = await this.#ask({
      method: 'GET',
      path: '/containers/json?all=true',
      mostBytes: 32 * MEBIBYTE,
    });
    return parseList(body);
  }

  /** @returns undefined where there is none */
  async inspect(id: string): Promise<Container | undefined> {
    try {
      const { body } = await this.#ask({ ...this.#of(id, 'json'), mostBytes: 4 * MEBIBYTE });
      return parseContainer(body, id);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    }
  }

  // What evidence is made of.

  inspected(id: string, timeout: number): Promise<Answer> {
    return this.#ask({ ...this.#of(id, 'json'), mostBytes: 4 * MEBIBYTE, timeout });
  }

  processes(id: string, timeout: number): Promise<Answer> {
    const path = `top?ps_args=${encodeURIComponent('-eo pid,ppid,user,etimes,args')}`;
    return this.#ask({ ...this.#of(id, path), mostBytes: 4 * MEBIBYTE, timeout });
  }

  changes(id: string, timeout: number): Promise<Answer> {
    return this.#ask({ ...this.#of(id, 'changes'), mostBytes: 16 * MEBIBYTE, timeout });
  }

  /** The newest lines, in the engine's framing of both streams. */
  logs(id: string, timeout: number, mostBytes: number, lines: number): Promise<Answer> {
    const path = `logs?stdout=true&stderr=true&timestamps=true&tail=${lines}`;
    return this.#ask({ ...this.#of(id, path), mostBytes, cut: true, timeout });
  }

  /** A container's files, as tar. @returns whether there was more */
  exported(
    id: string,
    timeout: number,
    mostBytes: number,
    take: (chunk: Buffer) => Promise<void>,
  ): Promise<boolean> {
    const wanted = { ...this.#of(id, 'export'), mostBytes, cut: true, timeout };
    return this.#watched(streamed(this.#docker.socket, wanted, take));
  }

  // What changes a container.

  async pause(id: string): Promise<void> {
    await this.#act(`/containers/${checked(id)}/pause`);
  }

  async unpause(id: string): Promise<void> {
    await this.#act(`/containers/${checked(id)}/unpause`);
  }

  async disconnect(network: string, id: string): Promise<void> {
    const body = { Container: checked(id), Force: true };
    try {
      await this.#act(`/networks/${checked(network)}/disconnect`, { body });
    } catch (error) {
      if (!(error instanceof EngineError && NOT_CONNECTED.test(error.message))) throw error;
    }
  }

  async restart(id: string): Promise<void> {
    await this.#end(id, 'restart');
  }

  async stop(id: string): Promise<void> {
    await this.#end(id, 'stop');
  }

  async #end(id: string, how: 'restart' | 'stop'): Promise<void> {
    const { grace } = this.#policies.current;
    const path = `/containers/${checked(id)}/${how}?t=${Math.round(grace / 1000)}`;
    await this.#act(path, { timeout: grace + ENDING });
  }

  async #act(path: string, more: Partial<Ask> = {}): Promise<void> {
    await this.#ask({ method: 'POST', path, mostBytes: MEBIBYTE, cut: true, ...more });
  }

  #of(id: string, what: string): { method: 'GET'; path: string; timeout: number } {
    return { method: 'GET', path: `/containers/${checked(id)}/${what}`, timeout: this.#docker.timeout };
  }

  get #docker(): EngineOptions['docker'] {
    return this.#policies.current.docker;
  }

  #ask(wanted: Omit<Ask, 'timeout'> & { timeout?: number }): Promise<Answer> {
    const { socket, timeout } = this.#docker;
    return this.#watched(ask(socket, { timeout, ...wanted }));
  }

  async #watched<T>(answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      this.#fault = undefined;
      this.#answered = true;
      return given;
    } catch (error) {
      // That there is no such container is an answer.
      if (error instanceof EngineError) {
        const isFault = error.passes || error.status === 403;
        this.#fault = isFault ? error : undefined;
        if (!isFault) this.#answered = true;
      }
      throw error;
    }
  }
}

/** What stands in a path is an id of the engine's: nothing else can. */
function checked(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new EngineError('refused', 'what is no id is not asked for');
  return id;
}
