import { Framing } from './framing.ts';
import { PlainScanner } from './plain.ts';

/**
 * Time of the first event in the beginning of a file, in milliseconds since the epoch; NaN where there is none. The last
 * line may be cut off.
 */
export function firstEventTime(beginning: Buffer): number {
  const { payload } = new Framing(beginning.length).push(beginning, 0);
  const { lines, time } = new PlainScanner([], beginning.length).scan(payload);
  return time.subarray(0, lines).find((each) => !Number.isNaN(each)) ?? Number.NaN;
}
