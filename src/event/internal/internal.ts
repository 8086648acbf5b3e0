/** Falco's own events: rare, at most a few a minute, so each is simply parsed. */

import { amount, type DropReason, dropsByReason } from './drops.ts';
import { type FalcoMetrics, readFalcoMetrics } from './falco-metrics.ts';

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
  /** Only in "metrics snapshot". */
  metrics?: FalcoMetrics;
}

/** Reads a line that the scanner found to be internal. */
export function readInternal(line: string): InternalEvent {
  const event = JSON.parse(line) as { rule: string; output_fields?: Record<string, unknown> };
  const name = event.rule.startsWith(PREFIX) ? event.rule.slice(PREFIX.length) : event.rule;
  const fields = event.output_fields ?? {};
  if (name === 'metrics snapshot') return { name, metrics: readFalcoMetrics({ ...event }, fields) };
  if (name !== 'syscall event drop') return { name };
  const drops = dropsByReason(amount(fields.n_drops) ?? 0, {
    buffer: amount(fields.n_drops_buffer_total),
    page_fault: amount(fields.n_drops_page_faults),
    bug: amount(fields.n_drops_bug),
    scratch_map: amount(fields.n_drops_scratch_map),
  });
  return { name, drops };
}
