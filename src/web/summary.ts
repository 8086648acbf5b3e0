/** What the page and /api/summary tell. Counts are the true ones, not what Prometheus is shown yet. */
import type { Ledger } from '../ledger/ledger.ts';
import type { InputStatus } from '../source/source.ts';

export interface Summary {
  version: string;
  /** "ready", or why it isn't. */
  state: string;
  inputs: { input: string; up: boolean; lagBytes: number; fault: string | null }[];
  /** Lines by outcome. */
  lines: Record<string, number>;
  /** `lastEvent` is the time of the rule's last event, RFC 3339; null where this series has none. */
  events: { rule: string; service: string; priority: string; count: number; lastEvent: string | null }[];
}

export function summarize(ledger: Ledger, inputs: InputStatus[], version: string, state: string): Summary {
  const { families, lastEvent } = ledger;
  return {
    version,
    state,
    inputs: inputs.map(({ input, up, lag, fault }) => ({
      input,
      up,
      lagBytes: lag,
      fault: fault?.describe() ?? null,
    })),
    lines: Object.fromEntries([...families.lines.all()].map(({ labels, count }) => [labels[0]!, count])),
    events: [...families.events.all()].map(({ labels: [rule, service, priority], count }) => {
      const time = lastEvent.get(rule!);
      const known = count > 0 && time !== undefined;
      return {
        rule: rule!,
        service: service!,
        priority: priority!,
        count,
        lastEvent: known ? new Date(time).toISOString() : null,
      };
    }),
  };
}
