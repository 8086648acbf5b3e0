/**
 * Evidence on disk: a directory for each response, with `manifest.json` and `SHA256SUMS` (for `sha256sum -c`), written
 * and synced after the files that they name. All of it has one budget of bytes; where that is spent nothing new is
 * taken, and nothing old is deleted: both are reported.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, systemReason } from '../../errors.ts';
import { safeJson } from '../../safe.ts';
import type { ContainerRef } from '../words.ts';

const MANIFEST = 'manifest.json';
const SUMS = 'SHA256SUMS';
/** Kept for the manifest and the sums; bytes. */
const ROOM = 64 * 1024;

interface Item {
  file: string;
  bytes?: number;
  sha256?: string;
  /** RFC 3339. */
  taken?: string;
  /** Whether the original is longer. */
  cut?: boolean;
  /** Why it isn't there. */
  missing?: string;
}

export interface Manifest {
  response: string;
  policy_response: string;
  container: ContainerRef;
  rule: string;
  event_time: string;
  items: Item[];
}

export class EvidenceStore {
  readonly directory: string;
  readonly #most: number;
  #used = 0;

  private constructor(directory: string, most: number) {
    this.directory = directory;
    this.#most = most;
  }

  /** @throws an error of the system: a directory that can't be made or read */
  static async open(directory: string, most: number): Promise<EvidenceStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const store = new EvidenceStore(directory, most);
    store.#used = await sizeOf(directory);
    return store;
  }

  /** Bytes of all evidence, and how many there may be. */
  get used(): number {
    return this.#used;
  }

  get most(): number {
    return this.#most;
  }

  get room(): number {
    return Math.max(0, this.#most - this.#used - ROOM);
  }

  /** Counts bytes that were written. */
  spend(bytes: number): void {
    this.#used += bytes;
  }

  /**
   * A directory of its own, under a name that isn't taken.
   * @throws an error of the system; one that says so where there is no room
   */
  async begin(name: string, manifest: Omit<Manifest, 'items'>): Promise<Collection> {
    if (this.room <= 0) throw new Error(`evidence.max_bytes is spent: ${this.#used} bytes are kept`);
    for (let attempt = 1; ; attempt++) {
      const directory = join(this.directory, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        await mkdir(directory, { mode: 0o700 });
        return new Collection(this, directory, { ...manifest, items: [] });
      } catch (error) {
        if (systemCode(error) !== 'EEXIST' || attempt === 100) throw error;
      }
    }
  }

  /** One that was sealed before, to add to it. @throws where there is none */
  async reopen(directory: string): Promise<Collection> {
    const text = await readFile(join(directory, MANIFEST), 'utf8');
    return new Collection(this, directory, JSON.parse(text) as Manifest);
  }
}

export class Collection {
  readonly directory: string;
  readonly #store: EvidenceStore;
  readonly #manifest: Manifest;

  constructor(store: EvidenceStore, directory: string, manifest: Manifest) {
    this.#store = store;
    this.directory = directory;
    this.#manifest = manifest;
  }

  /** Files that are not there, whatever the reason. */
  get missing(): string[] {
    return this.#manifest.items.filter(({ missing }) => missing !== undefined).map(({ file }) => file);
  }

  has(file: string): boolean {
    return this.#manifest.items.some((item) => item.file === file && item.missing === undefined);
  }

  /** Writes a file. Never throws: what can't be written is missing, and says why. */
  async put(file: string, bytes: Uint8Array, cut = false): Promise<void> {
    await this.stream(file, this.#store.room, async (take) => {
      await take(bytes);
      return cut;
    });
  }

  /**
   * The same, piece by piece.
   * @param most bytes; and never more than there is room for
   * @param source gives the pieces to `take`, and returns whether the original is longer
   */
  async stream(
    file: string,
    most: number,
    source: (take: (chunk: Uint8Array) => Promise<void>) => Promise<boolean>,
  ): Promise<void> {
    const hash = createHash('sha256');
    let bytes = 0;
    let handle: FileHandle | undefined;
    try {
      handle = await open(join(this.directory, file), 'wx', 0o600);
      const out = handle;
      const cut = await source(async (chunk) => {
        if (chunk.length > most - bytes || chunk.length > this.#store.room)
          throw new Error('there is no room for it in evidence.max_bytes');
        hash.update(chunk);
        bytes += chunk.length;
        this.#store.spend(chunk.length);
        await out.writeFile(chunk);
      });
      await handle.sync();
      const taken = new Date().toISOString();
      this.#note({ file, bytes, sha256: hash.digest('hex'), taken, ...(cut && { cut }) });
    } catch (error) {
      this.lack(file, systemReason(error));
      // What came of it stays, under a name that says that it is not whole.
      if (handle) {
        const part = join(this.directory, `${file}.part-${Date.now()}`);
        await rename(join(this.directory, file), part).catch(() => undefined);
      }
    } finally {
      await handle?.close().catch(() => undefined);
    }
  }

  /** Says why a file isn't there. */
  lack(file: string, reason: string): void {
    this.#note({ file, missing: reason });
  }

  /** Writes the manifest and the sums. @throws an error of the system */
  async seal(): Promise<void> {
    const text = `${safeJson(this.#manifest)}\n`;
    const sums = this.#manifest.items.filter(({ sha256 }) => sha256 !== undefined);
    const own = createHash('sha256').update(text).digest('hex');
    const lines = [...sums.map(({ file, sha256 }) => `${sha256}  ${file}`), `${own}  ${MANIFEST}`];
    await this.#replace(MANIFEST, text);
    await this.#replace(SUMS, `${lines.join('\n')}\n`);
    const directory = await open(this.directory, 'r');
    await directory.sync().finally(() => directory.close());
  }

  #note(item: Item): void {
    const at = this.#manifest.items.findIndex(({ file }) => file === item.file);
    if (at < 0) this.#manifest.items.push(item);
    else this.#manifest.items[at] = item;
  }

  async #replace(name: string, text: string): Promise<void> {
    const path = join(this.directory, name);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    this.#store.spend(text.length);
  }
}

async function sizeOf(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += await sizeOf(path);
    else if (entry.isFile()) sum += (await lstat(path)).size;
  }
  return sum;
}
