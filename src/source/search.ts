/** Finding the file that a position means: by its content, among the path and its rotated kin. */
import type { OpenFile } from './opened.ts';
import { type Position, proves } from './position.ts';

/** A file that may be the one, not yet open. */
export interface Candidate {
  path: string;
  inode: string;
  open(): Promise<OpenFile>;
}

export interface Found {
  file: OpenFile;
  candidate: Candidate;
  head: Buffer;
  tail: Buffer;
}

/**
 * The first candidate whose bytes prove the position; left open. Those with the position's inode are tried first, as
 * they are most often the ones.
 * @returns undefined if it is none of them, or if nothing of the file was looked at yet: then nothing can prove it
 */
export async function find(position: Position, candidates: readonly Candidate[]): Promise<Found | undefined> {
  if (position.head.length === 0) return undefined;
  const likely = (candidate: Candidate) => (candidate.inode === position.inode ? 0 : 1);
  for (const candidate of [...candidates].sort((a, b) => likely(a) - likely(b))) {
    const found = await prove(position, candidate).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}

async function prove(position: Position, candidate: Candidate): Promise<Found | undefined> {
  const file = await candidate.open();
  try {
    const head = await file.bytes(0, position.head.length);
    if (proves(position.head, head)) {
      const tail = await file.bytes(position.offset - position.tail.length, position.tail.length);
      if (proves(position.tail, tail)) return { file, candidate, head, tail };
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}
