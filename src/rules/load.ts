/** Reads rules files in order into definitions, for catalogue.ts and check.ts. */

import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExporterError } from '../errors.ts';
import { Definitions } from './definitions/definitions.ts';
import { readDescription } from './definitions/describe.ts';
import { readItems } from './definitions/items.ts';
import { tellMissing } from './definitions/missing.ts';
import { type FalcoConfig, loadFalcoConfig } from './reading/falcoconfig.ts';
import { type Budget, expandPaths, looksLikeJson, MAX_YAML_BYTES, readBounded } from './reading/files.ts';
import { type Problems, quote } from './reading/problem.ts';
import { YamlFile } from './reading/yaml.ts';

export interface Loaded {
  definitions: Definitions;
  config: FalcoConfig | undefined;
  /** Every file that was read or tried, in order; directories are written out. */
  files: string[];
  /** Those of them, and falco.yaml, that could not be read at all. */
  unread: Set<string>;
}

/** Without paths, the files that falco.yaml names. Never throws for what is wrong in a file: the problems of the definitions tell. */
export async function load(paths: readonly string[], falcoConfig: string | undefined): Promise<Loaded> {
  const definitions = new Definitions();
  const { problems, lints } = definitions;
  const budget: Budget = { yaml: MAX_YAML_BYTES };
  const config =
    falcoConfig === undefined ? undefined : await loadFalcoConfig(falcoConfig, budget, problems, lints);
  const given = paths.length === 0 && config ? await localPaths(config, falcoConfig!, problems) : paths;
  const files = await expandPaths(given, problems);
  const unread = new Set(falcoConfig === undefined || config ? [] : [falcoConfig]);
  for (const [number, path] of files.entries()) {
    definitions.file = number;
    const text = await readBounded(path, budget, problems, true);
    const read = text !== undefined && readFile(path, text, definitions);
    if (!read) unread.add(path);
  }
  tellMissing(definitions);
  return { definitions, config, files, unread };
}

/** @returns whether anything of it could be read */
function readFile(path: string, text: string, definitions: Definitions): boolean {
  if (looksLikeJson(text)) return readDescription(path, text, definitions);
  const file = YamlFile.parse(path, text, definitions.problems);
  if (file) readItems(file, definitions);
  return file !== undefined;
}

/** falco.yaml names places in Falco's container: where one is not here, a file of its name beside falco.yaml is meant. */
async function localPaths(
  { rulesFiles }: FalcoConfig,
  falcoConfig: string,
  problems: Problems,
): Promise<string[]> {
  const paths: string[] = [];
  for (const path of rulesFiles) {
    const beside = join(dirname(falcoConfig), basename(path));
    if (await exists(path)) paths.push(path);
    else if (await exists(beside)) paths.push(beside);
    else
      problems.warning(
        'YAML_MISSING',
        { file: falcoConfig },
        `the rules file ${quote(path)} is not here, so that it is not checked`,
        'Falco leaves out files that are missing without a word: name what it shall check with --rules.file.',
      );
  }
  return paths;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Names of the lists that the rules files define, as a command needs them.
 * @throws ExporterError: a file that can't be read
 */
export async function listNames({
  file,
  falco_config,
}: {
  file: readonly string[];
  falco_config?: string | undefined;
}): Promise<ReadonlySet<string>> {
  if (file.length === 0 && falco_config === undefined) return new Set();
  const { definitions } = await load(file, falco_config);
  const unread = definitions.problems.list.find(
    ({ code, severity }) => severity === 'error' && code.startsWith('YAML_'),
  );
  if (unread) {
    const { code, what, place, advice } = unread;
    throw new ExporterError(code, what, { place, advice });
  }
  return new Set(definitions.lists.keys());
}
