/** The views as plain values: what a snapshot holds of them. */
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { type Series, sum } from '../series.ts';
import { View } from './view.ts';
import type { Views } from './views.ts';

const amount = z.number().int().nonnegative();

export const viewState = z.object({
  group: z.string(),
  address: z.string(),
  agent: z.string(),
  /** Its first and its last scrape, in milliseconds since the epoch. */
  first: z.number(),
  last: z.number(),
  scrapes: amount,
  /** Milliseconds. */
  interval: z.number().positive().optional(),
  /** Where it was shown less than the count: a series' place in the snapshot, how much less, and so on. */
  behind: z.array(amount),
});
export type ViewState = z.infer<typeof viewState>;

/** @param order the series in the order in which the snapshot holds them */
export function viewsState(views: Views, order: readonly Series[], clock: Clock): ViewState[] {
  // Each start begins its own monotonic clock.
  const epoch = clock.now() - clock.monotonic();
  return [...views.all()].map((view) => {
    const behind: number[] = [];
    for (const [place, { index, count }] of order.entries()) {
      const less = count - view.shown(index);
      if (less > 0) behind.push(place, sum(less, 0));
    }
    return {
      ...view.who,
      first: epoch + view.first,
      last: epoch + view.last,
      scrapes: view.scrapes,
      ...(view.interval !== undefined && { interval: view.interval }),
      behind,
    };
  });
}

/**
 * @param saved series as the snapshot held them: its count then, and the series that it is now
 * @param hold the least, in milliseconds
 */
export function restoreViews(
  views: Views,
  states: readonly ViewState[],
  saved: readonly { series: Series | undefined; count: number }[],
  hold: number,
  clock: Clock,
): void {
  const epoch = clock.now() - clock.monotonic();
  for (const { group, address, agent, first, last, scrapes, interval, behind } of states) {
    // A clock that was set back in between must not make a scrape of the future.
    const past = { first: first - epoch, last: Math.min(last - epoch, clock.monotonic()), scrapes, interval };
    const view = new View({ group, address, agent }, hold, past);
    const less = new Map<number, number>();
    for (let at = 0; at + 1 < behind.length; at += 2) less.set(behind[at]!, behind[at + 1]!);
    for (const [place, { series, count }] of saved.entries())
      if (series)
        view.begin(series.index, view.shown(series.index) + Math.max(0, count - (less.get(place) ?? 0)));
    views.restore(view);
  }
}
