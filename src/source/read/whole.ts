import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExporterError, systemReason } from '../../errors.ts';
import type { Framed } from '../../event/framing/framing.ts';
import { Carry } from './carry.ts';
import { Cursor } from './cursor.ts';

/**
 * Reads one file from its beginning to its end, as `count` and `noise` do.
 * @param file a path, a `.gz` one uncompressed; "-" is `stdin`
 * @param how `read` is called with how many bytes of the file, as it lies there, were read so far; `from` is the byte of a plain file to begin at
 * @throws INPUT_UNREADABLE
 */
export async function readToEnd(
  file: string,
  stdin: Readable,
  maxLine: number,
  sink: (framed: Framed, bytes: number) => void,
  { read = () => undefined, from = 0 }: { read?: (bytes: number) => void; from?: number } = {},
): Promise<void> {
  const cursor = new Cursor(maxLine, sink);
  const carry = new Carry(cursor);
  try {
    for await (const bytes of open(file, stdin, read, from)) carry.push(bytes);
  } catch (error) {
    throw new ExporterError('INPUT_UNREADABLE', `it can't be read: ${systemReason(error)}`, {
      place: { file },
      cause: error,
    });
  }
  cursor.finish(carry.rest);
}

async function* open(
  file: string,
  stdin: Readable,
  read: (bytes: number) => void,
  from: number,
): AsyncGenerator<Buffer, void, void> {
  if (file === '-') {
    let bytes = 0;
    for await (const piece of stdin as AsyncIterable<Buffer>) {
      yield piece;
      bytes += piece.length;
      read(bytes);
    }
    return;
  }
  const raw = createReadStream(file, { highWaterMark: 1024 * 1024, start: from });
  let plain: AsyncIterable<Buffer> = raw;
  if (file.endsWith('.gz')) {
    const unzipped = createGunzip();
    raw.on('error', (error) => unzipped.destroy(error));
    plain = raw.pipe(unzipped);
  }
  for await (const piece of plain) {
    yield piece;
    read(raw.bytesRead);
  }
}
