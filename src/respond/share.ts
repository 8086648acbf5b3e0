/**
 * Fair shares of what all use together: budget, room on the disk, places. Whoever had some gets more only while more than
 * that is left, so nobody gets more than half of what he finds. A flood can't take the last from others.
 */
export function hasShare(left: number, had: number): boolean {
  return left > had;
}

/** How much of what is left may be taken at once by this rule. */
export function shareOf(left: number, had: number): number {
  return Math.max(0, Math.floor((left - had) / 2));
}
