/** The state directory at a start: locks it, and reads what the last process left there. */
import type { Config } from '../config/schema.ts';
import { type Logger, logFault } from '../log/log.ts';
import { stateDirectory } from '../state/directory.ts';
import { StateLock } from '../state/lock.ts';
import { type Snapshot, SnapshotStore } from '../state/snapshot.ts';

export interface SavedState {
  store: SnapshotStore;
  /** Undefined where the directory takes none. */
  lock: StateLock | undefined;
  /** What an earlier process left; undefined: nothing. */
  snapshot: Snapshot | undefined;
}

/**
 * @returns undefined where nothing is kept across restarts
 * @throws ExporterError: a directory that can't be used, or that another exporter holds; a snapshot that can't be read
 */
export async function openState(
  config: Config,
  environment: NodeJS.ProcessEnv,
  log: Logger,
): Promise<SavedState | undefined> {
  const directory = await stateDirectory(config.state.dir, environment, (fault) => logFault(log, fault));
  if (directory === undefined) return undefined;
  const lock = await StateLock.take(directory, (reason) =>
    log.debug(
      { reason },
      "the state directory can't be locked: a second exporter there is noticed only later",
    ),
  );
  const store = new SnapshotStore(directory);
  return { store, lock, snapshot: await store.load((fault) => logFault(log, fault)) };
}
