/** Reads rules files in order into definitions; what catalogue.ts and check.ts have in common. */

import { Definitions } from './definitions.ts';
import { readDescription } from './describe.ts';
import { type FalcoConfig, loadFalcoConfig } from './falcoconfig.ts';
import { type Budget, expandPaths, looksLikeJson, MAX_YAML_BYTES, readBounded } from './files.ts';
import { readItems } from './items.ts';
import { YamlFile } from './yaml.ts';

export interface Loaded {
  definitions: Definitions;
  config: FalcoConfig | undefined;
  /** Every file that was read or tried, in order; directories are written out. */
  files: string[];
}

/** Never throws for what is wrong in a file: the problems of the definitions tell. */
export async function load(paths: readonly string[], falcoConfig: string | undefined): Promise<Loaded> {
  const definitions = new Definitions();
  const { problems } = definitions;
  const budget: Budget = { yaml: MAX_YAML_BYTES };
  const config = falcoConfig === undefined ? undefined : await loadFalcoConfig(falcoConfig, budget, problems);
  const files = await expandPaths(paths, problems);
  for (const [number, path] of files.entries()) {
    definitions.file = number;
    const text = await readBounded(path, budget, problems, true);
    if (text === undefined) continue;
    if (looksLikeJson(text)) readDescription(path, text, definitions);
    else {
      const file = YamlFile.parse(path, text, problems);
      if (file) readItems(file, definitions);
    }
  }
  return { definitions, config, files };
}
