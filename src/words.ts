/** The faults that the schema library finds, in our words. */
import type * as z from 'zod';

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

/** For zod's `error` of a parse; a schema's own message goes before it. */
export function inWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return bounded(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return bounded(issue.origin, 'at most', issue.maximum);
    case 'invalid_union':
      return union(issue.errors);
    default:
      return 'expected something else';
  }
}

function bounded(origin: string, most: string, bound: number | bigint): string {
  if (origin === 'string')
    return bound === 1 ? 'expected text' : `expected text of ${most} ${bound} characters`;
  if (origin === 'array') return `expected a list of ${most} ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  return `expected a number of ${most} ${bound}`;
}

function union(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const types = new Set(
    errors
      .flat()
      .map(({ message, path }) => (path.length > 0 ? 'a list' : message.replace(/^expected /, ''))),
  );
  return `expected ${oneOf([...types])}`;
}

/** "a, b or c". */
export function oneOf(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' or $1');
}
