/**
 * The snapshot on disk: positions and counts as one value, so they can't disagree. It is one file, replaced atomically:
 * written beside it, fsynced, renamed, and the directory fsynced. A crash at any moment leaves the old or the new one.
 *
 * Before each rename the file must still be the one that this process wrote or loaded. If it isn't, another process owns
 * the state.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ExporterError, systemCode } from '../errors.ts';
import { header, headerLine, partLines, type Snapshot, SnapshotReader } from './format.ts';

export type { Snapshot };

export const SNAPSHOT_FILE = 'snapshot.json';
/** Read, and written, at once; bytes. */
const PIECE = 64 * 1024;
const NEWLINE = 10;

export class SnapshotStore {
  readonly #directory: string;
  readonly #process = randomUUID();
  #sequence = 0;
  /** The `writing` of the file that this process wrote or loaded; undefined: there was none. */
  #ours: string | undefined;

  #loadedAt: number | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get path(): string {
    return join(this.#directory, SNAPSHOT_FILE);
  }

  /** When the snapshot that was loaded had been written, in milliseconds since the epoch; undefined: none was. */
  get loadedAt(): number | undefined {
    return this.#loadedAt;
  }

  /**
   * The snapshot that an earlier process left; undefined if there is none. One that is torn, foreign or of a newer
   * version is renamed, never deleted, and given to `setAside`.
   * @throws STATE_UNUSABLE where there may be one that can't be read or set aside: to begin anew would count twice
   */
  async load(setAside: (fault: ExporterError) => void): Promise<Snapshot | undefined> {
    await this.#sweep();
    let file: FileHandle;
    try {
      file = await open(this.path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw unusable(this.path, error);
    }
    try {
      const { mtimeMs } = await file.stat();
      const { writing, snapshot } = await read(file);
      this.#ours = writing;
      this.#loadedAt = mtimeMs;
      return snapshot;
    } catch (error) {
      // What can't be read may be whole: only what it says can be wrong.
      if (systemCode(error) !== undefined) throw unusable(this.path, error);
      const aside = `${this.path}.set-aside-${randomUUID().slice(0, 8)}`;
      await rename(this.path, aside).catch((failed: unknown) => {
        throw unusable(this.path, failed);
      });
      setAside(
        new ExporterError('STATE_TORN', `the snapshot is not one of ours: ${reason(error)}`, {
          place: { file: this.path },
          advice: `It was kept as ${aside}. Counting begins anew, as at a very first start.`,
          cause: error,
        }),
      );
      return undefined;
    }
  }

  /**
   * Replaces the snapshot. When this returns it is on the disk. What `load` would refuse is never written.
   * @throws STATE_NOT_OURS where another process has written it since, STATE_UNUSABLE for all else
   */
  async write(snapshot: Snapshot): Promise<void> {
    const writing = `${this.#process}:${++this.#sequence}`;
    const temporary = `${this.path}.${this.#process}.tmp`;
    try {
      const lines = partLines(snapshot);
      await mkdir(this.#directory, { recursive: true });
      await writeDurably(temporary, writing, lines);
      await this.#ensureOurs();
      await rename(temporary, this.path);
      this.#ours = writing;
      await syncDirectory(this.#directory);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error instanceof ExporterError ? error : unusable(this.path, error);
    }
  }

  /** What a process that was killed while writing left behind. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#directory).catch((): string[] => []);
    for (const name of names)
      if (name.startsWith(`${SNAPSHOT_FILE}.`) && name.endsWith('.tmp'))
        await rm(join(this.#directory, name), { force: true }).catch(() => undefined);
  }

  async #ensureOurs(): Promise<void> {
    const found = await readWriting(this.path);
    // Deleted by hand is no other owner: it is written anew.
    if (found === undefined || found === this.#ours) return;
    throw new ExporterError('STATE_NOT_OURS', 'another process writes this snapshot', {
      place: { file: this.path },
      advice: 'Give each exporter a --state.dir of its own: two that share one would lose and repeat counts.',
    });
  }
}

async function read(file: FileHandle): Promise<{ writing: string; snapshot: Snapshot }> {
  try {
    let reader: SnapshotReader | undefined;
    let said = { writing: '', sha256: '' };
    let hash = createHash('sha256');
    for await (const line of lines(file)) {
      if (reader) {
        hash.update(line);
        reader.take(line.toString());
        continue;
      }
      const { version, ...rest } = header.parse(JSON.parse(line.toString()));
      said = rest;
      hash = createHash('sha256').update(`${said.writing}\n`);
      reader = new SnapshotReader(version);
    }
    if (!reader || hash.digest('hex') !== said.sha256) throw new Error('its checksum does not match');
    return { writing: said.writing, snapshot: reader.snapshot };
  } finally {
    await file.close();
  }
}

/** Lines with their newlines; what follows the last one is a line too. */
async function* lines(file: FileHandle): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE);
    if (bytesRead === 0) break;
    let from = 0;
    for (
      let end = buffer.indexOf(NEWLINE);
      end >= 0 && end < bytesRead;
      end = buffer.indexOf(NEWLINE, from)
    ) {
      yield Buffer.concat([...waiting, buffer.subarray(from, end + 1)]);
      waiting = [];
      from = end + 1;
    }
    if (from < bytesRead) waiting.push(buffer.subarray(from, bytesRead));
  }
  if (waiting.length > 0) yield Buffer.concat(waiting);
}

/** The `writing` of a snapshot on disk; "" for a file that says none, undefined for no file. */
async function readWriting(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0).finally(() => file.close());
    const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0]!;
    return header.parse(JSON.parse(line)).writing;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : '';
  }
}

async function writeDurably(path: string, writing: string, lines: Iterable<string>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    // Of what follows: the checksum is put in when all of it is known.
    const hash = createHash('sha256').update(`${writing}\n`);
    let piece = headerLine(writing, '0'.repeat(64));
    for (const line of lines) {
      hash.update(line);
      piece += line;
      if (piece.length < PIECE) continue;
      await file.writeFile(piece);
      piece = '';
    }
    await file.writeFile(piece);
    const head = Buffer.from(headerLine(writing, hash.digest('hex')));
    await writeAll(file, head);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** At the beginning of the file. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

function reason(error: unknown): string {
  return error instanceof z.ZodError
    ? z.prettifyError(error).split('\n', 1)[0]!
    : String((error as Error).message);
}

function unusable(file: string, error: unknown): ExporterError {
  return new ExporterError('STATE_UNUSABLE', `the state can't be kept: ${reason(error)}`, {
    place: { file },
    advice: 'Counting and serving go on. Until this is repaired, a crash forgets what was counted since.',
    cause: error,
  });
}
