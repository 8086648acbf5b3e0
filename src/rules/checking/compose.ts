/** The container names of a compose file, and the names in conditions that are none of them. */

import { parseDocument } from 'yaml';
import * as z from 'zod';
import { type Condition, checks } from '../conditions/condition.ts';
import { containerComparison } from '../conditions/containers.ts';
import type { Resolver } from '../conditions/resolve.ts';
import { matchesWildcard } from '../reading/falcoconfig.ts';
import { type Budget, readBounded } from '../reading/files.ts';
import { type Problems, quote } from '../reading/problem.ts';
import type { Placed, Text } from '../reading/text.ts';

const composeFile = z.object({
  services: z
    .record(z.string(), z.object({ container_name: z.string().optional() }).nullable().catch(null))
    .default({}),
  include: z.unknown().optional(),
});

/** The names that containers of a project can have. */
export interface ComposeNames {
  exact: Set<string>;
  /** Names that depend on the project's directory, a number or the environment. */
  patterns: ((name: string) => boolean)[];
}

/** Undefined where it can't be read; the reason is then among the problems. */
export async function loadCompose(
  path: string,
  budget: Budget,
  problems: Problems,
): Promise<ComposeNames | undefined> {
  const text = await readBounded(path, budget, problems);
  if (text === undefined) return undefined;
  const content = parse(path, text, problems);
  if (!content) return undefined;
  const names: ComposeNames = { exact: new Set(), patterns: [] };
  for (const [service, value] of Object.entries(content.services)) {
    const name = value?.container_name;
    if (name === undefined) names.patterns.push((container) => isMadeFor(service, container));
    else if (!name.includes('$')) names.exact.add(name);
    else {
      const pattern = name.replace(/\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)/g, '*').replaceAll('$$', '$');
      names.patterns.push((container) => matchesWildcard(pattern, container));
    }
  }
  return names;
}

function parse(path: string, text: string, problems: Problems): z.infer<typeof composeFile> | undefined {
  try {
    const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: 'silent' });
    const fault = document.errors[0];
    if (fault) {
      const [at] = fault.linePos ?? [];
      const place = at ? { file: path, line: at.line, column: at.col } : { file: path };
      problems.error('YAML_SYNTAX', place, fault.message.split('\n')[0]!, 'Correct the YAML.');
      return undefined;
    }
    const result = composeFile.safeParse(document.toJS({ maxAliasCount: 1000 }));
    if (result.success && result.data.include === undefined && Object.keys(result.data.services).length > 0)
      return result.data;
    problems.error(
      'YAML_SHAPE',
      { file: path },
      result.success && result.data.include !== undefined
        ? "it uses 'include'"
        : 'no compose file: no services',
      "Give the compose file, or what 'docker compose config' prints.",
    );
  } catch (error) {
    // aliases that explode, or nesting so deep that the parser's recursion ends
    const code = error instanceof ReferenceError ? 'YAML_ALIASES' : 'YAML_SYNTAX';
    problems.error(
      code,
      { file: path },
      error instanceof Error ? error.message : String(error),
      'Correct it.',
    );
  }
  return undefined;
}

/** Compose makes project-service-1; older releases, project_service_1. */
function isMadeFor(service: string, container: string): boolean {
  const rest = container.replace(/[-_][0-9]{1,9}$/, '');
  return rest !== container && (rest.endsWith(`-${service}`) || rest.endsWith(`_${service}`));
}

/** Every container that a condition names, whether it wants or excludes it, must be one of the compose file's. */
export function checkContainers(resolver: Resolver, names: ComposeNames, composeFile: string): void {
  const { definitions } = resolver;
  const reported = new Set<string>();
  const look = (condition: Condition | undefined, text: Text | undefined): void => {
    for (const check of checks(condition)) {
      const comparison = containerComparison(check);
      if (!comparison || check.left.kind !== 'field' || check.left.name !== 'container.name') continue;
      for (const word of comparison.words)
        for (const placed of resolver.values(word, text!))
          if (!fits(names, placed.value, comparison.kind === 'prefix')) report(placed);
    }
  };
  const report = ({ value, place }: Placed): void => {
    const key = `${place.file}:${place.line}:${place.column}`;
    if (reported.has(key)) return;
    reported.add(key);
    definitions.lints.error(
      'RULES_UNKNOWN_CONTAINER',
      place,
      `no container ${quote(value)} is in ${composeFile}`,
      `It has ${[...names.exact].slice(0, 20).map(quote).join(', ') || 'only names that compose makes'}: use one of them.`,
    );
  };
  for (const macro of definitions.macros.values()) look(resolver.macro(macro.name), macro.condition);
  for (const rule of definitions.rules.values()) look(resolver.rule(rule.name), rule.condition);
}

function fits({ exact, patterns }: ComposeNames, value: string, prefix: boolean): boolean {
  if (value === 'host' || exact.has(value)) return true;
  if (prefix) return patterns.length > 0 || [...exact].some((name) => name.startsWith(value));
  return patterns.some((pattern) => pattern(value));
}
