/** `noise`: reads files once, and says what makes most events and which exceptions would silence normal work. */
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { Framed } from '../event/framing/framing.ts';
import { gravity, priorityWord } from '../event/priority.ts';
import { createScanner } from '../event/scan/create.ts';
import { readToEnd } from '../source/read/whole.ts';
import { Habits } from './habits.ts';
import { type Proposal, propose } from './propose.ts';

export interface NoiseOptions {
  /** Paths; of one that is long only what comes after its byte `from` may be wanted. */
  files: readonly (string | { path: string; from: number })[];
  stdin: Readable;
  config: { input: { max_line_bytes: number } };
  /** Combinations of values that were seen less often stay. */
  minEvents: number;
  /** Combinations that were seen on fewer days (UTC) stay. */
  minDays: number;
  /** Names of the lists that the rules files define. */
  lists: ReadonlySet<string>;
  /** Characters that may be held; what doesn't fit is counted, and never proposed. */
  held?: number;
}

export interface Noise {
  files: string[];
  /** Events of rules in them. */
  events: number;
  /** By rule, the noisiest first. */
  rules: Proposal[];
}

/** From this priority on nothing is ever silenced. */
const GRAVE = gravity('critical');

/** @throws INPUT_UNREADABLE */
export async function findNoise(options: NoiseOptions): Promise<Noise> {
  const { stdin, config, minEvents, minDays, lists } = options;
  const files = options.files.map((file) => (typeof file === 'string' ? { path: file, from: 0 } : file));
  const habits = new Habits(lists, options.held);
  const scanner = createScanner([], config.input.max_line_bytes);
  for (const { path, from } of files) {
    const sink = ({ payload }: Framed) => {
      const { tuple, lines, start, end, time } = scanner.scan(payload);
      for (let line = 0; line < lines; line++) {
        if (tuple[line]! < 0) continue;
        const event = JSON.parse(
          Buffer.from(
            payload.buffer,
            payload.byteOffset + start[line]!,
            end[line]! - start[line]!,
          ).toString(),
        ) as { rule: string; priority: string; source?: unknown; output_fields?: unknown };
        habits.add({
          rule: event.rule,
          priority: priorityWord(event.priority),
          source: typeof event.source === 'string' ? event.source : 'syscall',
          time: time[line]!,
          fields: fieldsOf(event.output_fields),
        });
      }
    };
    await readToEnd(path, stdin, config.input.max_line_bytes, sink, { from });
  }
  const care = {
    minEvents,
    minDays,
    mayBeSilenced: (priority: string) => gravity(priority) > GRAVE && gravity(priority) <= gravity('debug'),
  };
  return {
    files: files.map(({ path }) => (path === '-' ? 'standard input' : basename(path))),
    events: habits.events,
    rules: habits.rules().map((noise) => propose(noise, care)),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
