/** Falco's own events: rare, at most a few a minute, so each is simply parsed. */

/** Why Falco lost system calls, as `falco_syscall_events_dropped_total` labels it. */
export const DROP_REASONS = ['buffer', 'page_fault', 'bug', 'scratch_map', 'other'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** The events that Falco 0.44 can print of itself; others are counted under their own name. */
export const INTERNAL_EVENTS = [
  'metrics snapshot',
  'syscall event drop',
  'timeouts notification',
  'hot restart failure',
  'capture size limit reached',
] as const;

const PREFIX = 'Falco internal: ';

/**
 * Whether an event is Falco's own. Before 0.35 it said so by its rule's name alone; no rule of anybody's has that name
 * and no source.
 * @param source '' where the event has none
 */
export function isInternal(rule: string, source: string): boolean {
  return source === 'internal' || (source === '' && rule.startsWith(PREFIX));
}

export interface InternalEvent {
  /** The rule's name without "Falco internal: ". */
  name: string;
  /** System calls lost, by reason; they sum to the event's n_drops. Only in "syscall event drop". */
  drops?: Record<DropReason, number>;
}

/** Reads a line that the scanner found to be internal. */
export function readInternal(line: string): InternalEvent {
  const event = JSON.parse(line) as { rule: string; output_fields?: Record<string, unknown> };
  const name = event.rule.startsWith(PREFIX) ? event.rule.slice(PREFIX.length) : event.rule;
  if (name !== 'syscall event drop') return { name };
  const fields = event.output_fields ?? {};
  const total = amount(fields.n_drops);
  const drops = {
    buffer: amount(fields.n_drops_buffer_total),
    page_fault: amount(fields.n_drops_page_faults),
    bug: amount(fields.n_drops_bug),
    scratch_map: amount(fields.n_drops_scratch_map),
    other: 0,
  };
  // The named reasons never outweigh the total: each takes what is left of it, so that the sum stays n_drops.
  let left = total;
  for (const reason of DROP_REASONS) {
    drops[reason] = reason === 'other' ? left : Math.min(drops[reason], left);
    left -= drops[reason];
  }
  return { name, drops };
}

/** Falco writes these numbers as strings. What isn't a whole number counts as nothing. */
function amount(value: unknown): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
