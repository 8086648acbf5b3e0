/** Totals, services and rules. What counted nothing is left out, and the worst comes first. */
import { PRIORITIES } from '../../event/priority.ts';
import { OVERFLOW } from '../../ledger/series.ts';
import { visible } from '../events/present.ts';
import type { SeriesSummary, Summary } from '../summary.ts';
import { ago } from '../time.ts';
import { type Html, html } from './html.ts';
import { GRAVE, gravity, priorityBadge } from './priority.ts';
import { trendCell } from './trend-cell.ts';
import { number, several } from './words.ts';

/** Rows of a table; a note below it says what is left out. */
const MOST_ROWS = 100;

export function totalsSection({ events }: Summary): Html {
  const other = events.some(({ priority, count }) => count > 0 && gravity(priority) === PRIORITIES.length);
  const tile = (name: string, of: readonly SeriesSummary[]) => {
    const count = sum(of, (event) => event.count);
    const recent = sum(of, recentOf);
    return html`<li class="p-${name} ${count === 0 && 'none'} ${GRAVE.includes(name) && recent > 0 && 'grave'}" data-recent="${recent}">
<span class="name">${PRIORITIES.some((each) => each === name) ? filterLink({ priority: name }, name) : name}</span> <span class="count">${number(count)}</span>
${count > 0 && html`<span class="recent">${recent > 0 ? `+${number(recent)}` : 'none'} in 15 min</span>`}</li>`;
  };
  return html`<section id="totals" aria-labelledby="totals-heading" data-live>
<h2 id="totals-heading">${several(
    sum(events, ({ count }) => count),
    'event',
  )} by priority</h2>
<ul>
${PRIORITIES.map((name) =>
  tile(
    name,
    events.filter(({ priority }) => priority === name),
  ),
)}
${
  other &&
  tile(
    'other',
    events.filter(({ priority }) => gravity(priority) === PRIORITIES.length),
  )
}
</ul>
</section>`;
}

export function servicesSection({ events, time }: Summary): Html {
  const byService = new Map<string, SeriesSummary[]>();
  for (const event of events) {
    if (event.count === 0) continue;
    const of = byService.get(event.service);
    if (of) of.push(event);
    else byService.set(event.service, [event]);
  }
  const services = [...byService].map(([service, of]) => ({
    service,
    grave: sum(of, ({ priority, count }) => (GRAVE.includes(priority) ? count : 0)),
    count: sum(of, ({ count }) => count),
    trend: of.map(({ last15Minutes }) => last15Minutes).reduce((a, b) => a.map((each, at) => each + b[at]!)),
    last: latest(of),
  }));
  services.sort((a, b) => b.grave - a.grave || b.count - a.count);
  const rows = services.slice(0, MOST_ROWS).map(
    ({ service, grave, count, trend, last }) => html`<tr>
<th scope="row"><bdi>${filterLink({ service }, visible(service))}</bdi></th>
<td class="number grave-count">${grave > 0 ? html`<strong>${number(grave)}</strong>` : '0'}</td>
<td class="number">${number(count)}</td>
<td class="trend">${trendCell(trend)}</td>
<td class="seen">${seen(last, time)}</td></tr>`,
  );
  return html`<section id="services" aria-labelledby="services-heading" data-live>
<h2 id="services-heading">Services</h2>
${
  rows.length === 0
    ? html`<p class="empty">A service appears here with its first event: the container's name, or <code>host</code>.</p>`
    : html`<table>
<thead><tr><th scope="col">Service</th><th scope="col" class="number">Error or worse</th><th scope="col" class="number">Events</th><th scope="col" class="trend">Last 15 min</th><th scope="col" class="seen">Last seen</th></tr></thead>
<tbody>${rows}</tbody>
</table>${more(services.length)}`
}
</section>`;
}

export function rulesSection(summary: Summary): Html {
  const { events, time, rules } = summary;
  const counted = events
    .filter(({ count }) => count > 0)
    .sort(
      (a, b) => gravity(a.priority) - gravity(b.priority) || recentOf(b) - recentOf(a) || b.count - a.count,
    );
  const rulesOf = (series: readonly SeriesSummary[]) =>
    new Set(series.map(({ rule }) => rule).filter((rule) => rule !== OVERFLOW)).size;
  const silent = rulesOf(events) - rulesOf(counted);
  const rows = counted.slice(0, MOST_ROWS).map(
    (event) => html`<tr ${GRAVE.includes(event.priority) && html`class="grave"`}>
<td class="badge">${priorityBadge(event.priority)}</td>
<th scope="row"><bdi class="rule">${filterLink({ rule: event.rule, service: event.service }, visible(event.rule))}</bdi> <bdi class="service">${visible(event.service)}</bdi></th>
<td class="number">${number(event.count)}</td>
<td class="trend">${trendCell(event.last15Minutes)}</td>
<td class="seen">${seen(event.lastEvent, time)}</td></tr>`,
  );
  return html`<section id="rules" aria-labelledby="rules-heading" data-live>
<h2 id="rules-heading">Rules</h2>
${
  rows.length === 0
    ? noEvents(summary)
    : html`<table>
<thead><tr><th scope="col">Priority</th><th scope="col">Rule and service</th><th scope="col" class="number">Events</th><th scope="col" class="trend">Last 15 min</th><th scope="col" class="seen">Last seen</th></tr></thead>
<tbody>${rows}</tbody>
</table>${more(counted.length)}`
}
${silent > 0 && rules !== null && html`<p class="note">${several(silent, 'other rule')} watched, with nothing counted.</p>`}
</section>`;
}

/** What to look at when nothing comes. */
function noEvents({ inputs, lines, ready }: Summary): Html {
  const input = inputs[0]?.input ?? '';
  const read = sum(Object.values(lines), (count) => count);
  return html`<div class="empty">
<p>No event was counted yet. Falco prints one when something breaks one of its rules. To see whether one would arrive, do what a stock rule watches, in a container: <code>docker exec -it NAME sh</code>.</p>
<p>If nothing comes:</p>
<ol>
<li>Does Falco run? Its own page <code>/healthz</code> on port 8765 says ok some seconds after its start.</li>
<li>Does it print JSON? <code>json_output: true</code> in falco.yaml.${(lines.malformed ?? 0) > 0 && html` <strong>${several(lines.malformed!, 'line')} could not be read as events, so probably not.</strong>`}</li>
<li>Does it print to where this exporter reads? <code>file_output</code> must be enabled and name <code>${visible(input)}</code>.${read === 0 && ready && html` <strong>Nothing was read from there so far.</strong>`}</li>
<li>Is the directory of that file shared, where both run in containers?</li>
</ol>
</div>`;
}

/** A view of the events of these labels; the script takes it into the filters there are. */
function filterLink(labels: Record<string, string>, text: string): Html {
  const query = new URLSearchParams(
    Object.entries(labels).map(([name, value]): [string, string] => [name, visible(value)]),
  );
  return html`<a class="filter" href="?${query.toString()}">${text}</a>`;
}

function seen(last: string | null, now: string): Html | string {
  return last === null ? '' : html`<time datetime="${last}" title="${last}">${ago(last, now)}</time>`;
}

function more(all: number): Html | false {
  return (
    all > MOST_ROWS &&
    html`<p class="note">${number(all - MOST_ROWS)} more are in <a href="api/summary">the JSON</a>.</p>`
  );
}

function latest(events: readonly SeriesSummary[]): string | null {
  return events.reduce<string | null>(
    (last, { lastEvent }) => (lastEvent !== null && (last === null || lastEvent > last) ? lastEvent : last),
    null,
  );
}

function recentOf({ last15Minutes }: SeriesSummary): number {
  return sum(last15Minutes, (count) => count);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
