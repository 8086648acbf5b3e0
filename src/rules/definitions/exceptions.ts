/**
 * Checks that the parts of a rule's exceptions fit each other. Exceptions only take events away from a rule (`and not`),
 * so they name no service, and nothing else of them is kept.
 */

import type { Item } from '../reading/item.ts';
import { quote } from '../reading/problem.ts';
import type { YamlFile } from '../reading/yaml.ts';
import type { ExceptionShape } from './definitions.ts';

const LIST_OPERATOR = /^(?:in|pmatch|intersects)$| (?:oneof|anyof|allof)$/;
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
    const parts = file.entries(map);
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
    // where no comparison is given it is `=`
    const shape = earlier ?? readFields(file, fields);
    if (comps) readComparisons(file, name, comps, shape, refuse);
    const values = parts.get('values')?.value;
    if (values && !file.sequence(values))
      refuse(values, `the values of ${quote(name)} are not a sequence`, 'Use rows.');
    if (append && !earlier && !file.sequence(values)?.items.length)
      refuse(nameNode, `the exception ${quote(name)} is new here and has no values`, 'Give it values.');
    for (const row of file.sequence(values)?.items ?? []) readRow(file, name, row, shape, refuse);
    known.set(name, shape);
  }
}

type Refuse = (place: unknown, what: string, advice: string) => void;

/** Without `comps` several fields are compared by `=`, a single one by `in`. */
function readFields(file: YamlFile, fields: unknown): ExceptionShape {
  const several = file.sequence(fields);
  const comparisons = (several?.items ?? [fields]).map((node) => ({
    field: { value: file.scalar(node)?.value ?? '', place: file.placeOf(node) },
    operator: several ? '=' : 'in',
    values: [],
  }));
  return { columns: several?.items.map(() => false), comparisons };
}

function readComparisons(
  file: YamlFile,
  name: string,
  comps: unknown,
  shape: ExceptionShape,
  refuse: Refuse,
): void {
  const several = file.sequence(comps);
  if (several?.items.length !== shape.columns?.length) {
    const what = `'fields' and 'comps' of ${quote(name)} are not of the same length`;
    refuse(comps, what, 'Give one operator a field.');
    return;
  }
  for (const [column, node] of (several?.items ?? [comps]).entries()) {
    const operator = file.scalar(node)?.value.trim() ?? '';
    const takesList = LIST_OPERATOR.test(operator);
    if (shape.columns) shape.columns[column] = takesList;
    shape.comparisons[column]!.operator = operator;
    if (!OPERATOR.test(operator) || (!shape.columns && !takesList))
      refuse(
        node,
        `${quote(operator)} is no comparison for ${quote(name)}`,
        shape.columns ? "Use one of Falco's operators." : 'For a single field use in, pmatch or intersects.',
      );
  }
}

function readRow(
  file: YamlFile,
  name: string,
  row: unknown,
  { columns, comparisons }: ExceptionShape,
  refuse: Refuse,
): void {
  const values = file.sequence(row)?.items;
  for (const [column, node] of (values ?? [row]).entries())
    for (const each of file.sequence(node)?.items ?? [node]) {
      const scalar = file.scalar(each);
      if (scalar) comparisons[column]?.values.push({ value: scalar.value, place: file.placeOf(scalar) });
    }
  if (!columns) {
    if (values)
      refuse(row, `a row of ${quote(name)} is a list, its fields are one field`, 'Give single values.');
  } else if (values?.length !== columns.length)
    refuse(
      row,
      `a row of ${quote(name)} has not as many values as there are fields (${columns.length})`,
      'Give one value, or one list of values, a field.',
    );
  else
    for (const [column, value] of values.entries())
      if (file.sequence(value) && !columns[column])
        refuse(value, `a list of values where ${quote(name)} compares with one`, "Use the comparison 'in'.");
}
