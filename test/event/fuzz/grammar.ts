/** Lines that are JSON, or nearly: events written in all the ways that the grammar allows. */
import type { Random } from './random.ts';

const RULES = [
  'Terminal shell in container',
  'Shape "quoted"',
  'Règle é',
  '日本',
  '😀',
  '',
  '<NA>',
  'a\tb',
  'Falco internal: syscall event drop',
  'Falco internal: x',
  'Falco internal:',
  'x'.repeat(40),
];
const PRIORITIES = ['Error', 'Warning', 'NOTICE', 'Informational', ''];
const SOURCES = ['syscall', 'internal', 'k8s_audit', 'Internal', ''];
const ANSWERS = [
  'ecommerce-postgres',
  'host',
  'hosts',
  'hos',
  'f526f7700e65',
  '',
  '<NA>',
  'é',
  '\ufffd',
  'a"b\\c',
  '5',
  'true',
];
const NUMBERS = [
  '0',
  '-0',
  '5',
  '-5',
  '1.5',
  '1e3',
  '1E+3',
  '1e-3',
  '1795442787373193464',
  '1e999',
  '-1e999',
  '0.1e1',
  '123456789012345678901234567890',
];
const BROKEN_NUMBERS = ['01', '1.', '.5', '+1', '1e', '1e+', '-', '--1', '0x1', 'NaN', 'Infinity', '1_0'];
const LITERALS = ['null', 'true', 'false'];
const BROKEN = [
  'nul',
  'True',
  'undefined',
  "'a'",
  '/**/1',
  '',
  '"a',
  '"\\x"',
  '"\\u12g4"',
  '"\\u123"',
  '"\t"',
  '"\u0000"',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '[1 2]',
  '{"a" 1}',
  ']',
  '}',
];
/** Other keys than the five that matter, and some that nearly are. */
const KEYS = [
  'hostname',
  'output',
  'tags',
  'uuid',
  'message',
  'rules',
  'Rule',
  'rul',
  'timeX',
  'Time',
  'output_field',
  'output_fieldz',
  '__proto__',
  'toString',
  '',
  'é',
  'a"b',
];

/** Whether the line at hand has escapes. Most have none, as Falco's: they are the ones that the kernel reads by itself. */
let spelled = false;

/** A line made of whole cloth. @param names of the wanted fields */
export function makeLine(random: Random, names: readonly string[]): string {
  spelled = random.once(4);
  const members: [key: string, value: string][] = [
    ['rule', text(random.pick(RULES), random)],
    ['priority', text(random.pick(PRIORITIES), random)],
    ['time', random.once(12) ? value(random, 1) : time(random)],
    ['source', text(random.pick(SOURCES), random)],
    ['output_fields', fields(random, names)],
  ];
  while (!random.once(3)) members.push([random.pick(KEYS), value(random, 0)]);
  // Duplicates of the keys that matter, and gaps.
  while (random.once(4)) {
    const [key] = random.pick(members);
    members.push([
      key,
      key === 'output_fields' && !random.once(3) ? fields(random, names) : value(random, 0),
    ]);
  }
  if (random.once(12)) members.splice(random.below(members.length), 1);
  const order = random.once(2) ? members : members.toSorted(() => random.below(3) - 1);
  const line = blanks(random) + object(order, random) + blanks(random);
  return random.once(40) ? `${line}${random.pick([',', '}', ' x', '{}', '\u00a0', '\u0000'])}` : line;
}

function fields(random: Random, names: readonly string[]): string {
  if (random.once(15)) return value(random, 1);
  const members: [string, string][] = [];
  while (!random.once(4)) {
    const key = random.once(2) ? random.pick(names) : random.pick(KEYS);
    members.push([key, random.once(3) ? value(random, 1) : text(random.pick(ANSWERS), random)]);
  }
  return object(members, random);
}

function object(members: readonly (readonly [string, string])[], random: Random): string {
  const parts = members.map(
    ([key, value]) =>
      `${blanks(random)}${text(key, random)}${blanks(random)}:${blanks(random)}${value}${blanks(random)}`,
  );
  return `{${parts.length > 0 ? parts.join(',') : blanks(random)}}`;
}

function value(random: Random, depth: number): string {
  switch (random.below(depth > 3 ? 4 : 8)) {
    case 0:
      return text(random.pick(ANSWERS), random);
    case 1:
      return random.pick(random.once(20) ? BROKEN_NUMBERS : NUMBERS);
    case 2:
      return random.pick(LITERALS);
    case 3:
      return random.once(20) ? random.pick(BROKEN) : random.pick(LITERALS);
    case 4:
      return `[${Array.from({ length: random.below(3) }, () => value(random, depth + 1)).join(`${blanks(random)},`)}${blanks(random)}]`;
    case 5:
      return deep(random);
    default:
      return object(
        Array.from({ length: random.below(3) }, () => [
          random.pick([...KEYS, 'rule', 'time', 'output_fields']),
          value(random, depth + 1),
        ]),
        random,
      );
  }
}

/** Nested containers, mostly closed as they were opened. */
function deep(random: Random): string {
  const opened = Array.from({ length: random.below(random.once(20) ? 300 : 6) }, () => random.once(2));
  const inner = random.once(2) ? '1' : '';
  // An object's last value can't be empty.
  const open = opened.map((array) => (array ? '[' : '{"a":')).join('');
  const close = opened
    .map((array) => (array ? ']' : '}'))
    .reverse()
    .join('');
  const core = inner || (opened.at(-1) === true ? '' : '{}');
  return random.once(30) ? open + core + close.replace(']', '}') : open + core + close;
}

/** A string, with some of its characters spelled as escapes. */
function text(words: string, random: Random): string {
  const plain = JSON.stringify(words);
  if (!spelled || !random.once(6)) return plain;
  let out = '';
  for (const unit of words.split(''))
    out += random.once(3)
      ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
      : unit === '/'
        ? '\\/'
        : JSON.stringify(unit).slice(1, -1);
  return `"${out}"`;
}

function time(random: Random): string {
  const two = () => String(random.below(random.once(3) ? 100 : 29)).padStart(2, '0');
  const date = `${random.once(3) ? two() : '20'}${two()}-${two()}-${two()}`;
  const clock = `${two()}:${two()}:${two()}`;
  const fraction = random.once(4) ? '' : `.${String(random.below(1e9)).padStart(random.below(12), '0')}`;
  const zone = random.pick([
    'Z',
    'Z',
    'Z',
    'z',
    `+${two()}${two()}`,
    `-${two()}:${two()}`,
    '',
    '+1',
    `+${two()}:`,
  ]);
  const all = `${date}${random.once(6) ? random.pick(['t', ' ', '_']) : 'T'}${clock}${fraction}${zone}`;
  const cut = random.once(20) ? all.slice(0, random.below(all.length)) : all;
  return text(random.once(20) ? cut.replace(random.pick(cut || 'x'), random.pick('0:.-Zx9')) : cut, random);
}

function blanks(random: Random): string {
  return random.once(10) ? random.pick([' ', '\t', '\r', '  ', ' \t ', ' '.repeat(20)]) : '';
}
