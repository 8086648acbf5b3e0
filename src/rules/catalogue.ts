/**
 * The catalogue: which rules Falco can report, and which containers each is about, so that each is at zero before it
 * fires. It is a value: loading it again, after SIGHUP or a change of the files, gives a new one.
 */

import type { Place } from '../errors.ts';
import { PRIORITIES } from '../event/priority.ts';
import { ContainerFinder } from './conditions/containers.ts';
import { Resolver } from './conditions/resolve.ts';
import type { Definitions, RuleDefinition } from './definitions/definitions.ts';
import { load } from './load.ts';
import { type FalcoConfig, matchesWildcard } from './reading/falcoconfig.ts';
import type { Priority } from './reading/priority.ts';
import type { Problem } from './reading/problem.ts';

export interface CatalogueRule {
  name: string;
  priority: Priority;
  /** The event source: `syscall`, or a plugin's. */
  source: string;
  /** Sorted, as Falco prints them. */
  tags: string[];
  /** What the files and falco.yaml's `rules:` and `priority:` say together. */
  enabled: boolean;
  /**
   * The exact values that container.name can have in the rule's events, where its condition restricts them; `host`
   * where it asks for container.id = host. Empty where it does not, or where that can't be known.
   */
  containers: string[];
  /** The same for `container.name startswith …`: beginnings of names, never names. */
  containerPrefixes: string[];
  /** Where it is defined in full. */
  place: Place;
}

export interface Catalogue {
  /** By name, in the order in which Falco has them. */
  rules: Map<string, CatalogueRule>;
}

export interface CatalogueOptions {
  /** Path of falco.yaml, for its `rules:` and `priority:`. */
  falcoConfig?: string | undefined;
}

export interface LoadedCatalogue {
  /** All rules that could be read. */
  catalogue: Catalogue;
  /** Where one of them is an error, Falco refuses the files and keeps its old rules. */
  problems: Problem[];
  /** The files that were read, directories written out. */
  files: string[];
  /** Those of them, and falco.yaml, that were named and could not be read at all. */
  unread: ReadonlySet<string>;
}

/**
 * Loads rules files and directories in Falco's order: YAML, or what `falco -L -o json_output=true` prints. Never
 * throws for what is wrong in or with a file.
 */
export async function loadCatalogue(
  paths: readonly string[],
  options: CatalogueOptions = {},
): Promise<LoadedCatalogue> {
  const { definitions, config, files, unread } = await load(paths, options.falcoConfig);
  const catalogue = makeCatalogue(definitions, new Resolver(definitions), config);
  return { catalogue, problems: definitions.problems.list, files, unread };
}

export function makeCatalogue(
  definitions: Definitions,
  resolver: Resolver,
  config: FalcoConfig | undefined,
): Catalogue {
  const finder = new ContainerFinder(resolver);
  const rules = new Map<string, CatalogueRule>();
  for (const rule of definitions.rules.values()) {
    const { name, priority, source, place } = rule;
    const containers = finder.find(name);
    rules.set(name, {
      name,
      priority,
      source,
      tags: [...rule.tags].sort(),
      enabled: isEnabled(rule, config),
      containers: containers.names,
      containerPrefixes: containers.prefixes,
      place,
    });
  }
  return { rules };
}

function isEnabled(rule: RuleDefinition, config: FalcoConfig | undefined): boolean {
  let { enabled } = rule;
  for (const { enable, rule: pattern, tag } of config?.selections ?? [])
    if (
      (pattern !== undefined && matchesWildcard(pattern, rule.name)) ||
      (tag !== undefined && rule.tags.has(tag))
    )
      enabled = enable;
  return enabled && PRIORITIES.indexOf(rule.priority) <= PRIORITIES.indexOf(config?.priority ?? 'debug');
}
