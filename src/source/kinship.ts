/** What the rotated files of one path are to us: copies of what is known, old ones, and those that were never read. */
import { systemCode } from '../errors.ts';
import type { Stats } from './followed.ts';
import type { Heads } from './heads.ts';
import { type Kin, type Listing, listKin } from './kin.ts';
import { LiveFile } from './live.ts';
import { GzipFile, type OpenFile, PlainFile } from './opened.ts';
import { type Head, PROOF_BYTES, proveHead } from './position.ts';
import { type Candidate, Moved } from './search.ts';

/** A listing that names keep changing under is tried so often, then left to the next look. */
const TRIES = 5;
/** Clocks of file systems are this much behind or coarser than ours, in milliseconds. */
const CLOCK_SLACK = 2000;

/** What is known when unread kin are looked for. */
export interface Known {
  /** First bytes of the files that are followed. */
  heads: readonly Buffer[];
  finished: Heads;
  /** Kin last written before are old; milliseconds since the epoch. */
  since: number;
  /** Whether a file is followed already. */
  holds(stats: Stats): boolean;
  /** Told of a file that can't be read. */
  unreadable(kin: Kin, error: unknown): void;
}

export interface KinshipOptions {
  path: string;
  /** What reads go into. */
  buffer: Buffer;
  halt: AbortSignal;
  hint(): void;
}

export class Kinship {
  readonly #options: KinshipOptions;

  constructor(options: KinshipOptions) {
    this.#options = options;
  }

  /** @param former real paths of before @returns undefined while a rotation is under way */
  async list(former: readonly string[]): Promise<Listing | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const listing = await listKin(this.#options.path, former);
      if (listing) return listing;
    }
    return undefined;
  }

  /** The live file first, then the kin, newest first: a position is most often of one of the last. */
  candidates({ live, kin, target }: Listing): Candidate[] {
    const { path, buffer, hint } = this.#options;
    const candidates = [...kin]
      .sort((a, b) => Number(a.gzip) - Number(b.gzip) || kin.indexOf(b) - kin.indexOf(a))
      .map((each) => ({
        target: each.target,
        inode: String(each.stats.ino),
        open: () => this.#open(each),
      }));
    if (!live?.isFile()) return candidates;
    const open = () => sure(live, LiveFile.open(path, buffer, hint));
    return [{ target, inode: String(live.ino), open }, ...candidates];
  }

  #open({ path, gzip, stats }: Kin): Promise<OpenFile> {
    const { buffer, halt } = this.#options;
    return sure(stats, gzip ? GzipFile.open(path, halt) : PlainFile.open(path, buffer));
  }

  /** Proofs of all but the live file: at the very first start what was rotated away before is not read. */
  async heads({ kin, live }: Listing): Promise<Head[]> {
    const proofs: Head[] = [];
    for (const each of kin) {
      if (each.stats.ino === live?.ino && each.stats.dev === live.dev) continue;
      const beginning = await this.#beginning(each).catch(() => undefined);
      if (beginning) proofs.push(proveHead(beginning.head));
      await beginning?.file.close();
    }
    return proofs;
  }

  /**
   * Opens those that were never read, oldest first.
   * @returns undefined if one was renamed or compressed meanwhile: list again
   */
  async unread(kin: readonly Kin[], known: Known): Promise<Unread[] | undefined> {
    const unread: Unread[] = [];
    const found = new Set<Head>();
    let all = true;
    for (const each of kin) {
      if (known.holds(each.stats)) continue;
      try {
        const file = await this.#beginning(each);
        const old = Number(each.stats.mtimeMs) < known.since - CLOCK_SLACK;
        const finished =
          known.finished.find(file.head) ?? (old ? known.finished.add(proveHead(file.head)) : undefined);
        if (finished) found.add(finished);
        const isCopy = known.heads.some((head) => beginsAlike(head, file.head));
        // An empty one may be a copy that is about to be made; it is looked at again at the next rotation.
        if (finished || old || isCopy || file.head.length === 0) await file.file.close();
        else await keepLongest(unread, file);
      } catch (error) {
        if (error instanceof Moved) return closed(unread);
        all = false;
        // While the plain file is there gzip may be at work on the other.
        if (!isBesidePlain(each, kin)) known.unreadable(each, error);
      }
    }
    // Compressed files are read no further then, and look empty.
    if (this.#options.halt.aborted) return closed(unread);
    if (all) known.finished.prune(found);
    return unread;
  }

  async #beginning(kin: Kin): Promise<Unread> {
    const file = await this.#open(kin);
    try {
      return { kin, file, head: await file.bytes(0, PROOF_BYTES), length: await file.length() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

/** An opened file, if it is the one that was listed. @throws Moved if it is not */
async function sure(listed: Stats, opening: Promise<OpenFile>): Promise<OpenFile> {
  const file = await opening.catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? new Moved() : error;
  });
  const { dev, ino } = await file.stat();
  if (dev === listed.dev && ino === listed.ino) return file;
  await file.close();
  throw new Moved();
}

/** A rotated file, open. */
export interface Unread {
  kin: Kin;
  file: OpenFile;
  head: Buffer;
  length: number;
}

async function closed(unread: readonly Unread[]): Promise<undefined> {
  for (const { file } of unread) await file.close();
}

/** Adds a file, but of a file and its copies only the longest; what gzip may still be at work on is none. */
async function keepLongest(unread: Unread[], file: Unread): Promise<void> {
  const index = unread.findIndex(({ head }) => beginsAlike(head, file.head));
  const copy = unread[index];
  if (!copy) unread.push(file);
  else if (file.length > copy.length && !isBesidePlain(file.kin, [copy.kin])) {
    unread[index] = file;
    await copy.file.close();
  } else await file.file.close();
}

function isBesidePlain({ path, gzip }: Kin, others: readonly Kin[]): boolean {
  return gzip && others.some((other) => other.path === path.slice(0, -3));
}

/** Whether one is the beginning of the other: a copy may be under way. Of an empty file nothing can be told. */
function beginsAlike(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return length > 0 && a.subarray(0, length).equals(b.subarray(0, length));
}
