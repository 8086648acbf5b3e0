/** Writes lines of a recording of Falco into a file, each at its turn, with its times moved to now. */
import { appendFileSync } from 'node:fs';
import type { Played } from './program.ts';

const TIME = /"time":"(\d{4}-\d\d-\d\dT[\d:]+)\.(\d+)Z"\}$/;
const EVENT_TIME = /"evt\.time":\d+/;
/** The text of an event begins with it. */
const TEXT_TIME = /"output":"\d\d:\d\d:\d\d\.\d{9}: /;

export interface PlayerOptions {
  program: Iterator<Played>;
  /** The file that is written to, as Falco's file_output would. */
  output: string;
  /** After the first run of the recording, with how many lines it had. */
  firstRunEnded(lines: number): void;
}

export class Player {
  readonly #options: PlayerOptions;
  #firstRun = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  start(): void {
    const { value } = this.#options.program.next() as { value: Played };
    this.#timer = setTimeout(() => this.#play(value), value.wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #play({ line, isFirstRun }: Played): void {
    appendFileSync(this.#options.output, `${movedTo(line, Date.now())}\n`);
    if (isFirstRun) this.#firstRun++;
    else if (this.#firstRun > 0) {
      this.#options.firstRunEnded(this.#firstRun);
      this.#firstRun = 0;
    }
    this.start();
  }
}

/** The line with the event's time replaced; the nanoseconds below the millisecond stay. `now` in ms since the epoch. */
export function movedTo(line: string, now: number): string {
  const nanoseconds = TIME.exec(line)?.[2]?.padEnd(9, '0').slice(3);
  if (nanoseconds === undefined) return line;
  const time = `${new Date(now).toISOString().slice(0, -1)}${nanoseconds}`;
  return line
    .replace(TIME, `"time":"${time}Z"}`)
    .replace(EVENT_TIME, `"evt.time":${now}${nanoseconds}`)
    .replace(TEXT_TIME, `"output":"${time.slice('2026-01-01T'.length)}: `);
}
