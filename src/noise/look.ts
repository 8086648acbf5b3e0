/**
 * Looks at the noise of what an exporter follows, for its page: in a thread of its own, one at a time, and not again
 * for some minutes, since each look reads up to half a gigabyte.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import { within } from '../within.ts';
import { type LookOptions, lookAtFiles } from './look-at-files.ts';
import type { Noise } from './noise.ts';

/** What a look found. */
export interface Looked {
  /** When it began; milliseconds since the epoch. */
  at: number;
  noise: Noise;
  /** Whether there are older events that it did not read. */
  more: boolean;
}

/** Undefined: a look is under way. A text: why it failed, in words. */
export type Look = Looked | string | undefined;

/** Beside this file in dist/, bundled with what it needs. The source has none: a thread would not read TypeScript. */
const THREAD = import.meta.url.endsWith('.ts') ? undefined : new URL('./noise-thread.js', import.meta.url);
/** A container may have 192 MiB for all. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };
/** Milliseconds. */
const FRESH = 300_000;
const LONGEST = 120_000;
/** A request waits so long for a look that is under way. */
const PATIENCE = 2000;

export class NoiseLooks {
  readonly #options: LookOptions;
  readonly #clock: Clock;
  #running: Promise<Look> | undefined;
  #last: { look: Looked | string; ended: number } | undefined;

  constructor(options: LookOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** The last look, if it is fresh; else one that begins now. */
  async look(): Promise<Look> {
    if (this.#last && this.#clock.monotonic() - this.#last.ended < FRESH) return this.#last.look;
    this.#running ??= this.#begin();
    return within(PATIENCE, this.#running);
  }

  async #begin(): Promise<Look> {
    const at = this.#clock.now();
    const look = await (THREAD ? inThread(THREAD, this.#options) : lookAtFiles(this.#options))
      .then((found) => ({ at, ...found }))
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    this.#last = { look, ended: this.#clock.monotonic() };
    this.#running = undefined;
    return look;
  }
}

async function inThread(thread: URL, workerData: LookOptions): Promise<Omit<Looked, 'at'>> {
  const worker = new Worker(thread, { workerData, resourceLimits: LIMITS });
  worker.unref();
  const ended = once(worker, 'exit').then(() => {
    throw new Error('reading the events took more memory than it may');
  });
  ended.catch(() => undefined);
  try {
    const answer = await within(
      LONGEST,
      Promise.race([once(worker, 'message') as Promise<[Omit<Looked, 'at'> | string]>, ended]),
    );
    if (!answer) throw new Error(`reading the events took longer than ${LONGEST / 1000} s`);
    if (typeof answer[0] === 'string') throw new Error(answer[0]);
    return answer[0];
  } finally {
    void worker.terminate();
  }
}
