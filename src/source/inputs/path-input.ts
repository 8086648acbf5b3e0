/**
 * What the inputs are: which paths the configuration's texts mean, and when they are looked at.
 * A path that exists goes before a pattern, as a name may hold `(`, `[`, `{`, `*` and `?`. Of the files that a pattern
 * matches each is followed; those whose name says that they are the rotated ones of another are left to the search.
 */
import { type Dirent, readdir } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Clock } from '../../clock.ts';
import { ExporterError } from '../../errors.ts';
import type { LivePath } from '../follow/followed.ts';
import { basesOf } from '../rotated/names.ts';

/** A pattern is looked up no more often, nor needs it be more seldom; milliseconds. Between them it takes a 50th of the time. */
const [LEAST, MOST, PART] = [1000, 5000, 50];

export class PathInput {
  readonly input: string;
  readonly paths = new Map<string, LivePath>();
  /** Those that were listed for the pattern. */
  readonly directories = new Set<string>();
  readonly #isPattern: boolean;
  readonly #notice: (message: string, details: Record<string, unknown>) => void;
  #added: (live: LivePath) => void = () => undefined;
  #known = false;
  readonly #reported = new Set<string>();
  #stale = true;
  #next = Number.NEGATIVE_INFINITY;

  /** @param input the configured text @param notice called with names that no pattern can match */
  constructor(input: string, notice: (message: string, details: Record<string, unknown>) => void) {
    this.input = input;
    this.#notice = notice;
    this.#isPattern = isDynamicPattern(input);
  }

  /** @param known whether it was looked up by an earlier process @param added called with each path */
  begin(known: boolean, added: (live: LivePath) => void): void {
    this.#known = known;
    this.#added = added;
    if (!this.#isPattern) this.#add(resolve(this.input), false);
  }

  /** Names in a directory changed. */
  changed(directory: string): void {
    if (this.directories.has(directory)) this.#stale = true;
  }

  /** @returns paths that are gone, with their files */
  async lookUp({ monotonic }: Pick<Clock, 'monotonic'>): Promise<LivePath[]> {
    const now = monotonic();
    if (!this.#isPattern || now < this.#next || (!this.#stale && this.directories.size > 0)) return [];
    this.#stale = false;
    const exists = await lstat(this.input).then(
      () => true,
      () => false,
    );
    const found = exists ? [resolve(this.input)] : await this.#match();
    for (const path of found.sort()) if (!this.paths.has(path)) this.#add(path, !exists);
    this.#known = true;
    this.#next = now + Math.min(MOST, Math.max(LEAST, PART * (monotonic() - now)));
    const there = new Set(found);
    const gone = [...this.paths.values()].filter(({ path, current }) => !current && !there.has(path));
    for (const { path } of gone) this.paths.delete(path);
    return gone;
  }

  /** Why it can't be read; undefined while it can. */
  fault(): ExporterError | undefined {
    const faults = [...this.paths.values()].map(({ fault }) => fault);
    if (!this.#isPattern) return faults[0];
    const isThere = faults.filter((fault) => fault?.code !== 'INPUT_MISSING');
    if (isThere.length > 0) return isThere.find((fault) => fault);
    return new ExporterError('INPUT_MISSING', `${this.input} matches no file`, {
      advice: 'A file that matches is read as soon as it appears.',
    });
  }

  #add(path: string, matched: boolean): void {
    const live: LivePath = {
      ...{ input: this.input, path, matched, target: path, formers: new Set(), known: this.#known },
      ...{ local: undefined, current: undefined, latest: undefined, aside: undefined, fault: undefined },
    };
    this.paths.set(path, live);
    this.#added(live);
  }

  async #match(): Promise<string[]> {
    this.directories.clear();
    this.directories.add(dirname(resolve(`${this.input.split(/[*?[({!+@]/, 1)[0]!}x`)));
    const options = { absolute: true, dot: true, expandDirectories: false };
    const found = await glob(this.input, { ...options, fs: { readdir: this.#readdir as typeof readdir } });
    const names = new Set(found);
    const live = found.filter(
      (path) => !basesOf(basename(path)).some((base) => names.has(join(dirname(path), base))),
    );
    if (this.#known) return live;
    // At the very first start what was rotated is old, also beside a file that isn't there yet.
    const rotated = await glob(`${this.input}[.-]*`, options);
    const bases = rotated.flatMap((path) => basesOf(basename(path)).map((base) => join(dirname(path), base)));
    return [...new Set([...live, ...bases])];
  }

  readonly #readdir = (directory: string, options: { withFileTypes: true }, done: Listed): void => {
    this.directories.add(resolve(directory));
    readdir(directory, options, async (error, entries) => {
      for (const { name } of entries ?? [])
        if (name.includes('\ufffd')) this.#unreadable(join(directory, name));
      // A link that leads nowhere matches, too: what it leads to may come.
      for (const entry of entries?.filter((each) => each.isSymbolicLink()) ?? [])
        if (
          await stat(join(directory, entry.name)).then(
            () => false,
            () => true,
          )
        )
          Object.assign(entry, { isFile: () => true, isSymbolicLink: () => false });
      done(error, entries);
    });
  };

  #unreadable(path: string): void {
    if (this.#reported.has(path)) return;
    this.#reported.add(path);
    const what = 'a file whose name is not UTF-8 matches no pattern: rename it';
    this.#notice(what, { input: this.input, file: path });
  }
}

type Listed = (error: Error | null, entries: Dirent[]) => void;
