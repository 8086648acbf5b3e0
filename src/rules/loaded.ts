/** The rules that are loaded now, and whether their files have changed since. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogueRule, type LoadedCatalogue, loadCatalogue } from './catalogue.ts';
import type { Problem } from './reading/problem.ts';
import { loadInThread } from './thread.ts';

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
   * Reads the files. What is good of them is taken, at a start and later alike. Of a file that is there and could not be
   * read at all (half written, say) the rules that it had before stay.
   * @returns what is wrong with them
   */
  async load(options: LoadedRulesOptions = this.#options): Promise<Problem[]> {
    this.#options = options;
    this.#stamp = await this.#stampNow();
    const load = this.#loaded ? loadInThread : loadCatalogue;
    this.#loaded = true;
    const { files, falcoConfig } = options;
    let loaded: LoadedCatalogue;
    try {
      loaded = await load(files, { falcoConfig });
    } catch (error) {
      return [notLoaded(files, error)];
    }
    const { catalogue, problems, unread } = loaded;
    // Without falco.yaml nobody knows which rules are enabled.
    if (unread.has(falcoConfig ?? '') && this.#rules.size > 0) return problems;
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

/** The thread that reads them has ended: as a rule, it took more memory than there is. */
function notLoaded(files: readonly string[], error: unknown): Problem {
  return {
    code: 'RULES_TOO_LARGE',
    severity: 'error',
    place: { file: files[0] ?? '' },
    what: `the rules could not be loaded again (${error instanceof Error ? error.message : String(error)})`,
    advice: 'The rules from before stay: give fewer or smaller files, or the exporter more memory.',
  };
}
