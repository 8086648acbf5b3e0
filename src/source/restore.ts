/** Where an earlier process stood, found again among the files that are there now. */
import type { Heads } from './heads.ts';
import { isUnchanged, type Listing } from './kin.ts';
import type { Kinship } from './kinship.ts';
import { type Position, PROOF_BYTES } from './position.ts';
import { type Candidate, type Found, find, Moved } from './search.ts';
import type { PathPositions } from './source.ts';

export interface Restored {
  /** Oldest first, each open. */
  found: { position: Position; file: Found }[];
  /** Positions whose file is nowhere: what was written to it since is lost. */
  lost: Position[];
}

/** How often it is tried anew where files change meanwhile. */
const TRIES = 5;

/**
 * @param finished files that are known to be none of those looked for
 * @returns undefined where names change too fast to tell
 */
export async function restore(
  kinship: Kinship,
  { targets, files: positions }: Pick<PathPositions, 'targets' | 'files'>,
  finished: Heads,
): Promise<Restored | undefined> {
  let listing = await kinship.list(targets);
  for (let tries = 0; tries < TRIES && listing; tries++) {
    const restored = await search(kinship.candidates(listing), positions, finished);
    const after: Listing | undefined = await kinship.list(targets);
    // copytruncate may have moved a content from a file not yet looked into to one that had not been there.
    const sure = restored && (restored.lost.length === 0 || (after && isUnchanged(listing, after)));
    if (sure) return restored;
    for (const { file } of restored?.found ?? []) await file.file.close();
    listing = after;
  }
  return undefined;
}

/** @returns undefined where a file was moved meanwhile */
async function search(
  candidates: Candidate[],
  positions: readonly Position[],
  finished: Heads,
): Promise<Restored | undefined> {
  const restored: Restored = { found: [], lost: [] };
  const empty: Position[] = [];
  try {
    for (const position of positions) {
      const file = await find(position, candidates);
      if (file) {
        candidates.splice(candidates.indexOf(file.candidate), 1);
        restored.found.push({ position, file });
      } else (position.head.length === 0 ? empty : restored.lost).push(position);
    }
    // Of a file of which nothing was counted only the inode tells, which rename keeps. Compressed since, it may be any
    // whose content is not known: that one will be read whole.
    const isThere = ({ inode }: Position) => candidates.some((candidate) => candidate.inode === inode);
    for (const position of empty)
      if (!isThere(position) && !(await anyUnknownZipped(candidates, finished))) restored.lost.push(position);
    return restored;
  } catch (error) {
    for (const { file } of restored.found) await file.file.close();
    if (error instanceof Moved) return undefined;
    throw error;
  }
}

async function anyUnknownZipped(candidates: readonly Candidate[], finished: Heads): Promise<boolean> {
  for (const candidate of candidates) {
    const file = await candidate.open();
    const head = await file
      .bytes(0, PROOF_BYTES)
      .catch(() => undefined)
      .finally(() => file.close());
    if (head && !file.grows && !finished.find(head)) return true;
  }
  return false;
}
