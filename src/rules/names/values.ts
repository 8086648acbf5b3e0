/** Which operators and values fit a field's type, as libsinsp's filter_compare.cpp and value_parser.cpp say. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import re2 from '../../config/re2.cjs';
import type { ValueType } from './fields.ts';

const EQUALITY = '= == != in intersects';
const OPERATORS = {
  number: `${EQUALITY} < <= > >=`,
  boolean: EQUALITY,
  address: EQUALITY,
  text: `${EQUALITY} < <= > >= contains icontains startswith endswith glob iglob pmatch regex`,
  bytes: `${EQUALITY} contains startswith endswith bcontains bstartswith`,
  none: '',
};
type Group = keyof typeof OPERATORS;
const sets = new Map(
  Object.entries(OPERATORS).map(([group, text]) => [group, new Set(text.split(' '))] as const),
);
const LIST = new Set(['in', 'intersects']);
/** Types of which there may be several. */
const LISTED = new Set(['CHARBUF', 'UINT64', 'RELTIME', 'ABSTIME', 'BOOL', 'IPADDR', 'IPNET']);
const NUMBERS =
  /^(?:U?INT(?:8|16|32|64)|ERRNO|FD|PID|SYSCALLID|SIGTYPE|RELTIME|ABSTIME|PORT|(?:ENUM)?FLAGS(?:8|16|32)|DOUBLE|MODE)$/;

function groupOf(type: string): Group {
  if (NUMBERS.test(type)) return 'number';
  if (type === 'BOOL') return 'boolean';
  if (/^IP(?:V[46])?(?:ADDR|NET)$/.test(type)) return 'address';
  if (type === 'CHARBUF' || type === 'FSPATH' || type === 'FSRELPATH') return 'text';
  return type === 'BYTEBUF' ? 'bytes' : 'none';
}

const SAID: Record<Group, string> = {
  number: 'a number',
  boolean: 'true or false',
  address: 'an address or a network',
  text: 'a text',
  bytes: 'bytes',
  none: 'of a type without comparisons',
};

/** What a value of this type is, for a message. */
export function describeType({ type, list }: ValueType): string {
  return list ? 'a list' : SAID[groupOf(type)];
}

/** Falco's own word for it. */
export function typeName({ type, list }: ValueType): string {
  return list ? `list of ${type}` : type;
}

/** @param operator as written, with its modifier */
export function fitsOperator({ type, list }: ValueType, operator: string): boolean {
  const base = operator.split(' ')[0]!;
  if (base === 'exists') return true;
  return list ? LISTED.has(type) && LIST.has(base) : sets.get(groupOf(type))!.has(base);
}

/** What is wrong with a value that is compared with such a field; undefined: nothing. */
export function refuseValue({ type }: ValueType, operator: string, value: string): string | undefined {
  if (/^b(?:contains|startswith)/.test(operator))
    return /^(?:[0-9a-fA-F]{2})+$/.test(value) ? undefined : 'no bytes in hexadecimal';
  if (operator.startsWith('regex')) return refusePattern(value);
  // A port may be a service's name, which only the machine knows.
  if (type === 'PORT') return undefined;
  switch (groupOf(type)) {
    case 'number':
      return /^\s*[+-]?\d+$/.test(value) ? undefined : 'no number';
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : 'neither true nor false';
    case 'address':
      return type.endsWith('NET') ? refuseNetwork(value) : refuseAddress(value);
    default:
      return undefined;
  }
}

/** Falco's patterns are those of RE2 in its POSIX syntax: without \d and its like, and groups that begin with (?. */
function refusePattern(value: string): string | undefined {
  const perl = [...value.matchAll(/\\[\s\S]|\(\?|\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]/g)]
    .map(([token]) => token)
    .find((token) => /^\\[a-zA-Z1-9]|^\(\?/.test(token) && !/^\\[aftnrvx]/.test(token));
  if (perl !== undefined) return `no pattern: ${perl} is not in POSIX syntax`;
  try {
    re2().RE2JS.compile(value);
    return undefined;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    // there several repetitions may follow each other
    return what.includes('nested repetition')
      ? undefined
      : `no pattern (${what.replace(/^error parsing regexp: /, '')})`;
  }
}

function refuseAddress(value: string): string | undefined {
  return (value.includes('.') && !value.includes(':') ? isIPv4(value) : isIPv6(value))
    ? undefined
    : 'no IP address';
}

function refuseNetwork(value: string): string | undefined {
  const slash = value.lastIndexOf('/');
  return slash > 0 && isIP(value.slice(0, slash)) > 0 && /^\d+$/.test(value.slice(slash + 1))
    ? undefined
    : 'no network such as 10.0.0.0/8';
}

/** The result of a transformer of one value; undefined where it does not take such a one. */
export function transformed(name: string, value: ValueType): ValueType | undefined {
  const group = groupOf(value.type);
  if (name === 'len') return value.list || group === 'text' || group === 'bytes' ? NUMBER : undefined;
  if (name === 'b64') return value.type === 'CHARBUF' || group === 'bytes' ? value : undefined;
  return group === 'text' ? value : undefined;
}

const NUMBER: ValueType = { type: 'UINT64', list: false };
