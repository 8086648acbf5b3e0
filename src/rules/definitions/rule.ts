/** Reads one `rule` item: a full definition, an override, an append of the old way, or a toggle of `enabled`. */

import type { Item } from '../reading/item.ts';
import { type Priority, parsePriority } from '../reading/priority.ts';
import { quote } from '../reading/problem.ts';
import type { Definitions, RuleDefinition } from './definitions.ts';
import { readExceptions } from './exceptions.ts';
import { type Override, readAppend, readOverride } from './override.ts';

const APPENDABLE = new Set(['condition', 'output', 'desc', 'tags', 'exceptions']);
const REPLACEABLE = new Set([
  ...APPENDABLE,
  'priority',
  'capture',
  'capture_duration',
  'enabled',
  'warn_evttypes',
  'skip-if-unknown-filter',
]);
const KEYS = new Set([...REPLACEABLE, 'rule', 'source', 'override', 'append']);

export function readRule(item: Item, definitions: Definitions): void {
  item.warnUnknownKeys(KEYS);
  const name = item.required('rule')?.value;
  if (name === undefined) return;
  const earlier = definitions.rules.get(name);
  if (item.has('append') && readAppend(item)) {
    if (!earlier) {
      miss(item, name, definitions);
      return;
    }
    const fields = ['condition', 'exceptions'].filter((field) => item.has(field));
    if (fields.length === 0)
      item.problems.error(
        'RULES_REQUIRED',
        item.keyPlace('append'),
        'an append without a condition or exceptions',
        'Give what shall be appended, or remove the item.',
      );
    change(item, earlier, { append: new Set(fields), replace: new Set() });
    definitions.touch(earlier);
  } else if (item.has('override')) {
    const override = readOverride(item, APPENDABLE, REPLACEABLE);
    if (!earlier) miss(item, name, definitions);
    if (!earlier || !override) return;
    change(item, earlier, override);
    definitions.touch(earlier);
  } else if (['condition', 'output', 'desc', 'priority'].some((field) => item.has(field)))
    define(item, name, definitions, earlier);
  else toggle(item, name, definitions, earlier);
}

function define(
  item: Item,
  name: string,
  definitions: Definitions,
  earlier: RuleDefinition | undefined,
): void {
  item.required('desc');
  const condition = item.text(item.required('condition'));
  const output = item.text(item.required('output'))?.trim(); // so does Falco, here alone
  const priority = readPriority(item);
  const source = (item.has('source') && item.optional('source')?.value) || 'syscall';
  const enabled = item.has('enabled') ? (item.boolean('enabled') ?? true) : true;
  const skipUnknown = readSettings(item).skipUnknown ?? false;
  const tags = new Set(item.has('tags') ? item.words('tags')?.map((tag) => tag.value) : []);
  const exceptions = new Map();
  readExceptions(item, exceptions, false);
  if (earlier) checkRedefinition(item, name, source, earlier, definitions);
  if (!priority) return;
  const place = item.placeOf('rule');
  const rule = { name, place, condition, output, priority, source, tags, enabled, skipUnknown, exceptions };
  definitions.define(definitions.rules, rule);
}

function checkRedefinition(
  item: Item,
  name: string,
  source: string,
  earlier: RuleDefinition,
  definitions: Definitions,
): void {
  if (earlier.source !== source)
    item.problems.error(
      'RULES_SOURCE',
      item.placeOf('source'),
      `the rule ${quote(name)} has the source ${quote(earlier.source)} at ${earlier.place.file}:${earlier.place.line}`,
      'Give it another name, or the same source.',
    );
  const here = earlier.place.file === item.file.name;
  const what = `the rule ${quote(name)} is defined at ${here ? `line ${earlier.place.line}` : earlier.place.file} already; only this one counts`;
  const advice = "Rename one, or change the earlier one by naming the changed fields under 'override'.";
  // in a later file it may be meant: it was the only way before `override`
  if (here) definitions.lints.error('RULES_DUPLICATE_NAME', item.placeOf('rule'), what, advice);
  else definitions.lints.warning('RULES_DUPLICATE_NAME', item.placeOf('rule'), what, advice);
}

function change(item: Item, rule: RuleDefinition, { append, replace }: Override): void {
  const text = (field: string) => item.text(item.optional(field));
  const merge = (field: 'condition' | 'output') => {
    const more = append.has(field) || replace.has(field) ? text(field) : undefined;
    if (more) rule[field] = append.has(field) && rule[field] ? rule[field].append(more) : more;
  };
  merge('condition');
  merge('output');
  if (append.has('tags') || replace.has('tags')) {
    const tags = item.words('tags')?.map((tag) => tag.value) ?? [];
    rule.tags = new Set(append.has('tags') ? [...rule.tags, ...tags] : tags);
  }
  if (replace.has('exceptions')) rule.exceptions = new Map();
  if (append.has('exceptions') || replace.has('exceptions'))
    readExceptions(item, rule.exceptions, append.has('exceptions'));
  if (replace.has('priority')) rule.priority = readPriority(item) ?? rule.priority;
  if (replace.has('enabled')) rule.enabled = item.boolean('enabled') ?? rule.enabled;
  rule.skipUnknown = readSettings(item).skipUnknown ?? rule.skipUnknown;
}

/** Reads the settings that count nothing for us, whose types Falco insists on. */
function readSettings(item: Item): { skipUnknown: boolean | undefined } {
  for (const key of ['capture', 'warn_evttypes']) if (item.has(key)) item.boolean(key);
  const duration = item.has('capture_duration') ? item.optional('capture_duration') : undefined;
  if (duration && !/^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(duration.value))
    item.wrongType('capture_duration', 'a number of milliseconds');
  const skip = 'skip-if-unknown-filter';
  return { skipUnknown: item.has(skip) ? item.boolean(skip) : undefined };
}

function miss(item: Item, name: string, definitions: Definitions): void {
  definitions.miss({ kind: 'rule', name, place: item.placeOf('rule'), accepted: false });
}

/** Without any of the four main fields an item can only switch an earlier rule on or off. */
function toggle(
  item: Item,
  name: string,
  definitions: Definitions,
  earlier: RuleDefinition | undefined,
): void {
  if (!item.has('enabled')) {
    for (const field of ['condition', 'desc', 'output', 'priority']) item.required(field);
    return;
  }
  const enabled = item.boolean('enabled');
  if (!earlier) {
    miss(item, name, definitions);
    return;
  }
  item.problems.warning(
    'RULES_DEPRECATED',
    item.keyPlace('enabled'),
    "'enabled' without 'override' is deprecated",
    "Add 'override: {enabled: replace}'.",
  );
  earlier.enabled = enabled ?? earlier.enabled;
}

function readPriority(item: Item): Priority | undefined {
  const text = item.required('priority')?.value;
  const priority = text === undefined ? undefined : parsePriority(text);
  if (text !== undefined && !priority)
    item.problems.error(
      'RULES_PRIORITY',
      item.placeOf('priority'),
      `${quote(text)} is none of Falco's priorities`,
      'Use EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG.',
    );
  return priority;
}
