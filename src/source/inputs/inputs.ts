/** All inputs that the configuration asks for: files, standard input, HTTP. */
import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { type Config, followedInputs } from '../../config/schema.ts';
import { Following } from '../follow/following.ts';
import { HttpInput } from '../http.ts';
import { bufferSize } from '../read/cursor.ts';
import type { FilePositions, InputStatus, Reports, Sink, Stream } from '../source.ts';
import { StreamInput } from '../stdin.ts';
import { PathInput } from './path-input.ts';
import { Pump } from './pump.ts';

/** The input's text that means standard input. */
export const STANDARD_INPUT = '-';
/** How long a renamed file may be silent before it is let go: writers finish late. Milliseconds. */
const GRACE = 5000;
/** Descriptors that are no input's: those of the web server, the snapshot and Node itself; of few at most half. */
const OTHERS = 1600;

export interface InputsOptions {
  config: Config;
  clock: Clock;
  stdin: Readable;
  sink: Sink;
  reports: Reports;
  /** What reads go into; undefined: one is made. */
  buffer: Buffer | undefined;
  /** Called before a file is let go: what was counted from it must be safe then. */
  secure(): Promise<void>;
  /** Where an earlier process stood. */
  saved: FilePositions | undefined;
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
  readonly #following: Following;
  readonly #streams: readonly Stream[];
  readonly #pump: Pump;
  readonly #halt = new AbortController();
  readonly #hasFiles: boolean;
  #ready = false;

  constructor(options: InputsOptions) {
    const { config, clock, sink, reports, stdin } = options;
    const maxLine = config.input.max_line_bytes;
    const texts = followedInputs(config);
    const files = texts.filter((text) => text !== STANDARD_INPUT);
    this.#following = new Following({
      ...options,
      ...config.input,
      inputs: files.map((text) => new PathInput(text, reports.notice)),
      retention: config.input.position_retention,
      maxLine,
      buffer: options.buffer ?? Buffer.alloc(bufferSize(maxLine)),
      grace: GRACE,
      mostOpen: mostOpen(),
      halt: this.#halt.signal,
      hint: () => this.#pump.hint(),
      progress: (of) => this.#pump.progress(of),
    });
    this.#hasFiles = files.length > 0;
    this.http = config.input.http ? new HttpInput({ maxLine, sink }) : undefined;
    const standard = texts.includes(STANDARD_INPUT);
    this.#streams = [
      ...(standard ? [new StreamInput({ input: STANDARD_INPUT, stream: stdin, maxLine, sink })] : []),
      ...(this.http ? [this.http] : []),
    ];
    this.rereadable = this.#streams.length === 0;
    const ready = () => {
      this.#ready = true;
      options.ready();
    };
    this.#pump = new Pump({ ...options, clock, source: this.#following, ready }, this.#halt.signal);
  }

  start(): void {
    for (const stream of this.#streams) stream.start();
    this.#pump.start();
  }

  statuses(): InputStatus[] {
    return [...this.#following.statuses(), ...this.#streams.map((stream) => stream.status())];
  }

  positions(): FilePositions {
    return this.#following.positions();
  }

  /** Why they are not all being read, or not yet to what they held at the start; undefined where they are. */
  notReady(): string | undefined {
    const fault = this.statuses().find((status) => status.fault !== undefined)?.fault;
    if (fault) return fault.describe();
    const hanging = this.#hasFiles && this.#pump.hanging;
    if (hanging) return `a ${hanging} of the input's files does not end: its file system gives no answer`;
    return this.#ready ? undefined : 'reading what the input held at the start';
  }

  /** Ends reading with the piece at hand. */
  async stop(): Promise<void> {
    this.#halt.abort();
    await this.#pump.stopped();
  }

  async close(): Promise<void> {
    await Promise.all([this.#following, ...this.#streams].map((source) => source.close()));
  }
}

/** How many files may be open, so that others keep their descriptors. Node raises its limit to the most allowed. */
function mostOpen(): number {
  const path = '/proc/self/limits';
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const limit = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? 1024);
  return Math.max(16, limit - Math.min(OTHERS, Math.floor(limit / 2)));
}
