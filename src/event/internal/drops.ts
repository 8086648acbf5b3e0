/** What Falco's own events say about lost system calls, and how they write numbers. */

/** Why Falco lost system calls, as `falco_syscall_events_dropped_total` labels it. */
export const DROP_REASONS = ['buffer', 'page_fault', 'bug', 'scratch_map', 'other'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/**
 * What was lost, by reason. The named reasons never outweigh the total: each takes what is left of it, so that the sum
 * stays what Falco says.
 */
export function dropsByReason(
  total: number,
  named: Partial<Record<DropReason, number | undefined>>,
): Record<DropReason, number> {
  let left = total;
  const take = (most: number) => {
    const taken = Math.min(most, left);
    left -= taken;
    return taken;
  };
  return {
    buffer: take(named.buffer ?? 0),
    page_fault: take(named.page_fault ?? 0),
    bug: take(named.bug ?? 0),
    scratch_map: take(named.scratch_map ?? 0),
    other: left,
  };
}

/** Falco writes numbers, in some events as strings. Undefined for what is no whole number. */
export function amount(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value === '')) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) return undefined;
  return Math.min(number, Number.MAX_SAFE_INTEGER);
}
