/** The positions in a snapshot, as they are written now, and as version 1 wrote them. */
import { resolve } from 'node:path';
import * as z from 'zod';
import { type Digest, type Fingerprint, shorten } from '../source/rotated/position.ts';
import type { FilePositions } from '../source/source.ts';

const length = z.number().int().nonnegative();
const digest = z.object({ length, sha256: z.string() });
const head = digest.extend({ line: digest });
const place = { path: z.string(), device: z.string(), inode: z.string(), offset: length };

/** Of one file. */
export const filePosition = z.object({
  ...place,
  input: z.string(),
  live: z.string(),
  target: z.string(),
  head,
  tail: digest,
  lines: z.string().optional(),
  pending: length.optional(),
  carried: z.object({ length, starts: z.array(length), held: z.string() }).optional(),
  seen: z.number(),
  lost: z.boolean().optional(),
});

/** Version 1: hashes were whole, in hex, and each path, and each pattern, had its own. */
export const pathPositions = z.object({
  input: z.string(),
  path: z.string(),
  targets: z.array(z.string()),
  since: z.number(),
  files: z.array(z.object({ ...place, head, tail: digest, pending: length.optional() })),
  finished: z.array(head),
});
export type PathPositions = z.output<typeof pathPositions>;

/** Of a content that was read to its end version 1 knew no more than how it begins. */
const WHOLE = -1;

/** What version 1 knew, as it is known now. */
export function upgraded(paths: readonly PathPositions[]): FilePositions {
  const short = ({ length, sha256 }: Digest): Digest => ({
    length,
    sha256: shorten(Buffer.from(sha256, 'hex')),
  });
  const both = (head: Fingerprint): Fingerprint => ({ ...short(head), line: short(head.line) });
  const words = ({ length, sha256 }: Digest) => `${length} ${sha256}`;
  const finished = paths.flatMap((path) => path.finished.map(both));
  const empty = { length: 0, sha256: '-' };
  return {
    time: 0,
    begun: [...new Set(paths.flatMap(({ input, path }) => [input, resolve(path)]))],
    files: paths.flatMap(({ input, path, targets, files }) =>
      files.map((file, index) => ({
        ...file,
        ...{ input, live: resolve(path), seen: 0, head: both(file.head), tail: short(file.tail) },
        target: targets[Math.min(index, targets.length - 1)] ?? resolve(path),
      })),
    ),
    finished: [
      ...new Set(finished.map((each) => `${words(each)} ${words(each.line)} ${words(empty)} ${WHOLE} 0`)),
    ].join('\n'),
  };
}
