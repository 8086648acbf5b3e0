/** What the rotated files of one path are to us: which one a followed file has become, and which were never read. */
import type { Followed } from './followed.ts';
import { isNewer, type Kin, listKin } from './kin.ts';
import { GzipFile, type OpenFile, PlainFile } from './opened.ts';
import type { Position } from './position.ts';
import { type Candidate, type Found, find } from './search.ts';

/** Bytes in which a file's first event is looked for. */
const BEGINNING = 64 * 1024;

export class Kinship {
  readonly #path: string;
  readonly #buffer: Buffer;
  readonly #firstTime: (beginning: Buffer) => number;

  /** @param firstTime time of the first event in a file's beginning, in ms since the epoch; NaN where there is none */
  constructor(path: string, buffer: Buffer, firstTime: (beginning: Buffer) => number) {
    this.#path = path;
    this.#buffer = buffer;
    this.#firstTime = firstTime;
  }

  /** @returns undefined while a rotation is under way */
  list(): Promise<Kin[] | undefined> {
    return listKin(this.#path);
  }

  open(kin: Kin): Promise<OpenFile> {
    return kin.gzip ? GzipFile.open(kin.path) : PlainFile.open(kin.path, this.#buffer);
  }

  candidate(kin: Kin): Candidate {
    return { path: kin.path, inode: String(kin.stats.ino), open: () => this.open(kin) };
  }

  /** The kin whose content a position proves, left open. */
  find(position: Position, kin: readonly Kin[]): Promise<Found | undefined> {
    return find(
      position,
      kin.map((each) => this.candidate(each)),
    );
  }

  /** Under which name a file stands that is open here: by inode, or, where gzip has replaced it, by content. */
  async nameOf(followed: Followed, kin: readonly Kin[], time: number): Promise<Kin | undefined> {
    const renamed = kin.find((each) => followed.is(each.stats));
    if (renamed) return renamed;
    const zipped = kin.filter((each) => each.gzip);
    const found = await this.find(followed.position(time), zipped);
    await found?.file.close();
    return zipped.find((each) => each.path === found?.candidate.path);
  }

  /**
   * Of these kin the ones that were never read, oldest first: those newer than the reference; where there is none,
   * those whose first event is newer than the last that was counted.
   */
  async unread(kin: readonly Kin[], reference: Kin | undefined, lastTime: number): Promise<Kin[]> {
    if (reference) return kin.filter((each) => each !== reference && isNewer(each, reference));
    const newer: Kin[] = [];
    for (const each of kin) if ((await this.#firstTimeOf(each)) > lastTime) newer.push(each);
    return newer;
  }

  async #firstTimeOf(kin: Kin): Promise<number> {
    try {
      const file = await this.open(kin);
      const beginning = await file.bytes(0, BEGINNING).finally(() => file.close());
      const time = this.#firstTime(beginning);
      return Number.isNaN(time) ? Number(kin.stats.mtimeMs) : time;
    } catch {
      return Number.NEGATIVE_INFINITY;
    }
  }
}
