/**
 * The rotated files of a path: how they are named, which there are, and which of two is newer.
 *
 * Names that rotation gives: `events.json.1`, `.2`, `.2.gz` (logrotate, savelog), `events.json-20261123`,
 * `events-20261123.json` (logrotate's dateext, with and without `extension`), `0.log.20261123-141155` (kubelet),
 * `events.json.old`.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';

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
  /** The live file whose rotated one it is: the path's real one, now or before. */
  target: string;
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

/** Oldest first, a plain file before the compressed one of the same name. The order is told to people, no proof. */
function inOrder(a: Kin, b: Kin): number {
  if (isNewer(a, b)) return 1;
  return isNewer(b, a) ? -1 : Number(a.gzip) - Number(b.gzip);
}

/** What stood in a path's directories at one moment. */
export interface Listing {
  /** The file that the path names, whatever it is; undefined where there is none. */
  live: BigIntStats | undefined;
  /** Oldest first. */
  kin: Kin[];
  /** The file's real path; the path itself where it names none. */
  target: string;
}

/**
 * A path and its rotated files. Where the path is a link (Kubernetes), rotation happens beside the file that it names;
 * those that it named before are kin as well.
 * @param former real paths of before
 * @returns undefined while a rotation is under way, as the names can't be told then; ask again
 */
export async function listKin(path: string, former: readonly string[]): Promise<Listing | undefined> {
  const first = await listOnce(path, former);
  const second = await listOnce(path, former);
  return areAlike(first, second, isSameFile) ? second : undefined;
}

/** Whether nothing changed between two listings, but that the live file may have grown. */
export function isUnchanged(a: Listing, b: Listing): boolean {
  const grew = (b.live?.size ?? 0n) >= (a.live?.size ?? 0n);
  return (
    grew && areAlike(a, b, (one, other) => isSameFile(one, other) && one.stats.size === other.stats.size)
  );
}

function areAlike(a: Listing, b: Listing, alike: (a: Kin, b: Kin) => boolean): boolean {
  return (
    a.target === b.target &&
    a.live?.ino === b.live?.ino &&
    a.live?.dev === b.live?.dev &&
    a.kin.length === b.kin.length &&
    a.kin.every((kin, index) => alike(kin, b.kin[index]!))
  );
}

function isSameFile(a: Kin, b: Kin): boolean {
  return a.path === b.path && a.stats.ino === b.stats.ino && a.stats.dev === b.stats.dev;
}

async function listOnce(path: string, former: readonly string[]): Promise<Listing> {
  const target = await targetOf(path);
  const live = await stat(path, { bigint: true }).catch(() => undefined);
  const kin: Kin[] = [];
  for (const base of new Set([target, path, ...former])) {
    const names = await readdir(dirname(base)).catch((): string[] => []);
    for (const name of names.sort()) {
      const isFormer = name === basename(base) && base !== path && base !== target;
      const named = isFormer ? { number: 0, date: undefined, gzip: false } : kinName(name, basename(base));
      if (!named) continue;
      const stats = await stat(join(dirname(base), name), { bigint: true }).catch(() => undefined);
      if (
        !stats?.isFile() ||
        kin.some((each) => each.stats.dev === stats.dev && each.stats.ino === stats.ino)
      )
        continue;
      kin.push({ ...named, path: join(dirname(base), name), stats, target: base === path ? target : base });
    }
  }
  return { live, kin: kin.sort(inOrder), target };
}

/** How many links may lead to one another, as on Linux. */
const MAX_LINKS = 40;

/** What a path names in the end, there or not. */
export async function targetOf(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = links < MAX_LINKS ? await readlink(path).catch(() => undefined) : undefined;
    return link === undefined ? path : targetOf(resolve(dirname(path), link), links + 1);
  }
}
