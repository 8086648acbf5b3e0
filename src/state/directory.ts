/** Where the snapshot is kept. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { ExporterError } from '../errors.ts';

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
    await mkdir(directory, { recursive: true });
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
