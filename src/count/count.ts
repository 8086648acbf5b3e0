/** `count`: reads files once, to their end, and says what is in them. */
import type { Readable } from 'node:stream';
import type { Config } from '../config/schema.ts';
import type { Framed } from '../event/framing/framing.ts';
import { type Refusal, type RefusalKind, refusals } from '../event/framing/refusal.ts';
import { createScanner } from '../event/scan/create.ts';
import { OUTCOMES, type Outcome } from '../ledger/families.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ledgerOptions } from '../ledger/options.ts';
import { readToEnd } from '../source/read/whole.ts';
import { Progress } from './progress.ts';
import { keepWithin, type Range } from './range.ts';
import { Tallies, type Tally } from './tally.ts';

export interface CountOptions {
  /** Paths, `.gz` ones uncompressed; "-" is `stdin`. */
  files: readonly string[];
  config: Config;
  stdin: Readable;
  /** Where given, only events of this time are counted, and no tally is held against them. */
  range?: Range | undefined;
  /** Where progress is shown, if it is a terminal. */
  terminal: NodeJS.WriteStream;
}

export interface Counted {
  ledger: Ledger;
  files: FileCount[];
  /** Falco's closing tallies in the input, each beside our count. */
  tallies: Tally[];
}

/** What one file held. */
export interface FileCount {
  file: string;
  lines: Record<Outcome, number>;
  /** Events whose time lies outside of what was asked for, or that have none. */
  outside: number;
  /** Of the lines that may have been events: how many by kind, and the first of each. */
  refused: Map<RefusalKind, { lines: number; first: Refusal }>;
}

/** Whether a file holds lines, and none of them is an event: most often it is the wrong file. */
export function isWithoutEvents({ lines, outside }: FileCount): boolean {
  const { event, internal, ...others } = lines;
  return event + internal + outside === 0 && Object.values(others).some((count) => count > 0);
}

/** @throws INPUT_UNREADABLE */
export async function countFiles(options: CountOptions): Promise<Counted> {
  const { files, config, stdin, range, terminal } = options;
  const ledger = new Ledger(ledgerOptions(config));
  const scanner = createScanner(ledger.wanted, config.input.max_line_bytes);
  const tallies = new Tallies();
  const progress = new Progress(files, terminal);
  const counts: FileCount[] = [];
  for (const file of files) {
    ledger.families.expectInput(file);
    const before = linesOf(ledger);
    const count: FileCount = { file, lines: before, outside: 0, refused: new Map() };
    const take = (framed: Framed, bytes: number) => {
      const { payload } = framed;
      const batch = scanner.scan(payload);
      if (range) count.outside += keepWithin(batch, range);
      const refused = ledger.count(batch, payload, scanner);
      if (!range) tallies.take(batch, payload, scanner);
      ledger.skip('text', framed.text);
      ledger.skip('oversized', framed.oversized);
      ledger.read(file, bytes);
      if (refused > 0) for (const refusal of refusals(batch, payload)) note(count, refusal, 1);
      if (framed.oversized > 0) note(count, { kind: 'oversized' }, framed.oversized);
    };
    try {
      await readToEnd(file, stdin, config.input.max_line_bytes, take, {
        read: (bytes) => progress.read(file, bytes),
      });
    } finally {
      progress.end();
    }
    progress.done(file);
    const after = linesOf(ledger);
    for (const outcome of OUTCOMES) count.lines[outcome] = after[outcome] - before[outcome];
    counts.push(count);
  }
  return { ledger, files: counts, tallies: tallies.finish() };
}

function note({ refused }: FileCount, refusal: Refusal, lines: number): void {
  const known = refused.get(refusal.kind);
  if (known) known.lines += lines;
  else refused.set(refusal.kind, { lines, first: refusal });
}

function linesOf({ families }: Ledger): Record<Outcome, number> {
  return Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, families.lines.series([outcome]).count]),
  ) as Record<Outcome, number>;
}
