/**
 * What recognises rotated files. Any file whose name shares the stem of a followed one is looked into; its content says
 * whether it is known. The name decides only what is done with content that is not: a name that differs by numbers,
 * dates and words for "the one before" is a rotated file's, any other is somebody else's file.
 *
 * Names seen in the field: `events.json.1`, `.2.gz`, `.1.zst` (logrotate, savelog), `events.json-20261123`,
 * `events-20261123.json` (dateext), `0.log.20261123-141155` (kubelet), `events.json-2026112319.backup` (logrotate whose
 * file is there already), `events.json.2026-11-25_19-50` (Python), `events-2026-11-25T19-50-08.123.json` (lumberjack),
 * `events.1.json`, `events1.json`, `events_2.json`, `events.rot1.json`, `events.json.1764099999`, `events.json~`.
 */
import { extname } from 'node:path';

const COMPRESSED = /\.(?:gz|zst|xz|bz2|lz4|z)$/i;
const WORDS = [
  ...[
    'old',
    'bak',
    'backup',
    'prev',
    'previous',
    'orig',
    'save',
    'saved',
    'rot',
    'rotated',
    'archived?',
    'log',
  ],
  ...[
    'mon',
    'tue',
    'wed',
    'thu',
    'fri',
    'sat',
    'sun',
    'jan',
    'feb',
    'mar',
    'apr',
    'may',
    'jun',
    'jul',
    'aug',
  ],
  ...['sep', 'oct', 'nov', 'dec', 'am', 'pm', 'utc', 'gmt', 't', 'z'],
];
/** What may stand between the stem and the extension, or behind it. */
const PARTS = new RegExp(`^(?:[._+~@:-]|\\d+|(?:${WORDS.join('|')})(?![a-z]))+$`, 'i');
const NUMBER = /^[._-]?(?:rot)?(\d{1,5})$/i;

/** By what a name orders a rotated file among others; told to people and used for the order, no proof. */
export interface RotatedName {
  /** Counted from the newest: `.1`. */
  number: number | undefined;
  date: string | undefined;
}

/** The part of a name that its rotated files share, and what follows it. */
export function stemOf(base: string): { stem: string; extension: string } {
  const extension = extname(base);
  return { stem: base.slice(0, base.length - extension.length), extension };
}

/** What a file's name says if it is one of a rotated file of `base`; undefined if it says nothing such. */
export function rotatedName(name: string, base: string): RotatedName | undefined {
  const { stem, extension } = stemOf(base);
  if (name === base || !name.startsWith(stem)) return undefined;
  const plain = name.replace(COMPRESSED, '');
  let rest = plain.slice(stem.length);
  if (extension !== '' && rest.startsWith(extension)) rest = rest.slice(extension.length);
  else if (extension !== '' && rest.endsWith(extension)) rest = rest.slice(0, -extension.length);
  const number = NUMBER.exec(rest)?.[1];
  // "10.log" is no rotated file of "1.log".
  if (/\d$/.test(stem) && /^\d/.test(plain.slice(stem.length))) return undefined;
  if (rest === '' ? plain === name : !PARTS.test(rest)) return undefined;
  return {
    number: number === undefined ? undefined : Number(number),
    date: /\d{6}|\d{4}-\d\d/.exec(rest) ? rest : undefined,
  };
}

/** `events.json.1`, `events.json-20261123`, `events.json.old`: of a name with its extension. */
const SUFFIX = /[.-](?:\d{1,5}|\d{6}[\dTZ.:_-]*(?:\.backup)?|old|bak|prev)$/;
/** `events-20261123.json`. */
const INFIX = /[.-]\d{6}[\dTZ.:_-]*$/;

/** The names of which a name among those that a pattern matches is a rotated one. `events-1` may well be a live one. */
export function basesOf(name: string): string[] {
  const plain = name.replace(COMPRESSED, '');
  const { stem, extension } = stemOf(plain);
  const bases = [plain.replace(SUFFIX, ''), extension === '' ? '' : stem.replace(INFIX, '') + extension];
  return bases.filter((base) => base !== '' && base !== extension && base !== name);
}

interface Dated extends RotatedName {
  mtimeNs: bigint;
}

/** Oldest first. By number or date where both have one, else by the last write. */
export function byAge(a: Dated, b: Dated): number {
  if (a.number !== undefined && b.number !== undefined) return b.number - a.number;
  if (a.date !== undefined && b.date !== undefined)
    return a.date.localeCompare(b.date, 'en', { numeric: true });
  return Number(a.mtimeNs - b.mtimeNs);
}
