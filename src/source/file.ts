/**
 * One path and the files that it named, one after another.
 *
 * Promises: every whole line of every file is handed on exactly once, through rename, rename chains, dated names, gzip,
 * copytruncate, delete and recreate, several rotations between looks, and restarts from a position. Rotated files are
 * told by their content: whatever is not known to have been read is read. A renamed file is read on until the writer
 * has gone over to a newer one and it has not grown for the grace time, since writers finish late.
 *
 * Loses, and says so by counting a gap: what was written to a file that was truncated without a copy, or deleted while
 * nobody here had it open. Loses without a word, as nobody can know: a file that came and went between two looks, and
 * what copytruncate itself loses between its copy and its truncation.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { type ExporterError, systemCode } from '../errors.ts';
import { beginAgain, beginAnew } from './begin.ts';
import { inputFault } from './fault.ts';
import type { Followed, Stats } from './followed.ts';
import { Heads } from './heads.ts';
import { type Kin, targetOf } from './kin.ts';
import { Kinship, type Unread } from './kinship.ts';
import { LiveFile } from './live.ts';
import { Opener } from './opener.ts';
import { type Position, PROOF_BYTES, proveHead } from './position.ts';
import { type Found, find, provedBy } from './search.ts';
import type { Incident, InputStatus, PathPositions, Reports, Sink, Source } from './source.ts';

export interface FileOptions {
  /** The configured text, the metrics' label. */
  input: string;
  path: string;
  /** Where to begin at the very first start, if the file is there. */
  start: 'beginning' | 'end';
  /** Longest line in bytes. */
  maxLine: number;
  /** What reads go into, `bufferSize(maxLine)` long; shared, as looks never overlap. */
  buffer: Buffer;
  /** How long a renamed file may be silent before it is let go, in milliseconds. */
  grace: number;
  clock: Clock;
  /** Aborted when the process is to end: a look then ends with the piece at hand, and lets nothing go. */
  halt: AbortSignal;
  sink: Sink;
  reports: Reports;
  /** Called before a file is let go: what was counted from it must be safe then. */
  secure(): Promise<void>;
  /** Called when something may have changed; another look is due. */
  hint(): void;
  /** Where an earlier process stood. */
  saved?: PathPositions;
  /** Of a path that comes later than the input's very first look: the time of that, in milliseconds since the epoch. */
  since?: number;
}

export class FileInput implements Source {
  readonly #options: FileOptions;
  readonly #opener: Opener;
  readonly #kinship: Kinship;
  readonly #finished: Heads;
  /**
   * Oldest first; the last is the one that the path names or named last, and is never let go.
   * Replaced whole in one step, never between two awaits of one change: a snapshot may be taken at any await.
   */
  #files: readonly Followed[] = [];
  #begun = false;
  #fault: ExporterError | undefined;
  #since: number;
  /** The path's real one when its kin were last searched. */
  #target: string;
  /**
   * Whether the kin were searched for unread ones since something of the last file was counted. Content that
   * copytruncate moved away before the first look at it shows only there.
   */
  #searched = false;
  /** What the path's directories looked like when its kin were last searched, or the file while nothing of it was counted. */
  #seen = '';
  /** Kin that can't be read, by device and inode: told once. */
  readonly #unreadable = new Set<string>();

  constructor(options: FileOptions) {
    const { path, buffer, halt, hint, saved, since, clock } = options;
    this.#options = options;
    this.#opener = new Opener(options);
    this.#kinship = new Kinship({ path, buffer, halt, hint });
    this.#target = saved?.targets.at(-1) ?? path;
    this.#finished = new Heads(saved?.finished);
    this.#since = saved?.since ?? since ?? clock.now();
  }

  async catchUp(): Promise<void> {
    await this.#begin();
    for (const followed of this.#files) {
      const size = Number((await followed.file.stat()).size);
      await this.#drain(followed, size);
    }
  }

  async look(): Promise<void> {
    await this.#begin();
    // A clock that was ahead at the start would make all that comes now old.
    this.#since = Math.min(this.#since, this.#options.clock.now());
    // A change of files may uncover another: each turn reads what the last one found.
    for (let again = this.#begun; again && !this.#options.halt.aborted; ) {
      again = await this.#follow();
      for (const followed of this.#files)
        if ((await this.#drain(followed)) === 'truncated') again = (await this.#truncated(followed)) || again;
      again = (await this.#search()) || again;
    }
    if (!this.#options.halt.aborted) await this.#letGo();
  }

  status(): InputStatus {
    const lag = this.#files.reduce((sum, followed) => sum + followed.lag, 0);
    return { input: this.#options.input, up: !this.#fault, fault: this.#fault, lag };
  }

  positions(): PathPositions[] {
    const { input, path, saved } = this.#options;
    if (!this.#begun) return saved ? [saved] : [];
    const files = this.#files.map((followed) => followed.position());
    return [
      { input, path, targets: this.#targets(), since: this.#since, files, finished: this.#finished.proofs },
    ];
  }

  async close(): Promise<void> {
    for (const { file } of this.#files) await file.close();
    this.#files = [];
  }

  /** Whether its last file was deleted and is read to its end, and neither another nor a rotated one is there. */
  async gone(): Promise<boolean> {
    if (!this.#begun || !this.#fault) return false;
    const { grace, clock } = this.#options;
    for (const { file } of this.#files) if (!file.grows || (await file.stat()).nlink > 0n) return false;
    if (!this.#files.every((followed) => followed.isFinished(clock.monotonic(), grace))) return false;
    return (await this.#kinship.list(this.#targets()))?.kin.length === 0;
  }

  /** Counts what is left of a path that is gone, and lets its files go. */
  async retire(): Promise<void> {
    for (const followed of this.#files) await this.#finish(followed);
  }

  /** Whether one of the files followed is this one. */
  holds(stats: Stats): boolean {
    return this.#files.some((followed) => followed.is(stats));
  }

  async #begin(): Promise<void> {
    const { saved, since, start, halt } = this.#options;
    const first = since === undefined;
    while (!this.#begun && !halt.aborted) {
      const beginning = saved
        ? await beginAgain(this.#opener, this.#kinship, saved, this.#finished, halt)
        : await beginAnew(this.#opener, this.#kinship, first ? start : 'beginning', first);
      if (!beginning) continue;
      for (const head of beginning.finished) this.#finished.add(head);
      for (const { path, offset } of beginning.lost) this.#incident('gaps', { missing: path, offset });
      this.#files = beginning.files;
      this.#target = beginning.target;
      this.#begun = true;
    }
  }

  // ---- the path and its kin

  /** Takes up whatever file the path names now. @returns whether there is something new to read */
  async #follow(): Promise<boolean> {
    const { path } = this.#options;
    const newest = this.#files.at(-1);
    const stats = await stat(path, { bigint: true }).catch((error: unknown) => error as Error);
    if (!(stats instanceof Error) && newest?.is(stats)) {
      this.#fault = undefined;
      return !newest.begun && this.#changed(`${stats.mtimeNs} ${stats.size}`) && this.#takeUp([newest]);
    }
    if (newest?.file instanceof LiveFile) newest.file.unwatch();
    if (stats instanceof Error && systemCode(stats) === 'ENOENT') {
      // Renamed away, the writer may have nothing to say for long: Falco opens its file when it has an event.
      const waits = newest && (await newest.file.stat()).nlink > 0n;
      this.#fault = waits ? undefined : inputFault(path, stats);
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

  async #takeUpLive(file: LiveFile): Promise<boolean> {
    const { path } = this.#options;
    const newest = this.#files.at(-1);
    const proof = newest && (await provedBy(file, newest.position()));
    const target = await targetOf(path);
    if (!newest || !proof) return this.#takeUp([await this.#opener.fromStart(file, target)]);
    // The same content in another file, as an editor or a volume that was mounted again leaves it.
    const followed = await this.#opener.from(newest.position(), { file, ...proof }, target);
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
  async #search(): Promise<boolean> {
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
    const listing = await this.#kinship.list(this.#targets());
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
    for (const { file, kin } of unread) rotated.push(await this.#opener.fromStart(file, kin.target));
    const before = this.#files.filter((each) => !last.includes(each));
    for (const { file } of before.length > 0 ? [...rotated, ...fresh] : rotated)
      this.#incident('rotations', { path: file.path });
    this.#files = [...before, ...rotated, ...last];
    this.#target = listing.target;
    this.#searched = searched;
    return rotated.length + fresh.length > 0;
  }

  /** The kin that were never read, open; undefined where names change too fast to tell. */
  async #unread(kin: readonly Kin[], files: readonly Followed[]): Promise<Unread[] | undefined> {
    const heads: Buffer[] = [];
    // Both what was counted of it and what it holds by now.
    for (const { file, cursor } of files) heads.push(cursor.head, await file.bytes(0, PROOF_BYTES));
    return this.#kinship.unread(kin, {
      heads,
      finished: this.#finished,
      since: this.#since,
      holds: (stats) => isAny(files, stats),
      unreadable: ({ path, stats }, error) => {
        const identity = `${stats.dev} ${stats.ino}`;
        if (this.#unreadable.has(identity)) return;
        this.#unreadable.add(identity);
        this.#incident('gaps', { unreadable: path, error: String(error) });
      },
    });
  }

  /** The real paths at which this path's files were or are. */
  #targets(): string[] {
    return [...new Set([...this.#files.map(({ target }) => target), this.#target])];
  }

  /** copytruncate, or a plain truncation. What was not yet read of the old content is read from its copy. */
  async #truncated(followed: Followed): Promise<boolean> {
    const position = followed.position();
    const found = await this.#copyOf(position);
    if (found === 'unsure') return false;
    if (this.#options.halt.aborted) {
      await found?.file.close();
      return false;
    }
    const copy = found && (await this.#opener.from(position, found, found.candidate.target));
    const isLast = followed === this.#files.at(-1);

    // A copy that is shorter than what was counted must not be read again.
    this.#finished.add(position.head);
    if (isLast) followed.cursor = this.#opener.cursor();
    const instead = [...(copy ? [copy] : []), ...(isLast ? [followed] : [])];
    this.#files = this.#files.flatMap((each) => (each === followed ? instead : [each]));
    this.#searched = false;
    if (isLast) this.#incident('truncations', { path: followed.file.path });
    if (!copy) this.#incident('gaps', { truncated: followed.file.path, offset: position.offset });
    if (isLast) await this.#takeUp([followed]);
    else await followed.file.close();
    return true;
  }

  /** Where else the content stands that a position is of; 'unsure' where names change too fast to tell. */
  async #copyOf(position: Position): Promise<Found | 'unsure' | undefined> {
    const listing = await this.#kinship.list(this.#targets());
    if (!listing) return 'unsure';
    const kin = listing.kin.filter(({ stats }) => !this.holds(stats));
    return find(position, this.#kinship.candidates({ ...listing, live: undefined, kin })).catch(
      () => 'unsure',
    );
  }

  // ---- letting go

  async #letGo(): Promise<void> {
    const { clock, grace } = this.#options;
    const files = this.#files;
    for (const [index, followed] of files.entries()) {
      if (!files.slice(index + 1).some(({ begun }) => begun)) continue;
      followed.leave(clock.monotonic());
      if (followed.isFinished(clock.monotonic(), grace)) await this.#finish(followed);
    }
  }

  async #finish(followed: Followed): Promise<void> {
    const { cursor, file } = followed;
    const head = proveHead(await file.bytes(0, PROOF_BYTES));
    const rest = await file.bytes(cursor.offset, cursor.capacity);
    // What a compressed file gives then is cut short.
    if (this.#options.halt.aborted) return;
    // From here to the snapshot nothing waits: the count and the position go together.
    cursor.finish(rest);
    this.#finished.add(head);
    this.#files = this.#files.filter((each) => each !== followed);
    await this.#options.secure();
    await file.close();
  }

  // ---- reading and opening

  async #drain(followed: Followed, limit?: number): Promise<'end' | 'truncated'> {
    try {
      return await followed.drain(this.#options.clock.monotonic(), limit);
    } catch (error) {
      this.#fault = inputFault(followed.file.path, error);
      if (!followed.file.grows) {
        // A compressed file that is damaged will not mend; what could be read of it is counted.
        this.#finished.add(followed.position().head);
        this.#files = this.#files.filter((each) => each !== followed);
        this.#incident('gaps', { unreadable: followed.file.path, error: String(error) });
        await followed.file.close();
      }
      return 'end';
    }
  }

  /** The file at the path; undefined, and the fault noted, where there is none that can be read. */
  async #openLive(): Promise<LiveFile | undefined> {
    try {
      const file = await this.#opener.live();
      this.#fault = undefined;
      return file;
    } catch (error) {
      this.#fault = error as ExporterError;
      return undefined;
    }
  }

  #incident(incident: Incident, details: Record<string, unknown>): void {
    this.#options.reports.incident(this.#options.input, incident, details);
  }
}

function isAny(files: readonly Followed[], stats: Stats): boolean {
  return files.some((followed) => followed.is(stats));
}
