/** `--since` and `--until`: which events are counted, by their own time. */
import { ExporterError } from '../errors.ts';
import { type Batch, OUTCOME } from '../event/scan/scanner.ts';
import { parseTime } from '../event/time.ts';

/** Milliseconds since the epoch; from `since` on, and before `until`. */
export interface Range {
  since: number;
  until: number;
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What the flags say; undefined where neither was given. A moment is RFC 3339, a date (its beginning, UTC), or how long
 * ago (`90m`, `24h`, `7d`).
 * @throws CONFIG_FLAG
 */
export function parseRange(
  since: string | undefined,
  until: string | undefined,
  now: number,
): Range | undefined {
  if (since === undefined && until === undefined) return undefined;
  const range = {
    since: since === undefined ? Number.NEGATIVE_INFINITY : moment('since', since, now),
    until: until === undefined ? Number.POSITIVE_INFINITY : moment('until', until, now),
  };
  if (range.since < range.until) return range;
  throw new ExporterError('CONFIG_FLAG', '--since must be before --until');
}

function moment(flag: string, text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * UNITS[unit!]!;
  const time = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!Number.isNaN(time)) return time;
  throw new ExporterError('CONFIG_FLAG', `--${flag}: ${JSON.stringify(text)} is not a time`, {
    advice: 'Give one such as 2026-11-23T14:00:00Z, 2026-11-23, or how long ago: 90m, 24h, 7d.',
  });
}

/**
 * Takes the events out of a batch whose time lies outside, and those that have none; lines without a time of their own
 * stay.
 * @returns how many were taken out
 */
export function keepWithin(batch: Batch, { since, until }: Range): number {
  let kept = 0;
  for (let line = 0; line < batch.lines; line++) {
    const tuple = batch.tuple[line]!;
    const time = batch.time[line]!;
    const isEvent = tuple >= 0 || tuple === OUTCOME.internal;
    if (isEvent && !(time >= since && time < until)) continue;
    for (const column of [batch.tuple, batch.time, batch.start, batch.end]) column[kept] = column[line]!;
    kept++;
  }
  const left = batch.lines - kept;
  batch.lines = kept;
  return left;
}
