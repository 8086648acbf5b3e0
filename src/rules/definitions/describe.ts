/**
 * Reads what `falco -L -o json_output=true` prints: Falco's own merged view of its rules, macros and lists.
 * It is Falco's output: parts that we don't know are left out, and only the whole can be wrong.
 */

import * as z from 'zod';
import { parsePriority } from '../reading/priority.ts';
import { Text } from '../reading/text.ts';
import type { Definitions } from './definitions.ts';

const described = z.object({
  rules: z.array(
    z.object({
      info: z.object({
        name: z.string(),
        priority: z.string(),
        enabled: z.boolean().default(true),
        source: z.string().default('syscall'),
        tags: z.array(z.string()).default([]),
        condition: z.string().optional(),
        output: z.string().optional(),
      }),
    }),
  ),
  macros: z.array(z.object({ info: z.object({ name: z.string(), condition: z.string() }) })).default([]),
  lists: z
    .array(
      z.object({
        info: z.object({ name: z.string() }),
        details: z.object({ items_compiled: z.array(z.string()) }),
      }),
    )
    .default([]),
});

/**
 * Adds all that the text describes to the definitions.
 * @returns whether it is a description
 */
export function readDescription(file: string, text: string, definitions: Definitions): boolean {
  const place = { file };
  const refuse = (what: string) =>
    definitions.problems.error(
      'YAML_SHAPE',
      place,
      what,
      "Give Falco's rules in YAML, or what 'falco -L -o json_output=true' prints.",
    );
  const description = parse(text);
  if (typeof description === 'string') {
    refuse(description);
    return false;
  }
  const { lists, macros, rules } = description;
  for (const { info, details } of lists) {
    const items = details.items_compiled.map((value) => ({ value, place }));
    definitions.define(definitions.lists, { name: info.name, items, place });
  }
  for (const { info } of macros)
    definitions.define(definitions.macros, {
      name: info.name,
      condition: Text.plain(info.condition, place),
      place,
    });
  // Falco has accepted their order, which this list may not show
  for (const macro of definitions.macros.values()) macro.last = Number.POSITIVE_INFINITY;
  for (const { info } of rules) {
    const priority = parsePriority(info.priority);
    if (!priority) refuse(`unknown priority of a rule: ${info.priority.slice(0, 40)}`);
    else
      definitions.define(definitions.rules, {
        name: info.name,
        condition: info.condition === undefined ? undefined : Text.plain(info.condition, place),
        output: info.output === undefined ? undefined : Text.plain(info.output, place),
        priority,
        source: info.source,
        tags: new Set(info.tags),
        enabled: info.enabled,
        // Falco has accepted them: what this check doesn't know, a plugin brought
        skipUnknown: true,
        exceptions: new Map(),
        place,
      });
  }
  return true;
}

/** The description, or what is wrong with it. */
function parse(text: string): z.infer<typeof described> | string {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return 'begins like JSON, but is not JSON';
  }
  const result = described.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  return `JSON, but no description of rules (${issue?.path.join('.')}: ${issue?.message})`;
}
