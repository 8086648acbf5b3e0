/** The rules that are loaded now, and whether their files have changed since. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogueRule, loadCatalogue } from './catalogue.ts';
import type { Problem } from './reading/problem.ts';

export interface LoadedRulesOptions {
  /** Files and directories, in Falco's order. */
  files: readonly string[];
  /** Path of falco.yaml, for its `rules:` and `priority:`. */
  falcoConfig?: string | undefined;
}

export class LoadedRules {
  #options: LoadedRulesOptions;
  #rules: ReadonlyMap<string, CatalogueRule> = new Map();
  #stamp = '';

  constructor(options: LoadedRulesOptions) {
    this.#options = options;
  }

  /** By name, in Falco's order. */
  get rules(): ReadonlyMap<string, CatalogueRule> {
    return this.#rules;
  }

  /**
   * Reads the files. What is good of them is taken, at a start and later alike. Of a file that is there and could not be
   * read at all (half written, say) the rules that it had before stay.
   * @returns what is wrong with them
   */
  async load(options: LoadedRulesOptions = this.#options): Promise<Problem[]> {
    this.#options = options;
    this.#stamp = await this.#stampNow();
    const { catalogue, problems, unread } = await loadCatalogue(options.files, {
      falcoConfig: options.falcoConfig,
    });
    // Without falco.yaml nothing could be said of which rules are on.
    if (unread.has(options.falcoConfig ?? '') && this.#rules.size > 0) return problems;
    const rules = new Map([...this.#rules].filter(([, { place }]) => unread.has(place.file)));
    for (const [name, rule] of catalogue.rules) rules.set(name, rule);
    this.#rules = rules;
    return problems;
  }

  /** Whether the files are others than at the last load. */
  async changed(): Promise<boolean> {
    return (await this.#stampNow()) !== this.#stamp;
  }

  /** Names, sizes and times of all files; two equal ones mean that nothing has changed. */
  async #stampNow(): Promise<string> {
    const { files, falcoConfig } = this.#options;
    const paths = falcoConfig === undefined ? [...files] : [...files, falcoConfig];
    for (const path of files)
      for (const name of await readdir(path).catch((): string[] => [])) paths.push(join(path, name));
    const stamps = await Promise.all(
      paths.map(async (path) => {
        const stats = await stat(path, { bigint: true }).catch(() => undefined);
        return `${path}:${stats?.ino}:${stats?.size}:${stats?.mtimeNs}`;
      }),
    );
    return stamps.join('\n');
  }
}
