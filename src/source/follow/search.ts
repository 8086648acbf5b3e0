/**
 * The search for rotated files, beside the looks at the live ones: list a directory, look into what is unknown there,
 * match it against the positions that wait and the contents that are known, and only then change what is followed.
 * What is nowhere is reported as a gap, once all its directories were searched and its path names another file.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inputFault } from '../inputs/fault.ts';
import type { RotatedOptions } from '../read/open-file.ts';
import { idOf } from '../read/open-file.ts';
import { Moved } from '../read/rotated-file.ts';
import { DueDirectories } from '../rotated/due-directories.ts';
import { type Base, isUnchanged, list, type Sibling } from '../rotated/listing.ts';
import type { Position } from '../rotated/position.ts';
import { Examiner } from './examine.ts';
import type { Followed, LivePath } from './followed.ts';
import type { FilesOptions, Reading } from './reading.ts';
import type { Registry } from './registry.ts';
import { RotatedFiles } from './rotated-files.ts';

/** A directory whose names keep changing is listed so often, then left to the next search. */
const TRIES = 5;

/** What one listing of all directories of some paths gave. */
interface Listed {
  siblings: Sibling[];
  /** With their former names, which were listed as such: one that became so meanwhile is listed again. */
  paths: Map<LivePath, string[]>;
  /** Whether every directory could be listed. */
  complete: boolean;
}

export class Search {
  /** Searches that were completed. */
  passes = 0;
  readonly #options: FilesOptions;
  readonly #opening: RotatedOptions;
  readonly #registry: Registry;
  readonly #paths: () => Iterable<LivePath>;
  readonly #examiner: Examiner;
  readonly #files: RotatedFiles;
  readonly #due: DueDirectories;
  readonly #named: Sibling[] = [];
  #running: Promise<boolean> | undefined;

  /** @param paths those whose rotated files are searched */
  constructor(
    options: FilesOptions,
    opening: RotatedOptions,
    registry: Registry,
    reading: Reading,
    paths: () => Iterable<LivePath>,
  ) {
    this.#options = options;
    this.#opening = opening;
    this.#registry = registry;
    this.#paths = paths;
    this.#due = new DueDirectories(options.clock);
    this.#examiner = new Examiner(registry, options.reports, opening);
    this.#files = new RotatedFiles(options, opening, registry, reading, (followed) =>
      this.askBeside(followed),
    );
    reading.onCopied = (followed) => this.askBeside(followed);
  }

  /** Something may have changed beside a path. */
  ask(live: LivePath): void {
    for (const { path } of this.#bases(live)) this.#due.ask(dirname(path));
  }

  /** What a file held may stand beside it now, wherever its path has gone. */
  askBeside({ live, target }: Followed): void {
    live.formers.add(target);
    this.ask(live);
  }

  /** A live path names a compressed file: it is complete, and read as a rotated one. */
  takeNamed(sibling: Sibling): void {
    this.#named.push(sibling);
  }

  askIn(directory: string): void {
    this.#due.ask(directory);
  }

  /** Whether there is anything to do. */
  get busy(): boolean {
    return this.#due.any || this.#named.length > 0 || this.#files.size > 0;
  }

  /**
   * Searches what is due, and reads on in what was found. There is one step at a time.
   * @returns whether there is more to do at once
   */
  step(): Promise<boolean> {
    this.#running ??= this.#step().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Reads what was rotated before the start. @param most for so long, in milliseconds: the live files wait */
  async catchUp(most: number): Promise<void> {
    const { clock, halt } = this.#options;
    const until = clock.monotonic() + most;
    while ((await this.step()) && !halt.aborted && clock.monotonic() < until);
  }

  async #step(): Promise<boolean> {
    for (const sibling of this.#named.splice(0)) await this.#take(sibling);
    if (this.#due.any) await this.#search();
    return await this.#files.read();
  }

  async #take(sibling: Sibling): Promise<void> {
    if (this.#registry.followed.has(sibling.id) || this.#examiner.knows(sibling)) return;
    try {
      const examined = await this.#examiner.examine(sibling);
      if (examined) await this.#files.take([examined], new Set());
    } catch (error) {
      // The next look finds what the path names by then.
      if (error instanceof Moved) sibling.live.aside = undefined;
      else {
        this.#examiner.cannotRead(sibling, error, []);
        sibling.live.fault = inputFault(sibling.name, error);
      }
    }
  }

  /** Lists and matches, until nothing is due, or names change too fast to tell. */
  async #search(): Promise<void> {
    const { halt } = this.#options;
    let asked = this.#due.take();
    for (let tries = 0; asked.length > 0 && tries < TRIES && !halt.aborted; tries++) {
      const isDone = (await this.#pass(asked)) && !halt.aborted;
      if (isDone) this.#due.searched(asked, this.#places());
      else this.#due.putBack(asked);
      asked = this.#due.take();
    }
    this.#due.putBack(asked);
    this.#registry.expire();
    this.passes++;
  }

  /** @returns false where names changed meanwhile */
  async #pass(asked: readonly string[]): Promise<boolean> {
    const { epoch } = this.#registry;
    const listed = await this.#list(asked);
    const examined = [];
    const unreadable: [Sibling, unknown][] = [];
    for (const sibling of listed.siblings) {
      if (this.#options.halt.aborted) return true;
      const followed = this.#registry.followed.get(sibling.id);
      if (followed?.names.size === 0) this.#examiner.isOurs(sibling);
      if (followed || this.#examiner.knows(sibling)) continue;
      try {
        const result = await this.#examiner.examine(sibling);
        if (result) examined.push(result);
      } catch (error) {
        if (error instanceof Moved) return false;
        unreadable.push([sibling, error]);
      }
    }
    if (this.#options.halt.aborted) return true;
    const unknown = examined.filter((each) => this.#examiner.isNew(each));
    if (!(await this.#files.take(unknown, new Set(listed.siblings.map(({ id }) => id))))) return false;
    const { complete } = listed;
    // It may be the one that is looked for.
    for (const [sibling, error] of unreadable)
      if (this.#examiner.cannotRead(sibling, error, listed.siblings)) listed.complete = false;
    // A position that began to wait meanwhile was not looked for in all of them.
    if (this.#registry.epoch !== epoch) return false;
    if (listed.complete && !(await this.#tellLost(asked, listed))) return false;
    for (const [live, names] of listed.paths) {
      for (const name of names) live.formers.delete(name);
      live.known ||= complete;
      this.#examiner.searched(live, listed.siblings);
    }
    return true;
  }

  // ---- where is searched

  async #list(asked: readonly string[]): Promise<Listed> {
    const places = this.#places();
    const directories = new Set(asked);
    // What is lost is known only where all its places were searched.
    for (const directory of asked)
      for (const { live } of places.get(directory) ?? [])
        if (this.#missing(live).length > 0)
          for (const { path } of this.#bases(live)) directories.add(dirname(path));
    const listed: Listed = { siblings: [], paths: new Map(), complete: true };
    for (const directory of directories) {
      const bases = places.get(directory) ?? [];
      try {
        listed.siblings.push(...(await list(directory, bases, this.#opening.progress)));
        for (const { live, path, former } of bases)
          listed.paths.set(live, [...(listed.paths.get(live) ?? []), ...(former ? [path] : [])]);
      } catch {
        listed.complete = false;
      }
    }
    return listed;
  }

  /** Every name whose rotated files are looked for, by directory. */
  #places(): Map<string, Base[]> {
    const places = new Map<string, Base[]>();
    for (const live of this.#paths())
      for (const base of this.#bases(live)) {
        const those = places.get(dirname(base.path));
        if (those) those.push(base);
        else places.set(dirname(base.path), [base]);
      }
    return places;
  }

  #bases(live: LivePath): Base[] {
    const bases = new Map<string, Base>();
    const add = (path: string, former: boolean) => {
      if (!bases.has(path)) bases.set(path, { path, live, former });
    };
    add(live.path, false);
    add(live.target, false);
    for (const former of live.formers) add(former, true);
    for (const { target, path } of this.#registry.waitingAt(live)) {
      add(target, true);
      add(path, true);
    }
    return [...bases.values()];
  }

  // ---- what is nowhere

  #missing(live: LivePath): Position[] {
    return this.#registry.waitingAt(live).filter(({ lost }) => !lost);
  }

  /** @returns false where names changed since they were listed */
  async #tellLost(asked: readonly string[], listed: Listed): Promise<boolean> {
    const lost: [LivePath, Position][] = [];
    for (const live of listed.paths.keys())
      for (const position of this.#missing(live))
        if (await this.#isPresent(live, position)) lost.push([live, position]);
    if (lost.length === 0) return true;
    // A copy under a live path is looked at again first.
    for (const { aside } of this.#paths())
      if (aside?.copyOf && aside.epoch !== this.#registry.epoch) {
        for (const [live] of lost) this.#due.askAgain(dirname(live.path));
        return true;
      }
    // copytruncate may have moved a content from a file not yet looked into to one that had not been there.
    if (!isUnchanged(listed.siblings, (await this.#list(asked)).siblings)) return false;
    // What a halt kept from being followed waits on, and is not lost.
    if (this.#options.halt.aborted) return true;
    for (const [live, position] of lost) {
      if (!this.#registry.waitingAt(live).includes(position)) continue;
      const id = `${position.device}:${position.inode}`;
      const { path, offset } = position;
      // Of a file of which nothing was counted only the inode tells, which rename keeps.
      const isBlank = position.head.length === 0;
      if (isBlank) this.#registry.found(position);
      if (!isBlank || !listed.siblings.some((each) => each.id === id || this.#examiner.mayBeBlank(each)))
        this.#registry.lose(
          position,
          live.current?.id === id ? { truncated: path, offset } : { missing: path, offset },
        );
    }
    return true;
  }

  /** Whether the place is there where a file was: where its path is away, it may be too, and comes back with it. */
  async #isPresent(live: LivePath, { device }: Position): Promise<boolean> {
    const { current } = live;
    if (current?.names.has(live)) {
      if (!current.looked) return false;
      const stats = await stat(live.path, { bigint: true }).catch(() => undefined);
      return stats !== undefined && idOf(stats) === current.id;
    }
    // Of a pattern's files the others show that the file system is there.
    for (const other of this.#paths())
      if (
        other.input === live.input &&
        other.current?.names.has(other) &&
        other.current.id.startsWith(`${device}:`)
      )
        return true;
    return false;
  }
}
