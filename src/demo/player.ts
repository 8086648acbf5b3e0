/** Plays a recording of Falco's output into a file, line by line, with its times moved to now. */
import { appendFileSync, readFileSync } from 'node:fs';

const TIME = /"time":"(\d{4}-\d\d-\d\dT[\d:]+)\.(\d+)Z"\}$/;
const EVENT_TIME = /"evt\.time":\d+/;

export interface PlayerOptions {
  recording: string;
  /** The file that is written to, as Falco's file_output would. */
  output: string;
  linesPerSecond: number;
  /** After the last line. */
  ended(lines: number): void;
}

export class Player {
  readonly #options: PlayerOptions;
  readonly #lines: string[];
  #played = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#lines = readFileSync(options.recording, 'utf8').trimEnd().split('\n');
  }

  start(): void {
    const { output, linesPerSecond, ended } = this.#options;
    this.#timer = setInterval(() => {
      appendFileSync(output, `${movedTo(this.#lines[this.#played]!, Date.now())}\n`);
      if (++this.#played < this.#lines.length) return;
      this.stop();
      ended(this.#played);
    }, 1000 / linesPerSecond);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The line with the event's time replaced; the nanoseconds below the millisecond stay. `now` in ms since the epoch. */
export function movedTo(line: string, now: number): string {
  const nanoseconds = TIME.exec(line)?.[2]?.padEnd(9, '0').slice(3);
  if (nanoseconds === undefined) return line;
  const time = new Date(now).toISOString().slice(0, -1);
  return line
    .replace(TIME, `"time":"${time}${nanoseconds}Z"}`)
    .replace(EVENT_TIME, `"evt.time":${now}${nanoseconds}`);
}
