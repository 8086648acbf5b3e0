/** Which files hold what an input printed: the followed ones and their rotated ones, as far as one look may read. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { rotatedName } from '../source/rotated/names.ts';

/** Bytes that one look reads, as they would be uncompressed. A gigabyte takes some seconds. */
const MOST_BYTES = 512 * 1024 * 1024;
/** What can't be read here. */
const OTHERWISE_COMPRESSED = /\.(?:zst|xz|bz2|lz4|Z)$/;
/** What a compressed byte of events holds, about. */
const COMPRESSED = 15;

export interface NoiseFile {
  path: string;
  /** The byte to begin at; what lies before is more than one look reads. */
  from: number;
}

export interface NoiseFiles {
  /** The latest first. */
  files: NoiseFile[];
  /** Whether there are older events that are not read. */
  more: boolean;
}

/** @param inputs paths and patterns as they are configured; "-" holds none */
export async function noiseFiles(inputs: readonly string[], most = MOST_BYTES): Promise<NoiseFiles> {
  const found = new Map<string, { path: string; size: number; written: number }>();
  for (const input of inputs.filter((text) => text !== '-'))
    for (const path of await live(input)) for (const each of await withRotated(path)) await add(found, each);
  // A file and its compressed form hold the same events.
  for (const [id, { path }] of found)
    if (path.endsWith('.gz') && [...found.values()].some((other) => `${other.path}.gz` === path))
      found.delete(id);
  const files: NoiseFile[] = [];
  let [left, more] = [most, false];
  for (const { path, size } of [...found.values()].sort((a, b) => b.written - a.written)) {
    const gz = path.endsWith('.gz');
    const bytes = gz ? size * COMPRESSED : size;
    // The end of a compressed file can't be read without its beginning.
    if (left <= 0 || (gz && bytes > left)) {
      more = true;
      continue;
    }
    const from = Math.max(0, bytes - left);
    if (from > 0) more = true;
    left -= bytes - from;
    files.push({ path, from: gz ? 0 : from });
  }
  return { files, more };
}

async function live(input: string): Promise<string[]> {
  const exists = await lstat(input).catch(() => undefined);
  return exists ? [resolve(input)] : (await glob(input, { absolute: true, expandDirectories: false })).sort();
}

async function withRotated(path: string): Promise<string[]> {
  const [directory, base] = [dirname(path), basename(path)];
  const names = await readdir(directory).catch(() => []);
  const rotated = names.filter(
    (name) => name !== base && !OTHERWISE_COMPRESSED.test(name) && rotatedName(name, base) !== undefined,
  );
  return [path, ...rotated.map((name) => join(directory, name))];
}

async function add(
  found: Map<string, { path: string; size: number; written: number }>,
  path: string,
): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  // A pipe would never end.
  if (!stats?.isFile() || stats.size === 0) return;
  found.set(`${stats.dev}:${stats.ino}`, { path, size: stats.size, written: stats.mtimeMs });
}
