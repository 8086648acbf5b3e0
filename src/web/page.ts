/** The page at /: what was counted, and how the exporter is. Event text is hostile: everything is escaped. */
import { PRIORITIES } from '../event/priority.ts';
import type { Summary } from './summary.ts';

export function page(summary: Summary, telemetryPath: string): string {
  const events = summary.events
    .filter(({ count }) => count > 0)
    .sort((a, b) => gravity(a.priority) - gravity(b.priority) || b.count - a.count);
  const total = events.reduce((sum, { count }) => sum + count, 0);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Falco events</title>
<style>${STYLE}</style>
<header><h1>Falco events</h1><p>falco-event-exporter ${escapeHtml(summary.version)} · ${escapeHtml(summary.state)} · <a href="${escapeHtml(telemetryPath)}">metrics</a></p></header>
<main>
<section><h2>Inputs</h2><ul>${summary.inputs.map(inputItem).join('')}</ul>
<p>${Object.entries(summary.lines)
    .map(([outcome, lines]) => `${escapeHtml(outcome)} ${lines}`)
    .join(' · ')} lines</p></section>
<section><h2>${total} events</h2>${total === 0 ? EMPTY : table(events)}</section>
</main>
</html>
`;
}

function inputItem({ input, up, lagBytes, fault }: Summary['inputs'][number]): string {
  const state = up ? `followed, ${lagBytes} bytes behind` : escapeHtml(fault ?? 'not read');
  return `<li><code>${escapeHtml(input)}</code>: ${state}</li>`;
}

function table(events: Summary['events']): string {
  const rows = events.map(
    ({ rule, service, priority, count, lastEvent }) =>
      `<tr class="${(PRIORITIES as readonly string[]).includes(priority) ? priority : 'other'}"><td>${escapeHtml(priority)}<td>${escapeHtml(rule)}<td>${escapeHtml(service)}<td class="number">${count}<td>${escapeHtml(lastEvent ?? '')}`,
  );
  return `<table><thead><tr><th>Priority<th>Rule<th>Service<th>Events<th>Last</thead><tbody>${rows.join('\n')}</tbody></table>`;
}

const EMPTY =
  '<p>No event yet. Falco prints one when a rule matches: check that its <code>json_output</code> and <code>file_output</code> are on, and that both name the same file.</p>';

function gravity(priority: string): number {
  const index = (PRIORITIES as readonly string[]).indexOf(priority);
  return index < 0 ? PRIORITIES.length : index;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
.number { font-variant-numeric: tabular-nums; text-align: right; }
.emergency td:first-child, .alert td:first-child, .critical td:first-child, .error td:first-child { color: #d33; font-weight: bold; }
.warning td:first-child { color: #c70; font-weight: bold; }
`;
