/** Reads the items of one rules file, in order, into the definitions. The kind of an item is the first key it has of KINDS. */

import { Item } from '../reading/item.ts';
import { quote } from '../reading/problem.ts';
import type { YamlFile } from '../reading/yaml.ts';
import type { Definitions, ListDefinition, MacroDefinition } from './definitions.ts';
import { readAppend, readOverride } from './override.ts';
import { readRule } from './rule.ts';

const KINDS = {
  required_engine_version: readEngineVersion,
  required_plugin_versions: readPluginVersions,
  list: readList,
  macro: readMacro,
  rule: readRule,
};

/** Every fault becomes a problem and costs its own item only, where Falco would stop at the first. */
export function readItems(file: YamlFile, definitions: Definitions): void {
  const { problems, lints } = definitions;
  for (const document of file.documents) {
    const sequence = file.sequence(document);
    if (!sequence) {
      problems.error(
        'YAML_SHAPE',
        file.placeOf(document),
        'not a sequence of rules, macros and lists',
        "Each item begins with '- rule:', '- macro:' or '- list:'.",
      );
      continue;
    }
    for (const node of sequence.items) {
      const map = file.map(node);
      if (map) readItem(new Item(file, map, problems, lints), definitions);
      else if (file.scalar(node) || file.sequence(node))
        problems.error(
          'RULES_NOT_A_MAP',
          file.placeOf(node),
          'an item that is not a map',
          "Each item begins with '- rule:', '- macro:' or '- list:'; check the indentation.",
        );
    }
  }
}

function readItem(item: Item, definitions: Definitions): void {
  for (const [kind, read] of Object.entries(KINDS))
    if (item.has(kind)) {
      read(item, definitions);
      return;
    }
  definitions.problems.warning(
    'RULES_UNKNOWN_ITEM',
    item.place,
    'an item that is neither rule, macro, list nor a required version',
    'Falco ignores it: correct its first key.',
  );
}

function readEngineVersion(item: Item): void {
  const version = item.required('required_engine_version');
  if (version && !/^(?:\d+|\d+\.\d+\.\d+(?:[-+].*)?)$/.test(version.value))
    item.problems.error(
      'RULES_VERSION',
      item.placeOf('required_engine_version'),
      `${quote(version.value)} is no engine version`,
      'Write a number, or three with points: 0.57.0.',
    );
  item.warnUnknownKeys(new Set(['required_engine_version']));
}

function readPluginVersions(item: Item): void {
  const { file, problems } = item;
  const plugins = file.sequence(item.value('required_plugin_versions'));
  if (!plugins) item.wrongType('required_plugin_versions', 'a sequence of maps with name and version');
  for (const node of plugins?.items ?? []) {
    const map = file.map(node);
    const fields = map && file.entries(map);
    if (!file.scalar(fields?.get('name')?.value) || !file.scalar(fields?.get('version')?.value))
      problems.error('RULES_VERSION', file.placeOf(node), 'a plugin without name or version', 'Give both.');
  }
  item.warnUnknownKeys(new Set(['required_plugin_versions']));
}

const LIST_KEYS = new Set(['list', 'items', 'append', 'override']);
const ITEMS = new Set(['items']);

function readList(item: Item, definitions: Definitions): void {
  const { lists } = definitions;
  const name = item.required('list')?.value;
  const items = item.words('items');
  const change = readChange(item, ITEMS);
  item.warnUnknownKeys(LIST_KEYS);
  if (name === undefined || !items) return;
  const earlier = lists.get(name);
  checkChange(item, definitions, 'list', name, earlier, change);
  if (change !== 'append') definitions.define(lists, { name, items, place: item.placeOf('list') });
  else if (earlier) {
    for (const more of items) earlier.items.push(more);
    definitions.touch(earlier);
  }
}

const MACRO_KEYS = new Set(['macro', 'condition', 'append', 'override']);
const CONDITION = new Set(['condition']);

function readMacro(item: Item, definitions: Definitions): void {
  const { macros } = definitions;
  const name = item.required('macro')?.value;
  const condition = item.text(item.required('condition'));
  const change = readChange(item, CONDITION);
  item.warnUnknownKeys(MACRO_KEYS);
  if (name === undefined || !condition) return;
  const earlier = macros.get(name);
  checkChange(item, definitions, 'macro', name, earlier, change);
  if (change !== 'append') definitions.define(macros, { name, condition, place: item.placeOf('macro') });
  else if (earlier) {
    earlier.condition = earlier.condition.append(condition);
    definitions.touch(earlier);
  }
}

type Change = 'append' | 'replace' | 'define';

function readChange(item: Item, fields: ReadonlySet<string>): Change {
  if (item.has('append') && readAppend(item)) return 'append';
  const override = readOverride(item, fields, fields);
  if (override?.append.size) return 'append';
  return override?.replace.size ? 'replace' : 'define';
}

/** Falco refuses an append to nothing; a replacement of nothing and a second definition it takes without a word. */
function checkChange(
  item: Item,
  definitions: Definitions,
  kind: 'list' | 'macro',
  name: string,
  earlier: ListDefinition | MacroDefinition | undefined,
  change: Change,
): void {
  const { problems, lints } = definitions;
  if (change !== 'define' && !earlier)
    (change === 'append' ? problems : lints).error(
      'RULES_OVERRIDE_NOTHING',
      item.placeOf(kind),
      `no ${kind} ${quote(name)} stands before this change of it`,
      'Correct the name, or give the file that defines it before this one.',
    );
  if (change === 'define' && earlier?.place.file === item.file.name)
    lints.error(
      'RULES_DUPLICATE_NAME',
      item.placeOf(kind),
      `the ${kind} ${quote(name)} stands at line ${earlier.place.line} already; only this one counts`,
      "Remove one, or change the earlier one with 'override'.",
    );
}
