/**
 * One path and the files that it named, one after another.
 *
 * Promises: every whole line of every file is handed on exactly once, through rename, rename chains, dated names, gzip,
 * copytruncate, delete and recreate, several rotations between looks, and restarts from a position. A renamed file is
 * read on until it has not grown for the grace time, since writers finish late.
 *
 * Loses, and says so by counting a gap: what was written to a file that was truncated without a copy, or deleted while
 * nobody here had it open. A Docker or CRI line whose pieces stand in two files counts as malformed.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { ExporterError, systemCode } from '../errors.ts';
import type { Framed } from '../event/framing.ts';
import { Cursor } from './cursor.ts';
import { Followed } from './followed.ts';
import type { Kin } from './kin.ts';
import { Kinship } from './kinship.ts';
import { LiveFile } from './live.ts';
import type { OpenFile } from './opened.ts';
import { type Position, PROOF_BYTES } from './position.ts';
import { type Candidate, find } from './search.ts';
import type { Incident, InputStatus, PathPositions, Reports, Sink, Source } from './source.ts';

export interface FileOptions {
  /** The configured text, the metrics' label. */
  input: string;
  path: string;
  /** Where to begin when there is no position and the file is there. */
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
  /** Time of the first event in the beginning of a file, in milliseconds since the epoch; NaN where there is none. */
  firstTime(beginning: Buffer): number;
  /** Called before a file is let go: what was counted from it must be safe then. */
  secure(): Promise<void>;
  /** Called when something may have changed; another look is due. */
  hint(): void;
  /** Where an earlier process stood, oldest file first. */
  positions?: readonly Position[];
}

export class FileInput implements Source {
  readonly #options: FileOptions;
  readonly #kinship: Kinship;
  /**
   * Oldest first. The last is the newest known: kin are unread when they are newer than it, so it is never let go.
   * Replaced whole in one step, never between two awaits of one change: a snapshot may be taken at any await.
   */
  #files: readonly Followed[] = [];
  #begun = false;
  #fault: ExporterError | undefined;
  /** Time of the last event; before the first, the time at which this input was first looked at. */
  #time: number;
  /** When names last changed in the path's directory, as far as it was looked at; while the path is absent. */
  #directoryChanged = 0n;

  constructor(options: FileOptions) {
    this.#options = options;
    this.#kinship = new Kinship(options.path, options.buffer, options.firstTime);
    this.#time = options.positions?.at(-1)?.time ?? options.clock.now();
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
    // A change of files may uncover another: each turn reads what the last one found.
    for (let changed = true; changed && !this.#options.halt.aborted; ) {
      changed = await this.#follow();
      for (const followed of this.#files)
        if ((await this.#drain(followed)) === 'truncated')
          changed = (await this.#truncated(followed)) || changed;
    }
    if (!this.#options.halt.aborted) await this.#letGo();
  }

  status(): InputStatus {
    const lag = this.#files.reduce((sum, followed) => sum + followed.lag, 0);
    return { input: this.#options.input, up: !this.#fault, fault: this.#fault, lag };
  }

  positions(): PathPositions[] {
    const { input, path, positions = [] } = this.#options;
    if (!this.#begun) return positions.length > 0 ? [{ input, path, files: [...positions] }] : [];
    const files = this.#files.map((followed) => followed.position(this.#time));
    // With no file yet there is still a time to remember: what is rotated away before the next start is news.
    const nothing = { length: 0, sha256: '' };
    const none = { path, device: '', inode: '', head: nothing, tail: nothing, offset: 0, time: this.#time };
    return [{ input, path, files: files.length > 0 ? files : [none] }];
  }

  async close(): Promise<void> {
    for (const { file } of this.#files) await file.close();
    this.#files = [];
  }

  /** Whether its last file was deleted, is read to its end, and nothing has come in its place. */
  async gone(): Promise<boolean> {
    const newest = this.#files.at(-1);
    if (!newest || !this.#fault) return this.#begun && newest === undefined;
    const { grace, clock } = this.#options;
    return (await newest.file.stat()).nlink === 0n && newest.isFinished(clock.monotonic(), grace);
  }

  /** Whether one of the files followed is this one. */
  holds(stats: Parameters<Followed['is']>[0]): boolean {
    return this.#files.some((followed) => followed.is(stats));
  }

  // ---- beginning

  async #begin(): Promise<void> {
    if (this.#begun) return;
    const { positions } = this.#options;
    this.#files = positions?.length ? await this.#restore(positions) : await this.#beginAnew();
    this.#begun = true;
  }

  async #beginAnew(): Promise<Followed[]> {
    const file = await this.#openLive();
    if (!file) return [];
    const cursor = this.#cursor();
    if (this.#options.start === 'end') {
      const size = Number((await file.stat()).size);
      const from = Math.max(0, size - cursor.capacity);
      const offset = from + (await file.bytes(from, size - from)).lastIndexOf(10) + 1;
      const proof = Math.min(offset, PROOF_BYTES);
      cursor.restore(offset, await file.bytes(0, proof), await file.bytes(offset - proof, proof));
    }
    return [await this.#followed(file, cursor)];
  }

  async #restore(positions: readonly Position[]): Promise<Followed[]> {
    const { path, buffer, hint } = this.#options;
    const kin = await this.#settledKin();
    const candidates: Candidate[] = kin.map((each) => this.#kinship.candidate(each));
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    if (stats?.isFile())
      candidates.push({ path, inode: String(stats.ino), open: () => LiveFile.open(path, buffer, hint) });

    const files: Followed[] = [];
    const lost: Position[] = [];
    for (const position of positions) {
      const found = await find(position, candidates);
      if (!found) {
        lost.push(position);
        continue;
      }
      candidates.splice(candidates.indexOf(found.candidate), 1);
      files.push(await this.#resumed(position, found.file, found.head, found.tail));
    }
    const lastIsLost = lost.includes(positions.at(-1)!);
    const lastPath = files.at(-1)?.file.path;
    const unread =
      !lastIsLost && lastPath === path
        ? []
        : await this.#unread(kin, lastIsLost ? undefined : lastPath, files);
    files.push(...(await this.#begunKin(unread)));
    for (const position of lost) {
      const same = ({ inode }: Candidate) => inode === position.inode;
      // A file of which nothing was read may since have become any of the kin that are read now.
      const empty = position.head.length === 0;
      if (empty && (position.device === '' || candidates.some(same) || unread.length > 0)) continue;
      this.#incident('gaps', { missing: position.path, offset: position.offset });
    }
    return files;
  }

  async #resumed(position: Position, file: OpenFile, head: Buffer, tail: Buffer): Promise<Followed> {
    const cursor = this.#cursor();
    cursor.restore(position.offset, head, tail);
    if (position.pending !== undefined) {
      const waiting = await file.bytes(position.pending, position.offset - position.pending);
      cursor.framing.rejoin(waiting, position.pending);
    }
    return this.#followed(file, cursor);
  }

  // ---- the path and its kin

  /** Takes up whatever file the path names now. @returns whether there is something new to read */
  async #follow(): Promise<boolean> {
    const { path } = this.#options;
    const newest = this.#files.at(-1);
    const stats = await stat(path, { bigint: true }).catch((error: unknown) => error as Error);
    if (!(stats instanceof Error) && newest?.is(stats)) {
      this.#fault = undefined;
      const kin = newest.mayHaveLost(stats) ? await this.#kinship.list() : undefined;
      if (!kin) return false;
      newest.searched(stats);
      return this.#takeUp(kin, undefined);
    }
    if (newest?.file instanceof LiveFile) newest.file.unwatch();
    if (
      stats instanceof Error &&
      newest &&
      systemCode(stats) === 'ENOENT' &&
      (await newest.file.stat()).nlink > 0n
    ) {
      // Renamed away, and the writer has had nothing to say since: Falco opens its file when it has an event.
      this.#fault = undefined;
      return this.#followAbsent(newest);
    }
    const file = await this.#openLive();
    if (!file) return false;
    const kin = await this.#kinship.list();
    if (!kin || this.holds(await file.stat())) {
      await file.close();
      return false;
    }
    return this.#takeUp(kin, newest && (await this.#kinship.nameOf(newest, kin, this.#time)), file);
  }

  /** While the path is absent, its newest file may be rotated on, and another come and be rotated, unseen. */
  async #followAbsent(newest: Followed): Promise<boolean> {
    const directory = await stat(dirname(this.#options.path), { bigint: true });
    if (directory.mtimeNs === this.#directoryChanged) return false;
    const kin = await this.#kinship.list();
    const reference = kin && (await this.#kinship.nameOf(newest, kin, this.#time));
    if (!reference) return false;
    this.#directoryChanged = directory.mtimeNs;
    return this.#takeUp(kin, reference);
  }

  /** Adds the kin that were never read and, where given, the file that the path names now. */
  async #takeUp(
    kin: readonly Kin[] | undefined,
    reference: Kin | undefined,
    live?: LiveFile,
  ): Promise<boolean> {
    if (!kin) return false;
    const newest = this.#files.at(-1);
    const kinFiles = await this.#begunKin(await this.#unread(kin, reference?.path, this.#files));
    const files = live ? [...kinFiles, await this.#followed(live, this.#cursor())] : kinFiles;
    // Where nothing of the live file was read, it stays the newest: the kin came before it.
    const stays = !live && !reference && newest ? [newest] : [];
    this.#files = [...this.#files.filter((each) => !stays.includes(each)), ...files, ...stays];
    if (live && newest) this.#incident('rotations', { path: live.path });
    return files.length > 0;
  }

  /** copytruncate, or a plain truncation. What was not yet read of the old content is read from its copy. */
  async #truncated(followed: Followed): Promise<boolean> {
    if (followed !== this.#files.at(-1)) {
      this.#files = this.#files.filter((each) => each !== followed);
      this.#incident('gaps', { truncated: followed.file.path, offset: followed.cursor.offset });
      await followed.file.close();
      return false;
    }
    const kin = await this.#kinship.list();
    if (!kin) return false;
    const position = followed.position(this.#time);
    const found = await this.#kinship.find(
      position,
      kin.filter((each) => !this.holds(each.stats)),
    );
    const files = found ? [await this.#resumed(position, found.file, found.head, found.tail)] : [];
    const unread = await this.#unread(kin, found?.candidate.path, [...this.#files, ...files]);
    files.push(...(await this.#begunKin(unread)));
    followed.cursor = this.#cursor();
    this.#files = [...this.#files.slice(0, -1), ...files, followed];
    this.#incident('truncations', { path: followed.file.path });
    if (!found) this.#incident('gaps', { truncated: followed.file.path, offset: position.offset });
    return true;
  }

  async #unread(
    kin: readonly Kin[],
    reference: string | undefined,
    files: readonly Followed[],
  ): Promise<Kin[]> {
    const named = kin.find((each) => each.path === reference);
    const unread = await this.#kinship.unread(kin, named, this.#time);
    return unread.filter((each) => !files.some((followed) => followed.is(each.stats)));
  }

  async #letGo(): Promise<void> {
    const { clock, grace, secure } = this.#options;
    for (const followed of this.#files.slice(0, -1)) {
      if (!followed.isFinished(clock.monotonic(), grace)) continue;
      const { cursor, file } = followed;
      const rest = await file.bytes(cursor.offset, cursor.capacity);
      // From here to the snapshot nothing waits: the count and the position go together.
      cursor.finish(rest);
      this.#files = this.#files.filter((each) => each !== followed);
      await secure();
      await file.close();
    }
  }

  // ---- reading and opening

  async #drain(followed: Followed, limit?: number): Promise<'end' | 'truncated'> {
    try {
      return await followed.drain(this.#options.clock.monotonic(), limit);
    } catch (error) {
      this.#fault = inputFault(followed.file.path, error);
      if (!followed.file.grows) {
        // A compressed file that is damaged will not mend; what could be read of it is counted.
        this.#files = this.#files.filter((each) => each !== followed);
        this.#incident('gaps', { unreadable: followed.file.path, error: String(error) });
        await followed.file.close();
      }
      return 'end';
    }
  }

  #cursor(): Cursor {
    const { maxLine, sink, input, halt } = this.#options;
    const count = (framed: Framed, bytes: number) => {
      const time = sink(framed, input, bytes);
      if (!Number.isNaN(time)) this.#time = time;
    };
    return new Cursor(maxLine, count, halt);
  }

  /** The file at the path; undefined, and the fault noted, where there is none that can be read. */
  async #openLive(): Promise<LiveFile | undefined> {
    const { path, buffer, hint } = this.#options;
    try {
      if (!(await stat(path)).isFile())
        throw new ExporterError('INPUT_NOT_A_FILE', `${path} is not a regular file`, {
          advice: 'Name a file, a glob of files, or - for standard input.',
        });
      const file = await LiveFile.open(path, buffer, hint);
      this.#fault = undefined;
      return file;
    } catch (error) {
      this.#fault = inputFault(path, error);
      return undefined;
    }
  }

  async #begunKin(unread: readonly Kin[]): Promise<Followed[]> {
    const files: Followed[] = [];
    for (const kin of unread) {
      try {
        files.push(await this.#followed(await this.#kinship.open(kin), this.#cursor()));
        this.#incident('rotations', { path: kin.path });
      } catch (error) {
        this.#incident('gaps', { unreadable: kin.path, error: String(error) });
      }
    }
    return files;
  }

  async #followed(file: OpenFile, cursor: Cursor): Promise<Followed> {
    return new Followed(file, cursor, await file.stat(), this.#options.clock.monotonic());
  }

  /** The kin, once no rotation is under way. */
  async #settledKin(): Promise<Kin[]> {
    for (;;) {
      const kin = await this.#kinship.list();
      if (kin) return kin;
    }
  }

  #incident(incident: Incident, details: Record<string, unknown>): void {
    this.#options.reports.incident(this.#options.input, incident, details);
  }
}

function inputFault(path: string, error: unknown): ExporterError {
  if (error instanceof ExporterError) return error;
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR')
    return new ExporterError('INPUT_MISSING', `${path} does not exist`, {
      advice: "It is read as soon as it appears. Is Falco's file_output on, and does it write to this path?",
    });
  return new ExporterError('INPUT_UNREADABLE', `${path} can't be read: ${String(error)}`, {
    advice: 'Let the user that this process runs as read the file, and enter its directory.',
    cause: error,
  });
}
