/**
 * The files that a pattern matches, each followed for itself. Files come and go; the rotated kin of a file are no
 * inputs of their own, even where the pattern matches their names.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { ExporterError } from '../errors.ts';
import { FileInput, type FileOptions } from './file.ts';
import { kinName } from './kin.ts';
import type { InputStatus, PathPositions, Source } from './source.ts';

/** How often the pattern is looked up, in milliseconds. */
const EVERY = 1000;

/** Whether an input's text is a pattern rather than a path. */
export function isGlob(input: string): boolean {
  return isDynamicPattern(input);
}

export interface GlobOptions extends Omit<FileOptions, 'path' | 'positions'> {
  /** Where an earlier process stood, of each path. */
  saved: readonly PathPositions[];
}

export class GlobInput implements Source {
  readonly #options: GlobOptions;
  readonly #files = new Map<string, FileInput>();
  #lookedUp: number | undefined;

  constructor(options: GlobOptions) {
    this.#options = options;
    for (const { path, files } of options.saved) this.#add(path, 'beginning', files);
  }

  async catchUp(): Promise<void> {
    // Only what is there at the start may be begun at its end; what comes later is news.
    await this.#lookUp(this.#options.saved.length > 0 ? 'beginning' : this.#options.start);
    for (const file of this.#files.values()) await file.catchUp();
  }

  async look(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (this.#lookedUp === undefined || now - this.#lookedUp >= EVERY) await this.#lookUp('beginning');
    for (const [path, file] of this.#files) {
      await file.look();
      if (!(await file.gone())) continue;
      await file.close();
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
    const fault = states.length === 0 ? none : states.find((state) => !state.up)?.fault;
    return { input, up: !fault, fault, lag };
  }

  positions(): PathPositions[] {
    return [...this.#files.values()].flatMap((file) => file.positions());
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }

  async #lookUp(start: 'beginning' | 'end'): Promise<void> {
    this.#lookedUp = this.#options.clock.monotonic();
    const paths = await glob(this.#options.input, { absolute: true, dot: true, expandDirectories: false });
    for (const path of paths.sort()) {
      if (this.#files.has(path) || isKin(path, paths)) continue;
      const stats = await stat(path, { bigint: true }).catch(() => undefined);
      // A file that was renamed to another name that matches is followed already.
      if (stats && ![...this.#files.values()].some((file) => file.holds(stats))) this.#add(path, start);
    }
  }

  #add(path: string, start: 'beginning' | 'end', positions?: FileOptions['positions']): void {
    this.#files.set(path, new FileInput({ ...this.#options, path, start, ...(positions && { positions }) }));
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
