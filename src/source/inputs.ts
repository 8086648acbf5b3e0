/** All inputs that the configuration asks for, driven together: a baseline is read only when all have read theirs. */
import type { Readable } from 'node:stream';
import { type Config, followedInput } from '../config/schema.ts';
import { HttpInput } from './http.ts';
import { type OpenOptions, openSource, STANDARD_INPUT } from './open.ts';
import { Pump } from './pump.ts';
import type { InputStatus, PathPositions, Source } from './source.ts';

export interface InputsOptions extends Pick<OpenOptions, 'clock' | 'sink' | 'reports' | 'secure' | 'buffer'> {
  config: Config;
  stdin: Readable;
  /** Where an earlier process stood. */
  saved: readonly PathPositions[];
  /** What there was at the start is read. */
  caughtUp(): void;
  /** All were looked at for the first time: their statuses mean something now. */
  ready(): void;
  /** All were looked at, for the first time or once more. */
  looked(): void;
  /** A look failed as none should. */
  failed(error: unknown): void;
}

export class Inputs {
  /** Takes posted events; undefined where they are not accepted. */
  readonly http: HttpInput | undefined;
  /** Whether all can be read again after a crash: files can, streams can't. */
  readonly rereadable: boolean;
  readonly #sources: readonly Source[];
  readonly #pump: Pump;
  readonly #halt = new AbortController();
  #ready = false;

  constructor(options: InputsOptions) {
    const { config, clock, sink, caughtUp, looked, failed } = options;
    const maxLine = config.input.max_line_bytes;
    const { start } = config.input;
    const input = followedInput(config);
    const hint = () => this.#pump.hint();
    const followed =
      input === undefined
        ? []
        : [openSource({ ...options, input, start, maxLine, halt: this.#halt.signal, hint })];
    this.http = config.input.http ? new HttpInput({ maxLine, sink }) : undefined;
    this.rereadable = !this.http && input !== STANDARD_INPUT;
    this.#sources = this.http ? [...followed, this.http] : followed;
    const ready = () => {
      this.#ready = true;
      options.ready();
    };
    this.#pump = new Pump(
      { sources: this.#sources, clock, caughtUp, ready, looked, failed },
      this.#halt.signal,
    );
  }

  start(): void {
    this.#pump.start();
  }

  statuses(): InputStatus[] {
    return this.#sources.map((source) => source.status());
  }

  positions(): PathPositions[] {
    return this.#sources.flatMap((source) => source.positions());
  }

  /** Why they are not all being read, or not yet to what they held at the start; undefined where they are. */
  notReady(): string | undefined {
    const fault = this.statuses().find((status) => status.fault !== undefined)?.fault;
    if (fault) return fault.describe();
    return this.#ready ? undefined : 'reading what the input held at the start';
  }

  /** Ends reading with the piece at hand. */
  async stop(): Promise<void> {
    this.#halt.abort();
    await this.#pump.stopped();
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }
}
