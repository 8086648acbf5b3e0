/**
 * A rule's exceptions: whether their parts fit each other. They only ever take events away from a rule (`and not`),
 * so they name no service, and no more of them is kept.
 */

import type { Node } from 'yaml';
import type { Item } from './item.ts';
import { quote } from './problem.ts';
import type { YamlFile } from './yaml.ts';

/** How many values a row of the exception has; undefined where `fields` is one field, and each row one value. */
export interface ExceptionShape {
  width: number | undefined;
}

const LIST_OPERATORS = new Set(['in', 'pmatch', 'intersects']);
const OPERATOR =
  /^(?:exists|<=|<|>=|>|intersects|in|pmatch|(?:==|=|!=|i?glob|[ib]?contains|b?startswith|endswith|regex)(?: +(?:oneof|anyof|allof))?)$/;

/** Reads `exceptions` into the rule's; with `append`, rows of values may be added to an earlier exception. */
export function readExceptions(item: Item, known: Map<string, ExceptionShape>, append: boolean): void {
  const { file, problems } = item;
  const node = item.value('exceptions');
  const sequence = file.sequence(node);
  if (!sequence) {
    if (file.scalar(node) || file.map(node)) item.wrongType('exceptions', 'a sequence of maps');
    return;
  }
  for (const entry of sequence.items) {
    const refuse = (place: unknown, what: string, advice: string) =>
      problems.error('RULES_EXCEPTION', file.placeOf(place), what, advice);
    const map = file.map(entry);
    if (!map) {
      refuse(entry, 'an exception that is not a map', "Give each a 'name' and 'fields'.");
      continue;
    }
    const parts = file.entries(map, problems);
    const nameNode = parts.get('name')?.value;
    const name = file.scalar(nameNode)?.value;
    if (!name) {
      refuse(entry, "an exception without a 'name'", 'Name it, so that values can be appended to it.');
      continue;
    }
    const earlier = append ? known.get(name) : undefined;
    const fields = parts.get('fields')?.value;
    const comps = parts.get('comps')?.value;
    if (earlier && (fields || comps)) {
      refuse(
        fields ?? comps,
        `${quote(name)} has fields already: only values can be appended`,
        'Give values only.',
      );
      continue;
    }
    if (!earlier && !file.scalar(fields) && !file.sequence(fields)) {
      refuse(
        nameNode,
        `the exception ${quote(name)} has no 'fields'`,
        'Name the fields that its values are for.',
      );
      continue;
    }
    const shape = earlier ?? { width: file.sequence(fields)?.items.length };
    if (comps) checkComparisons(file, name, comps, shape, refuse);
    const values = parts.get('values')?.value;
    if (values && !file.sequence(values))
      refuse(values, `the values of ${quote(name)} are not a sequence`, 'Use rows.');
    for (const row of file.sequence(values)?.items ?? []) checkRow(file, name, row, shape, refuse);
    known.set(name, shape);
  }
}

type Refuse = (place: unknown, what: string, advice: string) => void;

function checkComparisons(
  file: YamlFile,
  name: string,
  comps: unknown,
  shape: ExceptionShape,
  refuse: Refuse,
): void {
  const several = file.sequence(comps);
  if ((several?.items.length ?? undefined) !== shape.width) {
    refuse(
      comps,
      `'fields' and 'comps' of ${quote(name)} are not of the same length`,
      'Give one operator a field.',
    );
    return;
  }
  for (const node of several?.items ?? [comps]) {
    const operator = file.scalar(node as Node)?.value.trim() ?? '';
    const single = LIST_OPERATORS.has(operator) || / (?:oneof|anyof|allof)$/.test(operator);
    if (!OPERATOR.test(operator) || (shape.width === undefined && !single))
      refuse(
        node,
        `${quote(operator)} is no comparison for ${quote(name)}`,
        shape.width === undefined
          ? 'For a single field use in, pmatch or intersects.'
          : 'Use one of Falco’s operators.',
      );
  }
}

function checkRow(file: YamlFile, name: string, row: unknown, shape: ExceptionShape, refuse: Refuse): void {
  const several = file.sequence(row);
  if (shape.width === undefined) {
    if (several)
      refuse(row, `a row of ${quote(name)} is a list, its fields are one field`, 'Give single values.');
  } else if (several?.items.length !== shape.width)
    refuse(
      row,
      `a row of ${quote(name)} has not as many values as there are fields (${shape.width})`,
      'Give one value, or one list of values, a field.',
    );
}
