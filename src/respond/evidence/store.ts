/**
 * Evidence on disk: a directory for each response, with `manifest.json` and `SHA256SUMS` (for `sha256sum -c`), written
 * and synced after the files that they name. All of it has one budget of bytes, of which each container and each rule has
 * its share. Where that is spent nothing new is taken, and nothing old is deleted: both are reported.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { systemCode, systemReason } from '../../errors.ts';
import { safeJson } from '../../safe.ts';
import { shareOf } from '../share.ts';

const MANIFEST = 'manifest.json';
const SUMS = 'SHA256SUMS';
/** Kept for the manifest and the sums; bytes. */
const ROOM = 64 * 1024;

const item = z.object({
  file: z.string(),
  bytes: z.number().optional(),
  sha256: z.string().optional(),
  /** RFC 3339. */
  taken: z.string().optional(),
  /** Whether the original is longer. */
  cut: z.boolean().optional(),
  /** Why it isn't there. */
  missing: z.string().optional(),
});
type Item = z.output<typeof item>;

const manifestSchema = z.object({
  response: z.string(),
  policy_response: z.string(),
  container: z.object({ id: z.string(), name: z.string(), image: z.string() }),
  rule: z.string(),
  event_time: z.string(),
  items: z.array(item),
});
export type Manifest = z.output<typeof manifestSchema>;

export class EvidenceStore {
  readonly directory: string;
  readonly #most: () => number;
  #used = 0;
  /** Bytes that the disk had free when a collection was last begun; less what was written since. */
  #free = 0;
  /** Bytes of each container, by its name, and of each rule. */
  readonly #usedBy = new Map<string, number>();

  private constructor(directory: string, most: () => number) {
    this.directory = directory;
    this.#most = most;
  }

  /**
   * @param most bytes of all evidence
   * @throws an error of the system: a directory that can't be made or read
   */
  static async open(directory: string, most: () => number): Promise<EvidenceStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const store = new EvidenceStore(directory, most);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) store.spend(await sizeOf(path), sharersOf(await manifestOf(path)));
      else if (entry.isFile()) store.spend((await lstat(path)).size, []);
    }
    return store;
  }

  /** Bytes of all evidence, and how many there may be. */
  get used(): number {
    return this.#used;
  }

  get most(): number {
    return this.#most();
  }

  /** Bytes that are left for these. */
  room(sharers: readonly string[]): number {
    const had = Math.max(0, ...sharers.map((each) => this.#usedBy.get(each) ?? 0));
    // The journal lies on the same disk: half of what is free stays free.
    return Math.min(shareOf(this.most - this.#used - ROOM, had), shareOf(this.#free, 0));
  }

  /** Counts bytes that were written. */
  spend(bytes: number, sharers: readonly string[]): void {
    this.#used += bytes;
    this.#free -= bytes;
    for (const each of sharers) this.#usedBy.set(each, (this.#usedBy.get(each) ?? 0) + bytes);
  }

  /**
   * A directory of its own, under a name that isn't taken.
   * @throws an error of the system; one that says so where there is no room
   */
  async begin(name: string, manifest: Omit<Manifest, 'items'>): Promise<Collection> {
    await this.#measure();
    if (this.room(sharersOf(manifest)) <= 0)
      throw new Error(
        `evidence.max_bytes, or the share of it, or the disk is full: ${this.#used} bytes are kept`,
      );
    for (let attempt = 1; ; attempt++) {
      const directory = join(this.directory, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        await mkdir(directory, { mode: 0o700 });
        const collection = new Collection(this, directory, { ...manifest, items: [] });
        await collection.begin();
        return collection;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST' || attempt === 100) throw error;
      }
    }
  }

  async #measure(): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory);
    this.#free = bavail * bsize;
  }

  /** One that was sealed before, to add to it. @throws where there is none */
  async reopen(directory: string): Promise<Collection> {
    await this.#measure();
    const manifest = await manifestOf(directory);
    if (!manifest) throw new Error(`there is no manifest in ${directory}`);
    return new Collection(this, directory, manifest);
  }
}

export class Collection {
  readonly directory: string;
  readonly #store: EvidenceStore;
  readonly #manifest: Manifest;
  readonly #sharers: readonly string[];

  constructor(store: EvidenceStore, directory: string, manifest: Manifest) {
    this.#store = store;
    this.directory = directory;
    this.#manifest = manifest;
    this.#sharers = sharersOf(manifest);
  }

  /** Says whose it is before anything else is there: what a killed process leaves counts for its container. */
  async begin(): Promise<void> {
    await this.#replace(MANIFEST, `${safeJson(this.#manifest)}\n`);
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
    await this.stream(file, this.#store.room(this.#sharers), async (take) => {
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
        if (chunk.length > most - bytes || chunk.length > this.#store.room(this.#sharers))
          throw new Error('there is no room for it in its share of evidence.max_bytes');
        hash.update(chunk);
        bytes += chunk.length;
        this.#store.spend(chunk.length, this.#sharers);
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
    const before = await lstat(path).catch(() => ({ size: 0 }));
    await rename(`${path}.new`, path);
    this.#store.spend(Buffer.byteLength(text) - before.size, this.#sharers);
  }
}

function sharersOf(manifest: Pick<Manifest, 'container' | 'rule'> | undefined): string[] {
  return manifest ? [`container ${manifest.container.name}`, `rule ${manifest.rule}`] : [];
}

/** @returns undefined where there is none that can be read: what a killed process left */
async function manifestOf(directory: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(directory, MANIFEST), 'utf8')));
  } catch {
    return undefined;
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
