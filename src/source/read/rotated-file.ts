/** Rotated files, as they stand or compressed. The first bytes say which, not the name. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import zlib from 'node:zlib';
import { ExporterError } from '../../errors.ts';
import { CompressedFile, type Unpacker } from './compressed.ts';
import type { Cursor } from './cursor.ts';
import {
  type AnyPath,
  type Drained,
  idOf,
  type OpenFile,
  type RotatedOptions,
  WITHOUT_WAITING,
} from './open-file.ts';

/** A path names another file than a moment ago: what was listed can't be relied on. */
export class Moved extends Error {}

/** How the files of each kind begin, and what unpacks them; undefined where nothing here can. */
const KINDS: readonly [name: string, magic: Buffer, unpacker: Unpacker | undefined][] = [
  ['gzip', Buffer.from([0x1f, 0x8b]), () => zlib.createGunzip()],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), zstd()],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), undefined],
  ['bzip2', Buffer.from('BZh'), undefined],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18]), undefined],
];

/** How many first bytes tell whether a file is compressed. */
export const MAGIC_BYTES = 6;

export function isCompressed(head: Buffer): boolean {
  return kindOf(head) !== undefined;
}

function kindOf(head: Buffer): (typeof KINDS)[number] | undefined {
  return KINDS.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
}

/** Of Node 22.15 and later. */
function zstd(): Unpacker | undefined {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: Unpacker };
  return createZstdDecompress && (() => createZstdDecompress());
}

/** A file that is compressed in a way that nothing here can read. */
export class Unsupported extends ExporterError {
  /** Its first bytes as they are. */
  readonly raw: Buffer;

  constructor(kind: string, raw: Buffer) {
    super('INPUT_UNREADABLE', `${kind} can't be read here`, {
      advice: 'Let rotation compress with gzip (zstd from Node 22.15 on), or with delaycompress.',
    });
    this.raw = raw;
  }
}

/**
 * @param listed what the path was found to name
 * @throws Moved where it names another by now; Unsupported; the system's own error
 */
export async function openRotated(
  path: AnyPath,
  listed: BigIntStats,
  options: RotatedOptions,
): Promise<OpenFile> {
  const handle = await open(path, WITHOUT_WAITING).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Moved() : error;
  });
  try {
    const stats = await handle.stat({ bigint: true });
    if (idOf(stats) !== idOf(listed) || !stats.isFile()) throw new Moved();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    const kind = kindOf(buffer);
    const name = path.toString();
    if (!kind) return new PlainFile(name, handle, options);
    if (!kind[2]) throw new Unsupported(kind[0], buffer.subarray(0, bytesRead));
    return new CompressedFile(name, handle, kind[2], options);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Uncompressed; others may still write to it. */
class PlainFile implements OpenFile {
  readonly grows = true;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #options: RotatedOptions;

  constructor(path: string, handle: FileHandle, options: RotatedOptions) {
    this.path = path;
    this.#handle = handle;
    this.#options = options;
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true });
  }

  async length(): Promise<number> {
    return Number((await this.stat()).size);
  }

  async drain(cursor: Cursor, limit = Number.POSITIVE_INFINITY): Promise<Drained> {
    for (;;) {
      const { at, length } = cursor.next;
      const wanted = Math.max(0, Math.min(length, limit - at));
      const buffer = this.#options.buffer();
      const { bytesRead } = await this.#handle.read(buffer, 0, wanted, at);
      this.#options.progress();
      const taken = cursor.take(buffer.subarray(0, bytesRead));
      if (taken === 'end' && wanted < length && bytesRead === wanted && !cursor.halted) return 'more';
      if (taken !== 'more') return taken;
    }
  }

  async bytes(start: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  }

  rest(cursor: Cursor): Promise<Buffer> {
    return this.bytes(cursor.offset, cursor.capacity);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
