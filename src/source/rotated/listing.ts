/** What stands in a directory beside the followed files: every file that shares the stem of one of them. */
import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { LivePath } from '../follow/followed.ts';
import { type AnyPath, idOf } from '../read/open-file.ts';
import { isLocal } from '../read/pace.ts';
import { between, passedOver, type RotatedName, rotatedName, stemsOf } from './names.ts';

/** A file that may be a rotated one. */
export interface Sibling {
  path: AnyPath;
  /** As text, for people and for its name. */
  name: string;
  id: string;
  stats: BigIntStats;
  live: LivePath;
  target: string;
  /** Whether a live path names it: then it is to be read, whatever it is called. */
  named?: boolean;
  /** What its name says; undefined where it looks like somebody else's file. */
  rotated: RotatedName | undefined;
  /** Where its name differs from the live one's. */
  place?: string | undefined;
}

/** A name whose rotated files are looked for. */
export interface Base {
  path: string;
  live: LivePath;
  /** Whether this name itself may hold a file that is no more live. */
  former: boolean;
}

/** Files that are asked for one after another in this thread. */
const AT_ONCE = 256;
const DELIMITERS = /[._@+~-]|\d/;

/**
 * @param directory listed
 * @param bases in that directory
 * @throws the system's own error; a directory that isn't there is empty
 */
export async function list(
  directory: string,
  bases: readonly Base[],
  progress: () => void,
): Promise<Sibling[]> {
  const names = await readdir(directory, { encoding: 'buffer' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const local = await isLocal(directory);
  progress();
  const stems = new Map<string, Base[]>();
  for (const base of bases)
    for (const { stem } of stemsOf(basename(base.path))) {
      const those = stems.get(stem);
      if (those) those.push(base);
      else stems.set(stem, [base]);
    }
  const spans = bases.flatMap(spanOf);
  const found = new Map<string, Sibling>();
  let asked = 0;
  for (const raw of names.sort(Buffer.compare)) {
    const name = raw.toString();
    const ofStem = baseOf(name, stems);
    const named = ofStem?.rotated ? ofStem : (inSpan(name, spans) ?? ofStem);
    if (!named) continue;
    const text = join(directory, name);
    const path = Buffer.from(name).equals(raw) ? text : Buffer.concat([Buffer.from(`${directory}/`), raw]);
    if (++asked % AT_ONCE === 0) await turn();
    const stats = await statOf(path, local);
    progress();
    if (!stats?.isFile() || found.has(idOf(stats))) continue;
    const { base, ...says } = named;
    const target = base.path === base.live.path ? base.live.target : base.path;
    found.set(idOf(stats), { path, name: text, id: idOf(stats), stats, live: base.live, target, ...says });
  }
  return [...found.values()];
}

async function statOf(path: AnyPath, local: boolean): Promise<BigIntStats | undefined> {
  try {
    const stats = local ? lstatSync(path, { bigint: true, throwIfNoEntry: false }) : undefined;
    // A link may lead to where nobody answers.
    return stats?.isSymbolicLink() === false ? stats : await stat(path, { bigint: true });
  } catch {
    return undefined;
  }
}

interface Named extends Pick<Sibling, 'rotated' | 'place'> {
  base: Base;
}

/** The followed name of which a name may be a rotated one: the longest whose stem it shares. */
function baseOf(name: string, stems: Map<string, Base[]>): Named | undefined {
  let other: Named | undefined;
  for (let length = name.length; length > 0; length--) {
    if (length < name.length && !DELIMITERS.test(name[length]!)) continue;
    for (const base of stems.get(name.slice(0, length)) ?? []) {
      const itself = name === basename(base.path);
      if (itself && !base.former) return undefined;
      const place = between(name, basename(base.path))?.place;
      const rotated = itself ? undefined : rotatedName(name, basename(base.path));
      if (rotated) return { base, rotated, place };
      // Where another name says how old it is, that goes before.
      if (itself) other = { base, rotated: { number: 0, date: undefined }, place };
      else if (place !== undefined) other ??= { base, rotated, place };
    }
  }
  return other;
}

/** Two targets of a link, one after the other as far as is known: see `passedOver`. */
interface Span {
  base: Base;
  saysOf(name: string): RotatedName | undefined;
}

function spanOf({ path, live, former }: Base): Span[] {
  const isBoth = former && live.target !== live.path && dirname(path) === dirname(live.target);
  const saysOf = isBoth ? passedOver(basename(path), basename(live.target)) : undefined;
  return saysOf ? [{ base: { path: live.target, live, former: false }, saysOf }] : [];
}

function inSpan(name: string, spans: readonly Span[]): Named | undefined {
  for (const { base, saysOf } of spans) {
    const rotated = saysOf(name);
    if (rotated) return { base, rotated, place: undefined };
  }
  return undefined;
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

/** Whether two listings found the same names for the same files of the same sizes. */
export function isUnchanged(before: readonly Sibling[], after: readonly Sibling[]): boolean {
  const text = (siblings: readonly Sibling[]) =>
    siblings.map(({ name, id, stats }) => `${name} ${id} ${stats.size}`).join('\n');
  return text(before) === text(after);
}
