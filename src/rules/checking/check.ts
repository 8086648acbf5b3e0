/** `falco-event-exporter check`: everything that can be said about rules files before Falco loads them. */

import { makeCatalogue } from '../catalogue.ts';
import { Resolver } from '../conditions/resolve.ts';
import { load } from '../load.ts';
import { MAX_YAML_BYTES } from '../reading/files.ts';
import type { Priority } from '../reading/priority.ts';
import type { Problem } from '../reading/problem.ts';
import { type ComposeNames, checkContainers, loadCompose } from './compose.ts';
import { findUnknownLists } from './listnames.ts';
import { checkNames } from './names.ts';
import { checkOutputs } from './outputs.ts';

export interface CheckOptions {
  /** Files and directories, in Falco's order. Empty: those that falco.yaml names. */
  rulesFiles: readonly string[];
  /** falco.yaml: itself checked, and its `append_output`, `rules:` and `priority:` heeded. */
  falcoConfig?: string | undefined;
  /** Compose files; the containers of all of them may be named. */
  composeFiles?: readonly string[] | undefined;
}

export interface CheckReport {
  /** True where there is no error; warnings may be. */
  ok: boolean;
  files: string[];
  rules: number;
  enabledRules: number;
  rulesByPriority: Partial<Record<Priority, number>>;
  errors: number;
  warnings: number;
  /** In the order of files, lines and columns. */
  problems: Problem[];
  /** Problems beyond the first thousand of a kind, which are not listed. */
  omitted: number;
}

/** Never throws for what is wrong in or with a file. */
export async function checkRules(options: CheckOptions): Promise<CheckReport> {
  const { definitions, config, files } = await load(options.rulesFiles, options.falcoConfig);
  const resolver = new Resolver(definitions);
  const rules = [...makeCatalogue(definitions, resolver, config).rules.values()];
  const watched = rules.filter(({ containers, containerPrefixes }) =>
    [...containers, ...containerPrefixes].some((name) => name !== 'host'),
  );
  checkOutputs(definitions, config, new Set(watched.map(({ name }) => name)));
  checkNames(resolver, config);
  findUnknownLists(resolver);
  await checkCompose(options.composeFiles ?? [], resolver);
  const { problems, lints } = definitions;
  const sorted = sortProblems([...problems.list, ...lints.list], [options.falcoConfig ?? '', ...files]);
  const errors = sorted.filter(({ severity }) => severity === 'error').length;
  const rulesByPriority: CheckReport['rulesByPriority'] = {};
  for (const { priority } of rules) rulesByPriority[priority] = (rulesByPriority[priority] ?? 0) + 1;
  return {
    ok: errors === 0,
    files,
    rules: rules.length,
    enabledRules: rules.filter(({ enabled }) => enabled).length,
    rulesByPriority,
    errors,
    warnings: sorted.length - errors,
    problems: sorted,
    omitted: problems.omitted + lints.omitted,
  };
}

async function checkCompose(paths: readonly string[], resolver: Resolver): Promise<void> {
  const budget = { yaml: MAX_YAML_BYTES };
  const all: ComposeNames = { exact: new Set(), patterns: [] };
  for (const path of paths) {
    const names = await loadCompose(path, budget, resolver.definitions.problems);
    if (!names) return;
    for (const name of names.exact) all.exact.add(name);
    all.patterns.push(...names.patterns);
  }
  if (paths.length > 0) checkContainers(resolver, all, paths.join(', '));
}

function sortProblems(problems: Problem[], files: string[]): Problem[] {
  const order = new Map(files.map((file, number) => [file, number]));
  const number = ({ place }: Problem) => order.get(place.file) ?? files.length;
  return problems.sort(
    (a, b) =>
      number(a) - number(b) ||
      (a.place.line ?? 0) - (b.place.line ?? 0) ||
      (a.place.column ?? 0) - (b.place.column ?? 0),
  );
}
