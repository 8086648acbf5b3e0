import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing.ts';
import { Carry } from '../source/carry.ts';
import { Cursor } from '../source/cursor.ts';

/** Reads one file from its beginning to its end. @throws INPUT_UNREADABLE */
export async function readToEnd(
  file: string,
  stdin: Readable,
  maxLine: number,
  sink: (framed: Framed, bytes: number) => void,
): Promise<void> {
  const cursor = new Cursor(maxLine, sink);
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

function open(file: string, stdin: Readable): AsyncIterable<Buffer> {
  if (file === '-') return stdin;
  const raw = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (!file.endsWith('.gz')) return raw;
  const unzipped = createGunzip();
  raw.on('error', (error) => unzipped.destroy(error));
  return raw.pipe(unzipped);
}
