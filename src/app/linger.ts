/**
 * `--web.linger`: the end of a pod whose state goes with it. What was counted and never scraped would be lost, so the
 * process goes on to read and to serve until the writers are silent, all is read, and every scraper was given all
 * counts twice: one answer may be lost. It waits only for scrapers that still come.
 */
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { View } from '../ledger/views/view.ts';
import type { Views } from '../ledger/views/views.ts';
import type { InputStatus } from '../source/source.ts';

export interface LingerOptions {
  ledger: Ledger;
  views: Views;
  inputs: { statuses(): readonly Pick<InputStatus, 'lag'>[] };
  clock: Pick<Clock, 'monotonic'>;
  /** At most so long; milliseconds. */
  patience: number;
  /** Waits so many milliseconds. @throws when the operator wants the end at once */
  pause(milliseconds: number): Promise<unknown>;
}

/** How often it looks; and how long nothing may have come until the writers are taken for gone. Milliseconds. */
const LOOK = 100;
const SILENT = 2000;
/** A scraper that is so far behind another is waited for no longer; milliseconds. */
const BEHIND = 120_000;

/** @returns why it waits no longer; undefined: it was not to wait */
export async function linger(options: LingerOptions): Promise<string | undefined> {
  const { ledger, views, inputs, clock, patience } = options;
  if (patience === 0) return undefined;
  const began = clock.monotonic();
  let { counts } = ledger;
  let changed = began;
  /** By view: its scrapes when it was first found to have been given all. */
  let given = new Map<View, number>();
  for (let now = began; now - began < patience; now = clock.monotonic()) {
    if (ledger.counts !== counts || inputs.statuses().some(({ lag }) => lag > 0)) {
      counts = ledger.counts;
      changed = now;
      given = new Map();
    }
    const waited = views.waitedFor(BEHIND);
    for (const view of waited)
      if (!view.isLevel(ledger.families.series)) given.delete(view);
      else if (!given.has(view)) given.set(view, view.scrapes);
    const isSeen = waited.every((view) => view.scrapes > (given.get(view) ?? Number.POSITIVE_INFINITY));
    if (now - changed >= SILENT && isSeen)
      return waited.length === 0 ? 'no scraper is known' : 'every scraper has seen every count';
    try {
      await options.pause(LOOK);
    } catch {
      return 'a second signal came';
    }
  }
  return 'the time of --web.linger is over';
}
