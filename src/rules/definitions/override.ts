/** The `override` map of an item: which fields it appends to and which it replaces. */

import type { Item } from '../reading/item.ts';
import { quote } from '../reading/problem.ts';

export interface Override {
  append: Set<string>;
  replace: Set<string>;
}

/** Undefined where the item has none, or one that Falco refuses. */
export function readOverride(
  item: Item,
  appendable: ReadonlySet<string>,
  replaceable: ReadonlySet<string>,
): Override | undefined {
  const { file, problems } = item;
  const map = file.map(item.value('override'));
  if (!map) {
    if (item.has('override')) item.wrongType('override', 'a map of field: append or field: replace');
    return undefined;
  }
  const override: Override = { append: new Set(), replace: new Set() };
  for (const [field, { key, value }] of file.entries(map)) {
    const operation = file.scalar(value)?.value;
    const refuse = (what: string, advice: string) =>
      problems.error('RULES_OVERRIDE', file.placeOf(key), what, advice);
    if (operation !== 'append' && operation !== 'replace')
      refuse(`the override of ${quote(field)} is neither append nor replace`, 'Write append or replace.');
    else if (!(operation === 'append' ? appendable : replaceable).has(field))
      refuse(
        `${quote(field)} can't be overridden with ${operation}`,
        replaceable.has(field) ? 'Use replace.' : 'Falco has no override for this field.',
      );
    else if (!item.has(field))
      refuse(
        `${quote(field)} is named under 'override' but not given`,
        `Give '${field}', or remove the entry.`,
      );
    else override[operation].add(field);
  }
  for (const field of item.keys())
    if (
      replaceable.has(field) &&
      !override.append.has(field) &&
      !override.replace.has(field) &&
      !file.entries(map).has(field)
    )
      problems.error(
        'RULES_OVERRIDE',
        item.keyPlace(field),
        `'${field}' is given but not named under 'override'`,
        `Add '${field}: replace' or '${field}: append' under 'override'.`,
      );
  return override;
}

/** `append: true`, the way before `override`; true where it is on and stands alone. */
export function readAppend(item: Item): boolean {
  if (!item.boolean('append')) return false;
  if (item.has('override')) {
    item.problems.error(
      'RULES_OVERRIDE',
      item.keyPlace('append'),
      "'append' and 'override' in one item",
      "Remove 'append', and name the field under 'override' with append.",
    );
    return false;
  }
  item.problems.warning(
    'RULES_DEPRECATED',
    item.keyPlace('append'),
    "'append: true' is deprecated",
    "Name the appended field under 'override' instead, for example 'override: {condition: append}'.",
  );
  return true;
}
