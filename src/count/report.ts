/** What was counted, as a table for people, as JSON, and as Prometheus text. */
import { gravity } from '../event/priority.ts';
import { ledgerText } from '../metrics/exposition.ts';
import { safeText } from '../safe.ts';
import type { Counted } from './count.ts';
import type { Tally } from './tally.ts';

export type Output = 'table' | 'json' | 'prometheus';

export async function report(counted: Counted, output: Output): Promise<string> {
  if (output === 'prometheus') return ledgerText(counted.ledger.families);
  return output === 'json' ? `${JSON.stringify(asJson(counted), undefined, 2)}\n` : table(counted);
}

function eventsOf({ ledger }: Counted) {
  const { events } = ledger.families;
  return [...events.all()]
    .filter(({ count }) => count > 0)
    .map(({ labels, count }) => ({ labels, count }))
    .sort((a, b) => gravity(a.labels[2]!) - gravity(b.labels[2]!) || b.count - a.count);
}

function linesOf({ ledger }: Counted): Record<string, number> {
  return Object.fromEntries([...ledger.families.lines.all()].map(({ labels, count }) => [labels[0]!, count]));
}

function asJson(counted: Counted) {
  const { labelNames } = counted.ledger.families.events;
  return {
    events: eventsOf(counted).map(({ labels, count }) => ({
      ...Object.fromEntries(labelNames.map((name, index) => [name, labels[index]])),
      count,
    })),
    lines: linesOf(counted),
    tallies: counted.tallies,
  };
}

function table(counted: Counted): string {
  const events = eventsOf(counted);
  const names = counted.ledger.families.events.labelNames.map((name) => name.toUpperCase());
  const rows = events.map(({ labels, count }) => [...labels.map(safeText), String(count)]);
  const lines = Object.entries(linesOf(counted)).map(([outcome, count]) => `${outcome} ${count}`);
  const parts = [`lines: ${lines.join(', ')}`, ...counted.tallies.map(tallyText)];
  return `${rows.length > 0 ? `${columns([[...names, 'EVENTS'], ...rows])}\n\n` : ''}${parts.join('\n')}\n`;
}

/** Left-aligned columns, the last one, of numbers, to the right. */
function columns(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column === widths.length - 1 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

function tallyText({ detected, counted, agrees, differences }: Tally): string {
  if (agrees) return `Falco's tally agrees: ${detected} events`;
  const rules = differences.map(
    ({ rule, falco, counted: ours }) => `\n  ${safeText(rule)}: Falco ${falco}, counted ${ours}`,
  );
  return `Falco's tally does not agree: it says ${detected} events, ${counted} were counted${rules.join('')}`;
}
