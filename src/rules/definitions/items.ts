/** Reads the items of one rules file, in order, into the definitions. The kind of an item is the first key it has of KINDS. */

import { Item } from '../reading/item.ts';
import { quote } from '../reading/problem.ts';
import type { YamlFile } from '../reading/yaml.ts';
import type { Definitions, ListDefinition, MacroDefinition } from './definitions.ts';
import { readAppend, readOverride } from './override.ts';
import { readRequiredEngine, readRequiredPlugins } from './requirements.ts';
import { readRule } from './rule.ts';

const KINDS = {
  required_engine_version: readRequiredEngine,
  required_plugin_versions: readRequiredPlugins,
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

const LIST_KEYS = new Set(['list', 'items', 'append', 'override']);
const ITEMS = new Set(['items']);

function readList(item: Item, definitions: Definitions): void {
  const { lists } = definitions;
  const name = item.required('list')?.value;
  checkName(item, 'list', name, /^[^()"'\s=,]+$/);
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
  checkName(item, 'macro', name, /^[a-zA-Z][a-zA-Z0-9_]*$/);
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

/** Falco warns of a name that its conditions may not be able to say. */
function checkName(item: Item, kind: 'list' | 'macro', name: string | undefined, fitting: RegExp): void {
  if (name === undefined || fitting.test(name)) return;
  item.problems.warning(
    'RULES_NAME',
    item.placeOf(kind),
    `${quote(name)} is an unfit name for a ${kind}`,
    'Use letters, digits and _ alone, the first of them a letter.',
  );
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
  const { lints } = definitions;
  if (change !== 'define' && !earlier)
    definitions.miss({ kind, name, place: item.placeOf(kind), accepted: change === 'replace' });
  if (change === 'define' && earlier?.place.file === item.file.name)
    lints.error(
      'RULES_DUPLICATE_NAME',
      item.placeOf(kind),
      `the ${kind} ${quote(name)} stands at line ${earlier.place.line} already; only this one counts`,
      "Remove one, or change the earlier one with 'override'.",
    );
}
