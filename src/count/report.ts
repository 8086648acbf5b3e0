/** What was counted, as a table for people, as JSON, and as Prometheus text. */
import { ExporterError } from '../errors.ts';
import { REFUSALS, type Refusal } from '../event/framing/refusal.ts';
import { gravity } from '../event/priority.ts';
import { OUTCOMES } from '../ledger/families.ts';
import { ledgerText } from '../metrics/exposition.ts';
import { safeJson, safeText } from '../safe.ts';
import { type Counted, type FileCount, isWithoutEvents } from './count.ts';
import type { Tally } from './tally.ts';

export type Output = 'table' | 'json' | 'prometheus';

export async function report(counted: Counted, output: Output): Promise<string> {
  if (output === 'prometheus') return ledgerText(counted.ledger.families);
  return output === 'json' ? `${safeJson(asJson(counted))}\n` : table(counted);
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
    files: counted.files.map(({ file, lines, outside, refused }) => ({
      file,
      lines,
      outside,
      refused: Object.fromEntries([...refused].map(([kind, { lines }]) => [kind, lines])),
    })),
    tallies: counted.tallies,
  };
}

function table(counted: Counted): string {
  const events = eventsOf(counted);
  const names = counted.ledger.families.events.labelNames.map((name) => name.toUpperCase());
  const rows = events.map(({ labels, count }) => [...labels.map(safeText), String(count)]);
  const parts = [fileTable(counted.files), ...counted.tallies.map(tallyText)];
  if (rows.length > 0) parts.unshift(columns([[...names, 'EVENTS'], ...rows], names.length));
  return `${parts.join('\n\n')}\n`;
}

/** A row for each file: its lines by what they turned out to be; and the total, where there are several. */
function fileTable(files: readonly FileCount[]): string {
  const outside = files.some((file) => file.outside > 0);
  const rows = files.map(({ file, lines, outside: left }) => ({
    name: file === '-' ? 'standard input' : safeText(file),
    numbers: [...OUTCOMES.map((outcome) => lines[outcome]), ...(outside ? [left] : [])],
  }));
  if (rows.length > 1) {
    const sums = rows[0]!.numbers.map((_, column) =>
      rows.reduce((sum, row) => sum + row.numbers[column]!, 0),
    );
    rows.push({ name: 'total', numbers: sums });
  }
  const head = ['LINES OF', ...OUTCOMES, ...(outside ? ['outside'] : [])].map((word) => word.toUpperCase());
  return columns([head, ...rows.map(({ name, numbers }) => [name, ...numbers.map(String)])], 1);
}

/** Columns: the first so many left-aligned, the others, of numbers, to the right. */
function columns(rows: string[][], texts: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column < texts ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

/** What a person should look at: files without events, and lines that may have been some. */
export function complaints({ files }: Counted): ExporterError[] {
  return files.flatMap((count) => {
    const place = { file: count.file === '-' ? 'standard input' : safeText(count.file) };
    const refused = [...count.refused].map(([kind, { lines, first }]) => {
      const advice = sample(first);
      const what = `lines that may have been events, ${lines}: ${REFUSALS[kind]}`;
      return new ExporterError('LINES_REFUSED', what, { place, ...(advice && { advice }) });
    });
    if (!isWithoutEvents(count)) return refused;
    const none = new ExporterError('NO_EVENTS', 'no line of it is an event', {
      place,
      advice:
        'Is it what Falco prints with json_output: true? docs/lines.md says what may stand before an event.',
    });
    return [...refused, none];
  });
}

function sample({ before, line }: Refusal): string {
  const parts = [];
  if (before !== undefined) parts.push(`Before the first of them: ${safeText(before)}`);
  if (line !== undefined) parts.push(`The first: ${safeText(line)}`);
  return parts.join('. ');
}

function tallyText({ detected, counted, agrees, differences }: Tally): string {
  if (agrees) return `Falco's tally agrees: ${detected} events`;
  const rules = differences.map(
    ({ rule, falco, counted: ours }) => `\n  ${safeText(rule)}: Falco ${falco}, counted ${ours}`,
  );
  return `Falco's tally does not agree: it says ${detected} events, ${counted} were counted${rules.join('')}`;
}
