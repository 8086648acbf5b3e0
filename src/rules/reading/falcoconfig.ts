/** What falco.yaml says about rules: which files, which rules are enabled, the lowest priority, and what it adds to outputs. */

import type { Place } from '../../errors.ts';
import { PRIORITIES } from '../../event/priority.ts';
import { type Budget, readBounded } from './files.ts';
import { Item } from './item.ts';
import { type Priority, parsePriority } from './priority.ts';
import { type Problems, quote } from './problem.ts';
import { YamlFile } from './yaml.ts';

/** One step of `rules:`; a rule that the pattern or the tag meets is switched. */
export interface Selection {
  enable: boolean;
  /** A rule's name, `*` standing for anything. */
  rule: string | undefined;
  tag: string | undefined;
}

/** One entry of `append_output`. What it gives goes to the rules that meet all of its conditions. */
export interface AppendOutput {
  source: string | undefined;
  rule: string | undefined;
  tags: string[];
  /** Everything that it adds, as one text: formats, field names, and container.name for the suggested output. */
  adds: string;
  /** What of it is written there: Falco takes of the suggested output only what the rule's source has. */
  formats: string;
  place: Place;
}

export interface FalcoConfig {
  rulesFiles: string[];
  /** Names of the plugins that it configures. */
  plugins: string[];
  selections: Selection[];
  priority: Priority;
  /** Undefined where falco.yaml does not say. */
  appendOutput: AppendOutput[] | undefined;
}

/** Undefined where it can't be read; the reason is then among the problems. */
export async function loadFalcoConfig(
  path: string,
  budget: Budget,
  problems: Problems,
  lints: Problems,
): Promise<FalcoConfig | undefined> {
  const text = await readBounded(path, budget, problems);
  const file = text === undefined ? undefined : YamlFile.parse(path, text, problems);
  if (!file) return undefined;
  const map = file.map(file.documents[0]);
  if (!map) {
    problems.error(
      'YAML_SHAPE',
      { file: path },
      'not a map: is it falco.yaml?',
      'Give the path of falco.yaml.',
    );
    return undefined;
  }
  const top = new Item(file, map, problems, lints);
  return {
    rulesFiles: readRulesFiles(top, lints),
    plugins: maps(top, 'plugins').flatMap((plugin) =>
      plugin.has('name') ? (plugin.optional('name')?.value ?? []) : [],
    ),
    selections: maps(top, 'rules').flatMap((entry) => readSelection(entry)),
    priority: readLowest(top),
    appendOutput: top.has('append_output') ? maps(top, 'append_output').map(readAppendOutput) : undefined,
  };
}

function readRulesFiles(top: Item, lints: Problems): string[] {
  if (top.has('rules_file')) {
    const both = top.has('rules_files');
    (both ? top.problems : lints).error(
      'FALCO_RULES_FILE',
      top.keyPlace('rules_file'),
      both
        ? "both 'rules_files' and 'rules_file': Falco does not start with both"
        : "'rules_file' in the singular is deprecated since Falco 0.38",
      "Write 'rules_files'.",
    );
  }
  return ['rules_files', 'rules_file'].flatMap((key) => {
    if (!top.has(key)) return [];
    const single = top.file.scalar(top.value(key));
    return single ? [single.value] : (top.words(key)?.map(({ value }) => value) ?? []);
  });
}

function readSelection(entry: Item): Selection[] {
  const operation = entry.has('enable') ? 'enable' : 'disable';
  const map = entry.file.map(entry.value(operation));
  const inner = map && new Item(entry.file, map, entry.problems);
  const rule = inner?.optional('rule')?.value;
  const tag = inner?.optional('tag')?.value;
  if (rule !== undefined || tag !== undefined) return [{ enable: operation === 'enable', rule, tag }];
  entry.problems.error(
    'FALCO_CONFIG',
    entry.place,
    "an entry of 'rules' that neither enables nor disables by rule or tag",
    'Write, for example, \'- disable: {rule: "*"}\'.',
  );
  return [];
}

function readLowest(top: Item): Priority {
  const text = top.optional('priority')?.value;
  const priority = text === undefined ? 'debug' : parsePriority(text);
  if (!priority)
    top.problems.error(
      'FALCO_CONFIG',
      top.placeOf('priority'),
      `${quote(text!)} is none of Falco's priorities`,
      `Use one of ${PRIORITIES.join(', ')}.`,
    );
  return priority ?? 'debug';
}

function readAppendOutput(entry: Item): AppendOutput {
  const { file, problems } = entry;
  const map = file.map(entry.value('match'));
  const match = map && new Item(file, map, problems);
  const formats = [entry.optional('extra_output')?.value ?? ''];
  for (const node of file.sequence(entry.value('extra_fields'))?.items ?? []) {
    const field = file.map(node);
    if (!field) formats.push(`%${file.scalar(node)?.value ?? ''}`);
    else for (const { value } of file.entries(field).values()) formats.push(file.scalar(value)?.value ?? '');
  }
  return {
    source: match?.optional('source')?.value,
    rule: match?.optional('rule')?.value,
    tags: match?.has('tags') ? (match.words('tags') ?? []).map(({ value }) => value) : [],
    adds: [...formats, ...(entry.boolean('suggested_output') ? ['%container.name'] : [])].join(' '),
    formats: formats.join(' '),
    place: entry.place,
  };
}

function maps(top: Item, key: string): Item[] {
  if (!top.has(key) || (!top.file.sequence(top.value(key)) && top.value(key) === null)) return [];
  const sequence = top.file.sequence(top.value(key));
  if (!sequence) top.wrongType(key, 'a sequence of maps');
  return (sequence?.items ?? []).flatMap((node) => {
    const map = top.file.map(node);
    if (map) return [new Item(top.file, map, top.problems)];
    top.problems.error(
      'FALCO_CONFIG',
      top.file.placeOf(node),
      `an entry of '${key}' that is not a map`,
      'Correct it.',
    );
    return [];
  });
}

/** Falco's wildcard: `*` is any text, all else stands for itself. Takes linear time in each piece of the pattern. */
export function matchesWildcard(pattern: string, name: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0]!;
  if (pieces.length === 1) return pattern === name;
  if (!name.startsWith(first)) return false;
  const last = pieces.at(-1)!;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
