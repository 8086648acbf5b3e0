/**
 * The files that a pattern matches, each followed for itself. Files come and go; the rotated kin of a file are no
 * inputs of their own, even where the pattern matches their names. Nor is a file whose name says that it is the
 * rotated one of another ("node-1" of "node"), though that other is not there.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { ExporterError } from '../errors.ts';
import { FileInput } from './file.ts';
import type { FileOptions } from './file-options.ts';
import { kinName } from './kin.ts';
import type { InputStatus, PathPositions, Source } from './source.ts';

/** How often the pattern is looked up, in milliseconds. */
const EVERY = 1000;

/** Whether an input's text is a pattern rather than a path. */
export function isGlob(input: string): boolean {
  return isDynamicPattern(input);
}

export interface GlobOptions extends Omit<FileOptions, 'path' | 'saved' | 'since'> {
  /** Where an earlier process stood: of each path, and of the pattern itself. */
  saved: readonly PathPositions[];
}

export class GlobInput implements Source {
  readonly #options: GlobOptions;
  readonly #files = new Map<string, FileInput>();
  /** When the pattern was first looked up; what comes later is news, and its rotated kin too. Undefined before. */
  #since: number | undefined;
  #lookedUp: number | undefined;

  constructor(options: GlobOptions) {
    this.#options = options;
    for (const saved of options.saved) {
      if (saved.path === options.input) this.#since = saved.since;
      else this.#add(saved.path, { saved });
    }
  }

  async catchUp(): Promise<void> {
    await this.#lookUp();
    for (const file of this.#files.values()) await file.catchUp();
  }

  async look(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (this.#lookedUp === undefined || now - this.#lookedUp >= EVERY) await this.#lookUp();
    for (const [path, file] of this.#files) {
      await file.look();
      if (this.#options.halt.aborted || !(await file.gone())) continue;
      await file.retire();
      this.#files.delete(path);
    }
  }

  status(): InputStatus {
    const { input } = this.#options;
    const states = [...this.#files.values()].map((file) => file.status());
    const lag = states.reduce((sum, state) => sum + state.lag, 0);
    const none = new ExporterError('INPUT_MISSING', `${input} matches no file`, {
      advice: 'A file that matches is read as soon as it appears.',
    });
    const isThere = states.filter(({ fault }) => fault?.code !== 'INPUT_MISSING');
    const fault = isThere.length === 0 ? none : isThere.find(({ up }) => !up)?.fault;
    return { input, up: !fault, fault, lag };
  }

  positions(): PathPositions[] {
    const { input, saved } = this.#options;
    if (this.#since === undefined) return [...saved];
    const pattern = { input, path: input, targets: [], since: this.#since, files: [], finished: [] };
    return [pattern, ...[...this.#files.values()].flatMap((file) => file.positions())];
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }

  async #lookUp(): Promise<void> {
    const { input, clock } = this.#options;
    this.#lookedUp = clock.monotonic();
    const paths = await glob(input, { absolute: true, dot: true, expandDirectories: false });
    for (const path of paths.sort()) {
      if (this.#files.has(path) || isKin(path, paths)) continue;
      const stats = await stat(path, { bigint: true }).catch(() => undefined);
      // A file that was renamed to another name that matches is followed already.
      if (!stats || [...this.#files.values()].some((file) => file.holds(stats))) continue;
      this.#add(path, this.#since === undefined ? {} : { since: this.#since });
    }
    this.#since = Math.min(this.#since ?? clock.now(), clock.now());
  }

  #add(path: string, from: Pick<FileOptions, 'saved' | 'since'>): void {
    const { saved: _, ...options } = this.#options;
    this.#files.set(path, new FileInput({ ...options, path, ...from }));
  }
}

/** Whether a path is a rotated file of another that matches; or of one that would, were it there. */
function isKin(path: string, paths: readonly string[]): boolean {
  const name = basename(path);
  const stem = name.replace(/(?:[.-]\d[\dTZ.:_-]*|\.(?:old|bak|prev))?(?:\.gz)?$/, '');
  if (stem !== name && stem !== '' && kinName(name, stem)) return true;
  return paths.some(
    (other) => dirname(other) === dirname(path) && kinName(name, basename(other)) !== undefined,
  );
}
