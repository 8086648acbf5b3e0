/** Where the reading of a path begins: anew, or where an earlier process stood. */
import type { Followed } from './followed.ts';
import type { Heads } from './heads.ts';
import type { Kinship } from './kinship.ts';
import type { Opener } from './opener.ts';
import type { Head, Position } from './position.ts';
import { restore } from './restore.ts';
import type { PathPositions } from './source.ts';

export interface Beginning {
  files: Followed[];
  /** Where the path's files were, or are. */
  targets: readonly string[];
  /** Contents that must not be read. */
  finished: Head[];
  /** Positions whose file is nowhere. */
  lost: Position[];
}

/**
 * @param start where to begin in the file that is there
 * @param skipKin whether what was rotated away before is old: at the very first start
 * @returns undefined while a rotation is under way
 */
export async function beginAnew(
  opener: Opener,
  kinship: Kinship,
  start: 'beginning' | 'end',
  skipKin: boolean,
): Promise<Beginning | undefined> {
  const listing = await kinship.list([]);
  if (!listing) return undefined;
  const { live, target } = listing;
  // What can't be opened is told by the look that follows.
  const file = live && (await opener.live().catch(() => undefined));
  const opened = await file?.stat();
  if (opened && (opened.ino !== live?.ino || opened.dev !== live.dev)) {
    await file!.close();
    return undefined;
  }
  const finished = skipKin ? await kinship.heads(listing) : [];
  if (!file) return { files: [], targets: [target], finished, lost: [] };
  const followed =
    start === 'end' ? await opener.fromEnd(file, target) : await opener.fromStart(file, target);
  return { files: [followed], targets: [target], finished, lost: [] };
}

/** @returns undefined while a rotation is under way, and when reading was stopped meanwhile */
export async function beginAgain(
  opener: Opener,
  kinship: Kinship,
  saved: PathPositions,
  finished: Heads,
  halt: AbortSignal,
): Promise<Beginning | undefined> {
  const restored = await restore(kinship, saved, finished);
  if (!restored) return undefined;
  const { found, lost } = restored;
  const files: Followed[] = [];
  for (const { position, file } of found)
    files.push(await opener.from(position, file, file.candidate.target));
  if (halt.aborted) {
    for (const { file } of files) await file.close();
    return undefined;
  }
  // Part of what is lost may still be there, as a copy that is shorter than what was counted.
  return { files, targets: saved.targets, finished: lost.map(({ head }) => head), lost };
}
