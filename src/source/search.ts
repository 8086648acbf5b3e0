/** Finding the file that a position means: by its content, among the path and its rotated kin. */
import type { OpenFile } from './opened.ts';
import { type Position, proves } from './position.ts';

/** A file that may be the one, not yet open. */
export interface Candidate {
  /** The live file's real path, where it is kin that of which it is. */
  target: string;
  inode: string;
  /** @throws Moved where the path names another file by now, or the system's own error */
  open(): Promise<OpenFile>;
}

/** A rotation went on under a listing: what it says can't be relied on. */
export class Moved extends Error {}

export interface Found {
  file: OpenFile;
  candidate: Candidate;
  head: Buffer;
  tail: Buffer;
}

/**
 * The candidate whose bytes prove the position; left open. Of a file and its copies it is the one with the position's
 * inode, else the longest: copies stay as they were made.
 * @returns undefined if it is none of them, or if nothing of the file was counted yet: then nothing can prove it
 * @throws Moved
 */
export async function find(position: Position, candidates: readonly Candidate[]): Promise<Found | undefined> {
  if (position.head.length === 0) return undefined;
  const likely = (candidate: Candidate) => (candidate.inode === position.inode ? 0 : 1);
  let best: (Found & { length: number }) | undefined;
  for (const candidate of [...candidates].sort((a, b) => likely(a) - likely(b))) {
    if (best?.candidate.inode === position.inode) break;
    const file = await candidate.open().catch(async (error: unknown) => {
      if (!(error instanceof Moved)) return;
      await best?.file.close();
      throw error;
    });
    if (!file) continue;
    const proof = await provedBy(file, position).catch(() => undefined);
    const length = proof ? await file.length() : 0;
    if (proof && (!best || length > best.length)) {
      await best?.file.close();
      best = { file, candidate, length, ...proof };
    } else await file.close();
  }
  return best;
}

/** The bytes of a file that prove a position; undefined if they don't. */
export async function provedBy(
  file: OpenFile,
  position: Position,
): Promise<{ head: Buffer; tail: Buffer } | undefined> {
  if (position.head.length === 0) return undefined;
  const head = await file.bytes(0, position.head.length);
  if (!proves(position.head, head)) return undefined;
  const tail = await file.bytes(position.offset - position.tail.length, position.tail.length);
  return proves(position.tail, tail) ? { head, tail } : undefined;
}
