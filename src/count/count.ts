/** `count`: reads files once, to their end, and tells what is in them. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Config } from '../config/schema.ts';
import { ExporterError } from '../errors.ts';
import { createScanner } from '../event/create.ts';
import type { Scanner } from '../event/scanner.ts';
import { Ledger } from '../ledger/ledger.ts';
import { ledgerOptions } from '../ledger/options.ts';
import { Carry } from '../source/carry.ts';
import { Cursor } from '../source/cursor.ts';
import { Tallies, type Tally } from './tally.ts';

export interface Counted {
  ledger: Ledger;
  /** Falco's closing tallies that stand in the input, each beside our count. */
  tallies: Tally[];
}

/**
 * @param files paths, `.gz` ones uncompressed; "-" is `stdin`
 * @throws INPUT_UNREADABLE
 */
export async function countFiles(
  files: readonly string[],
  config: Config,
  stdin: Readable,
): Promise<Counted> {
  const ledger = new Ledger(ledgerOptions(config));
  const scanner: Scanner = createScanner(ledger.wanted, config.input.max_line_bytes);
  const tallies = new Tallies();
  for (const file of files) {
    ledger.families.expectInput(file);
    const cursor = new Cursor(config.input.max_line_bytes, (framed, bytes) => {
      const batch = scanner.scan(framed.payload);
      ledger.count(batch, framed.payload, scanner);
      tallies.take(batch, framed.payload, scanner);
      ledger.skip('text', framed.text);
      ledger.skip('oversized', framed.oversized);
      ledger.read(file, bytes);
    });
    const carry = new Carry(cursor);
    try {
      for await (const bytes of open(file, stdin)) carry.push(bytes);
    } catch (error) {
      throw new ExporterError('INPUT_UNREADABLE', `it can't be read: ${(error as Error).message}`, {
        place: { file },
        cause: error,
      });
    }
    cursor.finish(carry.rest);
  }
  return { ledger, tallies: tallies.finish() };
}

function open(file: string, stdin: Readable): AsyncIterable<Buffer> {
  if (file === '-') return stdin;
  const raw = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (!file.endsWith('.gz')) return raw;
  const unzipped = createGunzip();
  raw.on('error', (error) => unzipped.destroy(error));
  return raw.pipe(unzipped);
}
