/** The files of a list of paths, in Falco's order, and their text, within a bound. */

import { constants, type Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import type { Problems } from './problem.ts';

/** All YAML files of one load together may have this many bytes. Falco's three stock files have 0.22 MiB. */
export const MAX_YAML_BYTES = 2 * 1024 * 1024;
/** One JSON file (`falco -L -o json_output=true`), which is read much faster. */
export const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** The bytes that the YAML files of one load may still have. */
export interface Budget {
  yaml: number;
}

/** Falco's order: as given; a directory is its *.yaml and *.yml files, not deeper, by name. */
export async function expandPaths(paths: readonly string[], problems: Problems): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const stats = await look(path, problems);
    if (stats?.isDirectory()) files.push(...(await listDirectory(path, problems)));
    else if (stats) files.push(path);
  }
  return files;
}

async function listDirectory(path: string, problems: Problems): Promise<string[]> {
  try {
    const names = (await readdir(path))
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(path, name));
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const files: string[] = [];
    for (const name of names) if (!(await stat(name)).isDirectory()) files.push(name);
    if (files.length === 0)
      problems.warning(
        'YAML_MISSING',
        { file: path },
        'no *.yaml or *.yml file is in this directory',
        'Falco reads only such files, and none in directories below.',
      );
    return files;
  } catch (error) {
    unreadable(path, error, problems);
    return [];
  }
}

/** The text of a regular file within its bound, or undefined and a problem. JSON has its own bound where it `mayBeJson`. */
export async function readBounded(
  path: string,
  budget: Budget,
  problems: Problems,
  mayBeJson = false,
): Promise<string | undefined> {
  const stats = await look(path, problems);
  if (!stats) return undefined;
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? 'a directory where a file is meant' : 'not a regular file';
    problems.error('YAML_NOT_A_FILE', { file: path }, what, 'Give the path of a YAML file.');
    return undefined;
  }
  try {
    return await read(path, budget, problems, mayBeJson);
  } catch (error) {
    unreadable(path, error, problems);
    return undefined;
  }
}

async function read(
  path: string,
  budget: Budget,
  problems: Problems,
  mayBeJson: boolean,
): Promise<string | undefined> {
  // should the path have become a FIFO since it was looked at, this does not wait for its writer
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    let limit = budget.yaml;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(256 * 1024));
      if (bytesRead === 0) break;
      if (mayBeJson && size === 0 && looksLikeJson(buffer.toString('utf8', 0, bytesRead)))
        limit = MAX_JSON_BYTES;
      size += bytesRead;
      if (size > limit) {
        problems.error(
          'YAML_TOO_LARGE',
          { file: path },
          limit === MAX_JSON_BYTES
            ? `more than ${MAX_JSON_BYTES / 1024 / 1024} MiB`
            : `more than ${MAX_YAML_BYTES / 1024 / 1024} MiB, with the files before it`,
          'Nothing of this file was read: is it a rules file? Give fewer or smaller files.',
        );
        return undefined;
      }
      chunks.push(buffer.subarray(0, bytesRead));
    }
    if (limit !== MAX_JSON_BYTES) budget.yaml -= size;
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** What `falco -L -o json_output=true` prints is one object; a rules file begins with anything but `{`. */
export function looksLikeJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

async function look(path: string, problems: Problems): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    unreadable(path, error, problems);
    return undefined;
  }
}

function unreadable(path: string, error: unknown, problems: Problems): void {
  const code = systemCode(error);
  if (code === 'ENOENT')
    problems.error('YAML_MISSING', { file: path }, 'no such file or directory', 'Check the path.');
  else
    problems.error(
      'YAML_UNREADABLE',
      { file: path },
      `can't be read (${code ?? String(error)})`,
      'Check its permissions, and those of the directories above it.',
    );
}
