/** The rules that are loaded now: kept while newer ones are broken, and looked at for changes of their files. */
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
  #loaded = false;

  constructor(options: LoadedRulesOptions) {
    this.#options = options;
  }

  /** By name, in Falco's order. */
  get rules(): ReadonlyMap<string, CatalogueRule> {
    return this.#rules;
  }

  /**
   * Reads the files. Where there is an error, the rules stay what they were, as Falco's do; the very first time what
   * could be read is taken.
   * @returns what is wrong with them
   */
  async load(options: LoadedRulesOptions = this.#options): Promise<Problem[]> {
    this.#options = options;
    this.#stamp = await this.#stampNow();
    const { catalogue, problems } = await loadCatalogue(options.files, { falcoConfig: options.falcoConfig });
    const broken = problems.some(({ severity }) => severity === 'error');
    if (!broken || !this.#loaded) this.#rules = catalogue.rules;
    this.#loaded = true;
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
