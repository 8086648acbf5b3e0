/**
 * The rotated files of a path: how they are named, which there are, and which of two is newer.
 *
 * Names that rotation gives: `events.json.1`, `.2`, `.2.gz` (logrotate, savelog), `events.json-20261123`,
 * `events-20261123.json` (logrotate's dateext, with and without `extension`), `0.log.20261123-141155` (kubelet),
 * `events.json.old`.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** What follows the live file's name: a separator, then a number, a date or a word for "the one before". */
const SUFFIX = /^[.-](?:(?<number>\d{1,5})|(?<date>\d{6}[\dTZ.:_-]*)|(?<word>old|bak|prev))(?<gzip>\.gz)?$/;
/** A date before the extension: "events-20261123.json". */
const INFIX = /^[.-](?<date>\d{6}[\dTZ.:_-]*)$/;

export interface KinName {
  number: number | undefined;
  date: string | undefined;
  gzip: boolean;
}

export interface Kin extends KinName {
  path: string;
  stats: BigIntStats;
}

/** What a file's name says if it is a rotated one of `base`; undefined if it is none. Both without directory. */
export function kinName(name: string, base: string): KinName | undefined {
  if (name.startsWith(base)) {
    const groups = SUFFIX.exec(name.slice(base.length))?.groups;
    if (!groups) return undefined;
    const number = groups.number === undefined ? undefined : Number(groups.number);
    return { number, date: groups.date, gzip: groups.gzip !== undefined };
  }
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (extension === '' || !name.startsWith(stem)) return undefined;
  const gzip = name.endsWith(`${extension}.gz`);
  const end = name.length - extension.length - (gzip ? 3 : 0);
  if (!gzip && !name.endsWith(extension)) return undefined;
  const date = INFIX.exec(name.slice(stem.length, end))?.groups?.date;
  return date === undefined ? undefined : { number: undefined, date, gzip };
}

/** Whether `a` was rotated after `b`. By number or date where both have one, else by the last write. */
export function isNewer(a: Kin, b: Kin): boolean {
  if (a.number !== undefined && b.number !== undefined) return a.number < b.number;
  if (a.date !== undefined && b.date !== undefined) return compareDates(a.date, b.date) > 0;
  return a.stats.mtimeNs > b.stats.mtimeNs;
}

/** Digit by digit: "20261123" is before "20261123-141155", and ".2" of one day before its ".10". */
function compareDates(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/**
 * The rotated files of a path, oldest first. Where a file stands both plain and compressed, gzip is still at work on it:
 * the compressed one isn't listed.
 * @returns undefined while a rotation is under way, as the names can't be told then; ask again at the next look
 */
export async function listKin(path: string): Promise<Kin[] | undefined> {
  const first = await listOnce(path);
  const second = await listOnce(path);
  const same = first.length === second.length && first.every((kin, index) => sameFile(kin, second[index]!));
  return same ? second : undefined;
}

function sameFile(a: Kin, b: Kin): boolean {
  return a.path === b.path && a.stats.ino === b.stats.ino && a.stats.dev === b.stats.dev;
}

async function listOnce(path: string): Promise<Kin[]> {
  const found: Kin[] = [];
  // Where the path is a link (Kubernetes), rotation happens beside the file that it names.
  const target = await realpath(path).catch(() => path);
  for (const each of new Set([path, target])) {
    const names = await readdir(dirname(each)).catch((): string[] => []);
    for (const name of names.sort()) {
      const kin = kinName(name, basename(each));
      if (!kin || (kin.gzip && names.includes(name.slice(0, -3)))) continue;
      const stats = await stat(join(dirname(each), name), { bigint: true }).catch(() => undefined);
      if (!stats?.isFile() || found.some(({ stats: { dev, ino } }) => dev === stats.dev && ino === stats.ino))
        continue;
      found.push({ ...kin, path: join(dirname(each), name), stats });
    }
  }
  return found.sort((a, b) => (isNewer(a, b) ? 1 : isNewer(b, a) ? -1 : 0));
}
