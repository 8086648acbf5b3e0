/** Where the snapshot is kept. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ExporterError, systemCode } from '../errors.ts';

export const DEFAULT_STATE_DIR = '/var/lib/falco-event-exporter';

/**
 * The state directory: the one configured, as it is, since naming one means it; else systemd's, else the
 * default one where that can be written.
 * @param configured '' asks for none
 * @param warn called if there is no memory though nobody asked for none
 * @returns undefined: nothing is kept across restarts
 */
export async function stateDirectory(
  configured: string | undefined,
  environment: NodeJS.ProcessEnv,
  warn: (fault: ExporterError) => void,
): Promise<string | undefined> {
  if (configured !== undefined) return configured || undefined;
  // systemd gives several, separated by colons, where a unit has several; ours is the first.
  const directory = environment.STATE_DIRECTORY?.split(':')[0] || DEFAULT_STATE_DIR;
  try {
    await makeDirectory(directory);
    await access(directory, constants.W_OK);
    return directory;
  } catch (error) {
    warn(
      new ExporterError('STATE_UNUSABLE', 'no state is kept: a restart will forget the counts', {
        place: { file: directory },
        advice: 'Name a writable directory with --state.dir, or give it no value to keep no state.',
        cause: error,
      }),
    );
    return undefined;
  }
}

/**
 * Makes a directory, and those above it, where they are not there. Node 20's own way never ends below /proc, which says
 * ENOENT to who makes a directory in it.
 * @throws the system's own error
 */
export async function makeDirectory(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await make();
  }
}
