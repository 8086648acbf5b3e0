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

const COMPRESSED = /\.(?:gz|zst|xz|bz2|lz4|z)$/i;
const WORDS = 'old bak backup prev previous orig save saved rot rotated archived? log';
const TIMES = 'mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec am pm utc gmt t z';
/** What may stand between the stem and the extension, or behind it. */
const PARTS = new RegExp(
  `^(?:[._+~@:-]|\\d+|(?:${`${WORDS} ${TIMES}`.replaceAll(' ', '|')})(?![a-z]))+$`,
  'i',
);
const NUMBER = /^[._-]?(?:rot)?(\d{1,5})$/i;

/** By what a name orders a rotated file among others; for people and for the order, no evidence. */
export interface RotatedName {
  /** Counted from the newest: `.1`. */
  number: number | undefined;
  date: string | undefined;
}

/** The part of a name that its rotated files share, and what follows it: of `a.json.log` both `.log` and `.json.log`. */
export function* stemsOf(base: string): Generator<{ stem: string; extension: string }> {
  let dot = base.lastIndexOf('.');
  if (dot <= 0) yield { stem: base, extension: '' };
  for (; dot > 0; dot = base.lastIndexOf('.', dot - 1))
    yield { stem: base.slice(0, dot), extension: base.slice(dot) };
}

/** What stands between the stem of `base` and its extension, or behind both; and at which of the two places. */
export function between(name: string, base: string): { text: string; place: string } | undefined {
  const plain = name.replace(COMPRESSED, '');
  let isFirst = true;
  for (const { stem, extension } of stemsOf(base)) {
    const rest = plain.slice(stem.length);
    if (plain.startsWith(stem) && plain !== stem) {
      // "10.log" is no rotated file of "1.log".
      if (/\d$/.test(stem) && /^\d/.test(rest)) return undefined;
      if (isFirst && rest.startsWith(extension))
        return { text: rest.slice(extension.length), place: `${extension}${rest[extension.length]}` };
      if (rest.endsWith(extension) && rest.length > extension.length)
        return { text: rest.slice(0, -extension.length), place: `${rest[0]}${extension}` };
    }
    isFirst = false;
  }
  const [first] = stemsOf(base);
  const isBeside = plain.startsWith(first!.stem);
  return isBeside ? { text: plain.slice(first!.stem.length), place: '' } : undefined;
}

/** What a file's name says if it is one of a rotated file of `base`; undefined if it says nothing such. */
export function rotatedName(name: string, base: string): RotatedName | undefined {
  const found = name === base ? undefined : between(name, base);
  if (!found) return undefined;
  const { text } = found;
  // Nothing is left of the base itself, compressed.
  if (text === '' ? !COMPRESSED.test(name) : !PARTS.test(text)) return undefined;
  const number = NUMBER.exec(text)?.[1];
  return {
    number: number === undefined ? undefined : Number(number),
    date: /\d{6}|\d{4}-\d\d/.exec(text) ? text : undefined,
  };
}

/**
 * A link that named `from` and names `to` may have named others between the two while nobody looked: `1.log` between
 * `0.log` and `2.log`, the dates between two.
 * @returns what says of a name whether it is one of those, or a rotated file of one; undefined where none can be
 */
export function passedOver(
  from: string,
  to: string,
): ((name: string) => RotatedName | undefined) | undefined {
  const shape = from
    .split(/\d+/)
    .map((text) => text.replace(/[^\w]/g, '\\$&'))
    .join('\\d+');
  if (!new RegExp(`^${shape}$`).test(to) || inOrder(from, to) >= 0) return undefined;
  const begins = new RegExp(`^${shape}`);
  return (name) => {
    const target = begins.exec(name)?.[0];
    if (target === undefined || inOrder(from, target) >= 0 || inOrder(target, to) >= 0) return undefined;
    return name === target ? { number: undefined, date: target } : rotatedName(name, target);
  };
}

/** `events.json.1`, `events.json-20261123`, `events.json.old`: of a name with its extension. */
const SUFFIX = /[.-](?:\d{1,5}|\d{6}[\dTZ.:_-]*(?:\.backup)?|old|bak|prev)$/;
/** `events-20261123.json`. */
const INFIX = /[.-]\d{6}[\dTZ.:_-]*$/;

/** The names of which a name among those that a pattern matches is a rotated one. `events-1` may well be a live one. */
export function basesOf(name: string): string[] {
  const plain = name.replace(COMPRESSED, '');
  const bases = [plain.replace(SUFFIX, '')];
  for (const { stem, extension } of stemsOf(plain)) {
    const base = stem.replace(INFIX, '');
    if (base !== '' && extension !== '') bases.push(base + extension);
  }
  return bases.filter((base) => base !== '' && base !== name);
}

interface Dated extends RotatedName {
  mtimeNs: bigint;
}

/** Oldest first. By number or date where both have one, else by the last write. */
export function byAge(a: Dated, b: Dated): number {
  if (a.number !== undefined && b.number !== undefined) return b.number - a.number;
  if (a.date !== undefined && b.date !== undefined) return inOrder(a.date, b.date);
  return Number(a.mtimeNs - b.mtimeNs);
}

/** Less than 0 where `a` comes first, numbers by their value. */
function inOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
