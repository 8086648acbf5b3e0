/**
 * Which files a path's reading has come to: the one that it names now, those that it named before and that may still be
 * written to, and their rotated kin that were never read. Rotated files are told by their content.
 */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ExporterError, systemCode } from '../errors.ts';
import type { Beginning } from './begin.ts';
import { inputFault } from './fault.ts';
import type { Followed, Stats } from './followed.ts';
import { Heads } from './heads.ts';
import { type Kin, targetOf } from './kin.ts';
import type { Kinship, Unread } from './kinship.ts';
import { LiveFile } from './live.ts';
import type { Opener } from './opener.ts';
import { Pace } from './pace.ts';
import { type Head, type Position, PROOF_BYTES } from './position.ts';
import { type Found, find, provedBy } from './search.ts';
import type { Incident, PathPositions } from './source.ts';

export interface SuccessionOptions {
  path: string;
  halt: AbortSignal;
  opener: Opener;
  kinship: Kinship;
  /** Kin last written before are old; milliseconds since the epoch. */
  since: number;
  finished: readonly Head[];
  incident(incident: Incident, details: Record<string, unknown>): void;
}

export class Succession {
  readonly finished: Heads;
  /** Why the path can't be read; undefined while it can. */
  fault: ExporterError | undefined;
  readonly #options: SuccessionOptions;
  readonly #pace = new Pace();
  /**
   * Oldest first; the last is the one that the path names or named last, and is never let go.
   * Replaced whole in one step, never between two awaits of one change: a snapshot may be taken at any await.
   */
  #files: readonly Followed[] = [];
  #since: number;
  /** The path's real one when its kin were last searched; those of files that are not followed any more, until then. */
  #former: readonly string[];
  /**
   * Whether the kin were searched for unread ones since something of the last file was counted. Content that
   * copytruncate moved away before the first look at it shows only there.
   */
  #searched = false;
  /** What the path's directories looked like when its kin were last searched, or the file while nothing of it was counted. */
  #seen = '';
  /** Kin that can't be read, by device and inode: told once. */
  readonly #unreadable = new Set<string>();

  constructor(options: SuccessionOptions) {
    this.#options = options;
    this.finished = new Heads(options.finished);
    this.#since = options.since;
    this.#former = [options.path];
  }

  get files(): readonly Followed[] {
    return this.#files;
  }

  /** What a restart needs to go on. */
  state(): Pick<PathPositions, 'targets' | 'since' | 'files' | 'finished'> {
    const files = this.#files.map((followed) => followed.position());
    return { targets: this.#targets(), since: this.#since, files, finished: this.finished.proofs };
  }

  holds(stats: Stats): boolean {
    return isAny(this.#files, stats);
  }

  begin({ files, targets, finished, lost }: Beginning): void {
    for (const head of finished) this.finished.add(head);
    for (const { path, offset } of lost) this.#options.incident('gaps', { missing: path, offset });
    this.#files = files;
    this.#former = targets;
  }

  /** A clock that was ahead would make all that comes now old. @param now in milliseconds since the epoch */
  notAfter(now: number): void {
    this.#since = Math.min(this.#since, now);
  }

  /** Follows a file no more. @param head of what need not be read again of it */
  drop(followed: Followed, head: Head): void {
    this.finished.add(head);
    this.#files = this.#files.filter((each) => each !== followed);
  }

  /** Whether there are rotated files. */
  async hasKin(): Promise<boolean> {
    const listing = await this.#options.kinship.list(this.#targets());
    return listing === undefined || listing.kin.length > 0;
  }

  /** Takes up whatever file the path names now. @returns whether there is something new to read */
  async follow(): Promise<boolean> {
    const { path } = this.#options;
    const newest = this.#files.at(-1);
    const stats = await this.#stat(path);
    if (!(stats instanceof Error) && newest?.is(stats)) {
      this.fault = undefined;
      newest.meet(stats);
      return !newest.begun && this.#changed(`${stats.mtimeNs} ${stats.size}`) && this.#takeUp([newest]);
    }
    if (newest?.file instanceof LiveFile) newest.file.unwatch();
    if (stats instanceof Error && systemCode(stats) === 'ENOENT') {
      // Renamed away, the writer may have nothing to say for long: Falco opens its file when it has an event.
      const waits = newest && (await newest.file.stat()).nlink > 0n;
      this.fault = waits ? undefined : inputFault(path, stats);
      return this.#changed(await this.#directories()) && this.#takeUp([]);
    }
    const file = await this.#openLive();
    if (!file) return false;
    const opened = await file.stat();
    const held = this.#files.find((followed) => followed.is(opened));
    if (!held) return this.#takeUpLive(file);
    // Renamed back.
    await file.close();
    this.#files = [...this.#files.filter((each) => each !== held), held];
    return false;
  }

  async #stat(path: string): Promise<BigIntStats | Error> {
    const here = this.#pace.begin();
    try {
      return here ? statSync(path, { bigint: true }) : await stat(path, { bigint: true });
    } catch (error) {
      return error as Error;
    } finally {
      this.#pace.end();
    }
  }

  async #takeUpLive(file: LiveFile): Promise<boolean> {
    const { path } = this.#options;
    const newest = this.#files.at(-1);
    const proof = newest && (await provedBy(file, newest.position()));
    const target = await targetOf(path);
    if (!newest || !proof) return this.#takeUp([await this.#options.opener.fromStart(file, target)]);
    // The same content in another file, as an editor or a volume that was mounted again leaves it.
    const followed = await this.#options.opener.from(newest.position(), { file, ...proof }, target);
    this.#files = [...this.#files.slice(0, -1), followed];
    await newest.file.close();
    return true;
  }

  /** Whether this is not what was there the last time. */
  #changed(seen: string): boolean {
    const changed = seen !== this.#seen;
    this.#seen = seen;
    return changed;
  }

  async #directories(): Promise<string> {
    const times: string[] = [];
    for (const path of new Set([this.#options.path, ...this.#targets()]))
      times.push(await stat(dirname(path), { bigint: true }).then(({ mtimeNs }) => `${mtimeNs}`, String));
    return times.join(' ');
  }

  /** Searches the kin once something of the last file was counted. @returns whether there is something new to read */
  async search(): Promise<boolean> {
    const newest = this.#files.at(-1);
    return !this.#searched && newest?.begun === true && !this.#options.halt.aborted && this.#takeUp([newest]);
  }

  /**
   * Adds the kin that were never read.
   * @param last the file that the path names, new or followed already; none where it names none
   */
  async #takeUp(last: readonly Followed[]): Promise<boolean> {
    const searched = last.some(({ begun }) => begun);
    const fresh = last.filter((each) => !this.#files.includes(each));
    const listing = await this.#options.kinship.list(this.#targets());
    // Where the path names another file by now, the next turn finds it.
    const isSure =
      listing &&
      fresh.every((each) => each.target === listing.target) &&
      (listing.live ? last.some((each) => each.is(listing.live!)) : last.length === 0);
    const unread = isSure && (await this.#unread(listing.kin, [...this.#files, ...fresh]));
    if (!unread) {
      this.#seen = '';
      for (const { file } of fresh) await file.close();
      return false;
    }
    const rotated: Followed[] = [];
    for (const { file, head, kin } of unread) {
      const followed = await this.#options.opener.fromStart(file, kin.target);
      followed.cursor.expected = head;
      rotated.push(followed);
    }
    const before = this.#files.filter((each) => !last.includes(each));
    for (const { file } of before.length > 0 ? [...rotated, ...fresh] : rotated)
      this.#options.incident('rotations', { path: file.path });
    this.#files = [...before, ...rotated, ...last];
    this.#chain([...rotated, ...fresh]);
    this.#former = [listing.target];
    this.#searched = searched;
    return rotated.length + fresh.length > 0;
  }

  /** The kin that were never read, open; undefined where names change too fast to tell. */
  async #unread(kin: readonly Kin[], files: readonly Followed[]): Promise<Unread[] | undefined> {
    const heads: Buffer[] = [];
    // Both what was counted of it and what it holds by now.
    for (const { file, cursor } of files) heads.push(cursor.head, await file.bytes(0, PROOF_BYTES));
    return this.#options.kinship.unread(kin, {
      heads,
      finished: this.finished,
      since: this.#since,
      holds: (stats) => isAny(files, stats),
      unreadable: ({ path, stats }, error) => {
        const identity = `${stats.dev} ${stats.ino}`;
        if (this.#unreadable.has(identity)) return;
        this.#unreadable.add(identity);
        this.#options.incident('gaps', { unreadable: path, error: String(error) });
      },
    });
  }

  /** A wrapped line may begin in one file and end in the next. */
  #chain(begun: readonly Followed[]): void {
    for (const followed of begun)
      followed.cursor.before = this.#files[this.#files.indexOf(followed) - 1]?.cursor.framing;
  }

  /** The real paths at which this path's files were or are. */
  #targets(): string[] {
    return [...new Set([...this.#files.map(({ target }) => target), ...this.#former])];
  }

  /** copytruncate, or a plain truncation. What was not yet read of the old content is read from its copy. */
  async truncated(followed: Followed): Promise<boolean> {
    const position = followed.position();
    const found = await this.#copyOf(position);
    if (found === 'unsure') return false;
    if (this.#options.halt.aborted) {
      await found?.file.close();
      return false;
    }
    const copy = found && (await this.#options.opener.from(position, found, found.candidate.target));
    // What a rotated file holds now is found again as any kin's content is, where it has a name.
    const stays = followed === this.#files.at(-1) || (await followed.file.stat()).nlink === 0n;
    const { begun } = followed;

    // A copy that is shorter than what was counted must not be read again.
    this.finished.add(position.head);
    this.#former = this.#targets();
    if (stays) followed.cursor = this.#options.opener.cursor();
    const instead = [...(copy ? [copy] : []), ...(stays ? [followed] : [])];
    this.#files = this.#files.flatMap((each) => (each === followed ? instead : [each]));
    this.#searched = false;
    if (stays) this.#chain([followed]);
    if (begun) this.#options.incident('truncations', { path: followed.file.path });
    if (begun && !copy)
      this.#options.incident('gaps', { truncated: followed.file.path, offset: position.offset });
    if (!stays) await followed.file.close();
    if (followed === this.#files.at(-1)) await this.#takeUp([followed]);
    return true;
  }

  /** Where else the content stands that a position is of; 'unsure' where names change too fast to tell. */
  async #copyOf(position: Position): Promise<Found | 'unsure' | undefined> {
    const listing = await this.#options.kinship.list(this.#targets());
    if (!listing) return 'unsure';
    const kin = listing.kin.filter(({ stats }) => !this.holds(stats));
    return find(position, this.#options.kinship.candidates({ ...listing, live: undefined, kin })).catch(
      () => 'unsure',
    );
  }

  /** The file at the path; undefined, and the fault noted, where there is none that can be read. */
  async #openLive(): Promise<LiveFile | undefined> {
    try {
      const file = await this.#options.opener.live();
      this.fault = undefined;
      return file;
    } catch (error) {
      this.fault = error as ExporterError;
      return undefined;
    }
  }
}

function isAny(files: readonly Followed[], stats: Stats): boolean {
  return files.some((followed) => followed.is(stats));
}
