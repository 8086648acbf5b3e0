/** One watch for each directory, however many files of it are followed. A change only makes the next look earlier. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

interface Watched {
  watcher: FSWatcher | undefined;
  files: Map<string, Set<() => void>>;
}

export class Watches {
  readonly #directories = new Map<string, Watched>();
  readonly #hint: () => void;

  /** @param hint called when something changes that nobody follows: it may be a new file */
  constructor(hint: () => void) {
    this.#hint = hint;
  }

  /** @param changed called when the file changes; never where its directory can't be watched */
  watch(path: string, changed: () => void): { close(): void } {
    const directory = dirname(path);
    const name = basename(path);
    const watched = this.#directories.get(directory) ?? this.#open(directory);
    this.#directories.set(directory, watched);
    const { files, watcher } = watched;
    const those = files.get(name) ?? new Set();
    files.set(name, those.add(changed));
    return {
      close: () => {
        those.delete(changed);
        if (those.size === 0 && files.get(name) === those) files.delete(name);
        if (files.size > 0 || this.#directories.get(directory) !== watched) return;
        this.#directories.delete(directory);
        watcher?.close();
      },
    };
  }

  #open(directory: string): Watched {
    const files: Watched['files'] = new Map();
    try {
      const watcher = watch(directory, { persistent: false });
      watcher.on('change', (_, name) => {
        const those = files.get(String(name));
        if (those) for (const changed of those) changed();
        else this.#hint();
      });
      // One that fails is made anew with the next file.
      watcher.on('error', () => {
        watcher.close();
        this.#directories.delete(directory);
      });
      return { watcher, files };
    } catch {
      return { watcher: undefined, files };
    }
  }
}
