/** The state directory at a start: locks it, reads what the last process left there, and goes on from its counts. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { History } from '../ledger/history/history.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { restore } from '../ledger/state.ts';
import { restoreViews } from '../ledger/views/state.ts';
import type { Views } from '../ledger/views/views.ts';
import { type Logger, logFault } from '../log/log.ts';
import { stateDirectory } from '../state/directory.ts';
import { StateLock } from '../state/lock.ts';
import { type Snapshot, SnapshotStore } from '../state/snapshot.ts';
import type { Amount, Notices } from './notices.ts';

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

/** Goes on from the counts of the process before. */
export function restoreCounts(
  saved: SavedState | undefined,
  into: { ledger: Ledger; history: History; views: Views; notices: Notices },
  { config, clock }: { config: Config; clock: Clock },
): void {
  if (!saved?.snapshot) return;
  const { ledger, history, views, notices } = into;
  const { ledger: state } = saved.snapshot;
  const restored = restore(ledger, state);
  notices.restored(amountOf(ledger), ledger.families.series.length, saved.store.loadedAt);
  history.restore(state.history, ledger.families.events.all());
  restoreViews(views, state.views ?? [], restored, config.web.hold, clock);
}

/** What was counted so far. */
export function amountOf({ families }: Ledger): Amount {
  const bytes = [...families.bytes.all()].reduce((sum, { count }) => sum + count, 0);
  return { events: families.lines.series(['event']).count, bytes };
}
