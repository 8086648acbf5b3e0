/** When events happened: a bar for each minute or hour, stacked by priority, and the same as a table. */
import { gravity } from '../../../event/priority.ts';
import type { History } from '../../../ledger/history/history.ts';
import { visible } from '../../events/present.ts';
import { type Html, html } from '../html.ts';
import { type View, WINDOWS, type WindowName } from '../view.ts';
import { number, several } from '../words.ts';

export interface Bar {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  /** Worst first; those with none are left out. */
  counts: [priority: string, count: number][];
}

const UNITS = { minute: 60_000, hour: 3_600_000 };
const WIDTH = 1000;
const HEIGHT = 100;
/** So that one critical event is seen among thousands of others. */
const LEAST = 4;

/** The bars of a view, the current one last. @param now milliseconds since the epoch */
export function barsOf(history: History, view: View, now: number): Bar[] {
  const { unit, count } = WINDOWS[view.window];
  const lines = [...history.timeline({ ...view, unit, count })].sort(([a], [b]) => gravity(a) - gravity(b));
  const size = UNITS[unit];
  const first = Math.floor(now / size) - count + 1;
  return Array.from({ length: count }, (_, at) => ({
    from: (first + at) * size,
    to: (first + at + 1) * size,
    counts: lines
      .map(([priority, counts]): [string, number] => [priority, counts[at]!])
      .filter(([, events]) => events > 0),
  }));
}

export function timelineSection(history: History, view: View, now: number): Html {
  const bars = barsOf(history, view, now);
  const all = bars.reduce((sum, bar) => sum + total(bar), 0);
  const { name, unit } = WINDOWS[view.window];
  const filtered = view.rule.size + view.service.size + view.priority.size > 0;
  const heading = `${several(all, 'event')} in the last ${name}${filtered ? ', of those chosen' : ''}`;
  return html`<section id="timeline" aria-labelledby="timeline-heading" data-live>
<h2 id="timeline-heading">${heading}</h2>
<ul class="windows" aria-label="How far back">${Object.entries(WINDOWS).map(([key, each]) => windowLink(key as WindowName, each.name, view.window))}</ul>
${chart(bars, view, heading)}
<p class="axis"><time class="clock" datetime="${iso(bars[0]!.from)}">${iso(bars[0]!.from)}</time><span>by ${unit}, by the events’ own times</span><time class="clock" datetime="${iso(now)}">${iso(now)}</time></p>
<details id="timeline-table"><summary>As a table</summary>${all === 0 ? html`<p class="empty">No event in this time.</p>` : table(bars)}</details>
</section>`;
}

function windowLink(key: WindowName, name: string, chosen: WindowName): Html {
  return html`<li><a class="view" data-focus="window-${key}" href="?window=${key}" ${key === chosen && html`aria-current="true"`}>${name}</a></li>`;
}

function chart(bars: readonly Bar[], view: View, heading: string): Html {
  const most = Math.max(1, ...bars.map(total));
  const width = WIDTH / bars.length;
  // One of them is reached by Tab, the others from there.
  const last = bars.findLastIndex((bar) => total(bar) > 0);
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="group" aria-label="${heading}; arrow keys go from bar to bar">
${bars.map((bar, at) => {
  const x = at * width;
  let y = HEIGHT;
  const parts = bar.counts.map(([priority, count]) => {
    const height = Math.max(LEAST, (count / most) * (HEIGHT - LEAST * bar.counts.length));
    y -= height;
    return html`<rect class="${className(priority)}" x="${round(x + width * 0.08)}" y="${round(y)}" width="${round(width * 0.84)}" height="${round(height)}"/>`;
  });
  if (parts.length === 0) return '';
  const out = isOut(bar, view) && 'out';
  return html`<a class="filter bar ${out}" href="?${range(bar)}" data-focus="bar-${bar.from}" tabindex="${at === last ? 0 : -1}" aria-label="${said(bar)}"><title>${said(bar)}</title><rect class="hit" x="${round(x)}" y="0" width="${round(width)}" height="${HEIGHT}"/>${parts}</a>`;
})}
</svg>`;
}

function table(bars: readonly Bar[]): Html {
  const rows = bars
    .filter((bar) => total(bar) > 0)
    .reverse()
    .map(
      (bar) =>
        html`<tr><th scope="row"><a class="filter" href="?${range(bar)}"><time class="clock" datetime="${iso(bar.from)}">${iso(bar.from)}</time></a></th><td class="number">${number(total(bar))}</td><td>${words(bar)}</td></tr>`,
    );
  return html`<table><thead><tr><th scope="col">From</th><th scope="col" class="number">Events</th><th scope="col">By priority</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function total({ counts }: Bar): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function said(bar: Bar): string {
  return `${iso(bar.from).replace('T', ' ').slice(0, 16)} UTC: ${several(total(bar), 'event')}${bar.counts.length > 0 ? `: ${words(bar)}` : ''}`;
}

function words({ counts }: Bar): string {
  return counts.map(([priority, count]) => `${number(count)} ${visible(priority)}`).join(', ');
}

/** Whether the filters of time leave nothing of it. */
function isOut({ from, to }: Bar, view: View): boolean {
  return (view.from !== undefined && to <= view.from) || (view.to !== undefined && from > view.to);
}

function range({ from, to }: Bar): string {
  return new URLSearchParams({ from: iso(from), to: iso(to - 1) }).toString();
}

function className(priority: string): string {
  return gravity(priority) < 8 ? `p-${priority}` : 'p-other';
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
