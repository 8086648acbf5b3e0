/** After a start: the last events that an earlier process counted, read again for people to look at. Nothing is counted. */
import { open } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import { createScanner } from '../event/scan/create.ts';
import { type KnownRule, Ledger } from '../ledger/ledger.ts';
import { ledgerOptions } from '../ledger/options.ts';
import { Carry } from '../source/read/carry.ts';
import { Cursor } from '../source/read/cursor.ts';
import { WITHOUT_WAITING } from '../source/read/open-file.ts';
import { matches, type Position } from '../source/rotated/position.ts';
import type { LiveEvents } from '../web/events/live-events.ts';
import { within } from '../within.ts';

/** Of each file, and how many files at most, the latest; bytes. */
const READ = 512 * 1024;
const FILES = 4;
/** A file system that gives no answer must not keep the exporter from its start; milliseconds. */
const PATIENCE = 2000;
const NEWLINE = 10;

/**
 * Gives `live` the events just before the positions. Of a file that isn't the one that was counted, or can't be read,
 * there are none: the page then begins empty, as it may.
 */
export async function readBack(
  positions: readonly Position[],
  rules: Iterable<KnownRule>,
  config: Config,
  live: LiveEvents,
): Promise<void> {
  const latest = [...positions].sort((a, b) => a.seen - b.seen).slice(-FILES);
  const found = latest.map((position) => before(position).catch(() => undefined));
  const pieces = ((await within(PATIENCE, Promise.all(found))) ?? []).filter((bytes) => bytes !== undefined);
  if (pieces.length === 0) return;
  // A ledger of its own, which is thrown away: it says on which labels an event was counted.
  const ledger = new Ledger(ledgerOptions(config));
  ledger.expect(rules);
  const scanner = createScanner(ledger.wanted, config.input.max_line_bytes);
  for (const bytes of pieces) {
    const carry = new Carry(
      new Cursor(config.input.max_line_bytes, ({ payload }) => {
        const batch = scanner.scan(payload);
        ledger.count(batch, payload, scanner);
        live.takeEarlier(batch, payload, (tuple) => ledger.labelsOf(tuple));
      }),
    );
    carry.push(bytes);
  }
}

/** Whole lines before the offset; undefined where the file's bytes there are not those that were counted. */
async function before({ path, offset, tail }: Position): Promise<Buffer | undefined> {
  if (path.endsWith('.gz') || offset === 0) return undefined;
  const file = await open(path, WITHOUT_WAITING);
  try {
    const from = Math.max(0, offset - READ);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(offset - from), 0, offset - from, from);
    const bytes = buffer.subarray(0, bytesRead);
    const end = bytes.subarray(Math.max(0, bytes.length - tail.length));
    if (bytesRead !== offset - from || !matches(tail, end)) return undefined;
    return from === 0 ? bytes : bytes.subarray(bytes.indexOf(NEWLINE) + 1);
  } finally {
    await file.close();
  }
}
