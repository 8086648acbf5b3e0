/**
 * The live files of all inputs: whatever their paths come to name is followed, and counted once.
 *
 * Promises: every whole line of every file is handed on exactly once, through rename, rename chains, dated names,
 * compression, copytruncate, delete and recreate, links, several rotations between looks, and restarts, whenever the
 * file can be seen again. A renamed file is read on until the writer has gone over to a newer one and it has not grown
 * for the grace time, since writers finish late.
 *
 * Loses, and says so by counting a gap: what was written to a file that was truncated without a copy, or deleted while
 * nobody here had it open. Loses without a word, as nobody can know: a file that came and went between two looks, a
 * link's target that did and whose name is not between those before and after it, and what copytruncate itself loses
 * between its copy and its truncation, with the line that it cuts in two.
 */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../errors.ts';
import { within } from '../../within.ts';
import { inputFault } from '../inputs/fault.ts';
import type { PathInput } from '../inputs/path-input.ts';
import { bufferSize } from '../read/cursor.ts';
import { LiveFile } from '../read/live.ts';
import { idOf } from '../read/open-file.ts';
import { Pace } from '../read/pace.ts';
import { Watches } from '../read/watches.ts';
import { DirectoryTimes } from '../rotated/directory-times.ts';
import type { FilePositions, InputStatus } from '../source.ts';
import type { Followed, LivePath } from './followed.ts';
import { LiveFiles } from './live-files.ts';
import { type FilesOptions, Reading } from './reading.ts';
import { Registry } from './registry.ts';
import { Search } from './search.ts';
import { Turns } from './turns.ts';

/** Bytes of one file that are read before others have their turn. */
const TURN = 16 * 1024 * 1024;
/** How long a start waits for what was rotated, where a file system doesn't answer; milliseconds. */
const SEARCH_PATIENCE = 10_000;

export interface FollowingOptions extends FilesOptions {
  inputs: readonly PathInput[];
  /** Called with each answer of the system: what makes progress may take long. */
  progress(of: 'look' | 'search'): void;
}

export class Following {
  readonly #options: FollowingOptions;
  readonly #registry: Registry;
  readonly #reading: Reading;
  readonly #live: LiveFiles;
  readonly #search: Search;
  readonly #turns: Turns<LivePath>;
  readonly #directories = new DirectoryTimes();
  readonly #pace = new Pace(true);
  /** Files that may have something to read, or that no path names any more. Older ones first. */
  readonly #active = new Set<Followed>();
  #looked: number | undefined;
  #spare: Buffer | undefined;

  constructor(options: FollowingOptions) {
    const { clock, inputs, halt, hint } = options;
    this.#options = options;
    this.#registry = new Registry(options);
    this.#reading = new Reading(options, this.#registry);
    const searching = {
      halt,
      progress: () => options.progress('search'),
      buffer: () => (this.#spare ??= Buffer.alloc(bufferSize(options.maxLine))),
    };
    this.#search = new Search(options, searching, this.#registry, this.#reading, () => this.#paths());
    this.#turns = new Turns(clock);
    const watches = new Watches(hint);
    const changed = (path: string) => {
      this.#turns.lively(path);
      hint();
    };
    const opening = { ...options, watches, hint: changed, progress: () => options.progress('look') };
    this.#live = new LiveFiles(options, opening, this.#registry, this.#reading, this.#search);
    for (const input of inputs)
      input.begin(this.#registry.begun.has(input.input), (live) => {
        live.known ||= this.#registry.begun.has(live.path) || this.#registry.waitingAt(live).length > 0;
        this.#turns.add(live.path, live);
        this.#search.ask(live);
      });
  }

  /**
   * Reads what the inputs hold now, and no byte more: up to the sizes found at the call. What comes later is new, and
   * Prometheus must see it as such.
   */
  async catchUp(): Promise<void> {
    await this.#lookAtPaths();
    // Of a file and its copies the file itself goes first.
    const waiting = new Set([...this.#registry.waiting].map(({ device, inode }) => `${device}:${inode}`));
    const active = [...this.#active].sort((a, b) => Number(waiting.has(b.id)) - Number(waiting.has(a.id)));
    for (const followed of active) await this.#live.begin(followed).catch(() => false);
    await within(SEARCH_PATIENCE, this.#search.catchUp(SEARCH_PATIENCE));
    const sizes = [...this.#active].map((followed) => [followed, followed.size] as const);
    for (const [followed, size] of sizes) await this.#live.drain(followed, size);
    for (const { input } of this.#options.inputs) this.#registry.begun.add(input);
  }

  /** Looks at all live paths, and reads what is there: of each file so much at most. @returns whether there is more */
  async look(): Promise<boolean> {
    const { halt, clock } = this.#options;
    await this.#lookAtPaths();
    let more = false;
    for (const followed of this.#active) {
      if (halt.aborted) return false;
      if (!this.#registry.isFollowed(followed)) this.#active.delete(followed);
      else more = (await this.#read(followed)) || more;
    }
    if (halt.aborted) return false;
    await this.#reading.letGo([...this.#active].filter(({ file }) => file instanceof LiveFile));
    this.#looked = clock.now();
    return more;
  }

  /** Whether rotated files are to be searched or read. */
  get busy(): boolean {
    if (!this.#search.busy) this.#spare = undefined;
    return this.#search.busy;
  }

  /** Searches and reads rotated files, beside the looks. @returns whether there is more to do at once */
  search(): Promise<boolean> {
    return this.#search.step();
  }

  statuses(): InputStatus[] {
    const lags = new Map<string, number>();
    for (const { lag, live } of this.#registry.followed.values())
      lags.set(live.input, (lags.get(live.input) ?? 0) + lag);
    return this.#options.inputs.map((input) => {
      const fault = input.fault();
      return { input: input.input, up: !fault, fault, lag: lags.get(input.input) ?? 0, looked: this.#looked };
    });
  }

  /** Whether a file is open here. @param id its device and inode, with a colon between */
  follows(id: string): boolean {
    return this.#registry.followed.has(id);
  }

  positions(): FilePositions {
    return this.#registry.state();
  }

  async close(): Promise<void> {
    for (const { file } of this.#registry.followed.values()) await file.close();
  }

  // ---- paths

  *#paths(): Generator<LivePath> {
    for (const { paths } of this.#options.inputs) yield* paths.values();
  }

  async #lookAtPaths(): Promise<void> {
    const { inputs, halt, clock } = this.#options;
    for (const directory of await this.#directories.changed()) {
      this.#search.askIn(directory);
      for (const input of inputs) input.changed(directory);
    }
    for (const input of inputs) {
      for (const gone of await input.lookUp(clock)) this.#turns.delete(gone.path);
      for (const directory of input.directories) this.#directories.add(directory);
    }
    for (const live of this.#turns.due()) {
      if (halt.aborted) return;
      await this.#lookAt(live);
    }
  }

  async #lookAt(live: LivePath): Promise<void> {
    const stats = await this.#stat(live);
    const now = this.#options.clock.monotonic();
    const { current, aside } = live;
    if (stats instanceof Error) {
      this.#live.leave(live);
      const isGone = systemCode(stats) === 'ENOENT';
      // Renamed away, the writer may have nothing to say for long: Falco opens its file when it has an event.
      const waits = isGone && current && !live.matched && (await current.file.stat()).nlink > 0n;
      live.fault = waits ? undefined : inputFault(live.path, stats);
      live.aside = undefined;
      await this.#live.retarget(live);
      if (current) this.#active.add(current);
      return;
    }
    this.#options.progress('look');
    const id = idOf(stats);
    if (current?.id === id) {
      if (!current.names.has(live)) this.#live.name(live, current);
      live.fault = undefined;
      // copytruncate may have moved all of it away before it was looked at.
      if (current.meet(stats, now) && !current.begun) this.#search.ask(live);
      if (!current.isDue(now)) return;
      this.#active.add(current);
      this.#turns.lively(live.path);
      return;
    }
    if (aside?.id === id && aside.size === stats.size && aside.mtimeNs === stats.mtimeNs) {
      const { copyOf, parked, compressed } = aside;
      if (compressed) return;
      if (parked) parked.seen = this.#registry.time;
      const isCopy =
        copyOf &&
        aside.epoch === this.#registry.epoch &&
        copyOf.names.size > 0 &&
        this.#registry.isFollowed(copyOf);
      if (isCopy || (parked && this.#registry.waiting.has(parked))) return;
    }
    const known = this.#registry.followed.get(id);
    if (current) this.#active.add(current);
    if (known) this.#live.name(live, known);
    else await this.#live.open(live);
    if (live.current) this.#active.add(live.current);
    for (const directory of [dirname(live.path), dirname(live.target)]) this.#directories.add(directory);
  }

  async #stat({ path, local }: LivePath): Promise<BigIntStats | Error> {
    const here = this.#pace.begin() && local === true;
    try {
      return here ? statSync(path, { bigint: true }) : await stat(path, { bigint: true });
    } catch (error) {
      return error as Error;
    } finally {
      this.#pace.end();
    }
  }

  // ---- files

  async #read(followed: Followed): Promise<boolean> {
    const { cursor, file } = followed;
    // Rotated files that were found by the search are read there.
    if (!(file instanceof LiveFile)) return this.#rest(followed);
    const drained = await this.#live.drain(followed, cursor.readAt + Math.max(TURN, 2 * cursor.capacity));
    if (drained === 'end') this.#rest(followed);
    return drained !== 'end';
  }

  /** It need not be looked at before its path shows a change. */
  #rest(followed: Followed): boolean {
    const isQuiet = followed.names.size > 0 && !followed.isDue(this.#options.clock.monotonic());
    if (isQuiet || !(followed.file instanceof LiveFile)) this.#active.delete(followed);
    return false;
  }
}
