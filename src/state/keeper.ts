/**
 * When snapshots are written: code that needs one on disk asks, and all who ask while one is being written share the
 * next. There is never more than one writing at a time.
 */
import type { Clock } from '../clock.ts';
import { ExporterError } from '../errors.ts';
import { within } from '../within.ts';
import type { Snapshot, SnapshotStore } from './snapshot.ts';

/** Milliseconds. */
const ANSWER_PATIENCE = 1000;

export interface KeeperOptions {
  store: SnapshotStore;
  clock: Clock;
  /** The value as it is now; taken in one step. */
  take(): Snapshot;
  /** Changes with every change of that value; undefined while it is not to be kept. */
  version(): number | undefined;
  /** A snapshot could not be written, or not in time. STATE_NOT_OURS must end the process. */
  failed(error: ExporterError): void;
}

export class Keeper {
  readonly #options: KeeperOptions;
  /** Version of the value that the snapshot on disk holds. */
  #kept: number | undefined;
  #writing: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;
  #lastWritten: number | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** When the snapshot on disk was written, in milliseconds since the epoch; undefined: not by this process. */
  get lastWritten(): number | undefined {
    return this.#lastWritten;
  }

  /**
   * Waits until the snapshot on disk holds all that there was at the call.
   * @returns false if it could not be written; never throws
   */
  keep(): Promise<boolean> {
    if (this.#kept === this.#options.version()) return Promise.resolve(true);
    // What is being written was taken before this call; the next one is taken after it.
    if (this.#next) return this.#next;
    if (!this.#writing) return this.#write();
    this.#next = this.#writing.then(() => {
      this.#next = undefined;
      // What was being written may have held it all.
      return this.keep();
    });
    return this.#next;
  }

  /** `keep`, but an answer waits no longer than a second for it. */
  async keepForAnswer(): Promise<void> {
    const kept = await within(ANSWER_PATIENCE, this.keep());
    if (kept !== undefined) return;
    this.#options.failed(
      new ExporterError('STATE_UNUSABLE', 'the snapshot was not written within 1 s', {
        advice: 'Put --state.dir on a faster disk. The answer was given without it.',
      }),
    );
  }

  #write(): Promise<boolean> {
    const { store, take, version, clock, failed } = this.#options;
    const taken = version();
    this.#writing = store
      .write(take())
      .then(() => {
        this.#kept = taken;
        this.#lastWritten = clock.now();
        return true;
      })
      .catch((error: unknown) => {
        failed(error as ExporterError);
        return false;
      })
      .finally(() => {
        this.#writing = undefined;
      });
    return this.#writing;
  }
}
