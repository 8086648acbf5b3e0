/** Services and rules. What counted nothing is left out, and the worst stands first unless the reader sorts otherwise. */
import { OVERFLOW } from '../../../ledger/series.ts';
import { visible } from '../../events/present.ts';
import type { SeriesSummary, Summary } from '../../summary.ts';
import { ago } from '../../time.ts';
import { type Html, html } from '../html.ts';
import { GRAVE, gravity, priorityBadge } from '../priority.ts';
import { type Sort, type View, wants } from '../view.ts';
import { number, several } from '../words.ts';
import { trendCell } from './trend-cell.ts';

/** Rows of services; what is left out is said below. */
const MOST_ROWS = 50;
/** Rows of rules at a time. */
const PAGE = 50;

export function servicesSection({ events, time }: Summary, view: View): Html {
  const byService = new Map<string, SeriesSummary[]>();
  for (const event of events) {
    if (event.count === 0 || !wants(view, event)) continue;
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
<th scope="row">${serviceName(service)}</th>
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
</table>${services.length > MOST_ROWS && html`<p class="note">${number(services.length - MOST_ROWS)} more are in <a href="api/summary">the JSON</a>.</p>`}`
}
</section>`;
}

const ORDERS: Record<Sort, (a: SeriesSummary, b: SeriesSummary) => number> = {
  priority: (a, b) =>
    gravity(a.priority) - gravity(b.priority) || recentOf(b) - recentOf(a) || b.count - a.count,
  rule: (a, b) => compare(a.rule, b.rule) || compare(a.service, b.service),
  count: (a, b) => b.count - a.count,
  recent: (a, b) => recentOf(b) - recentOf(a) || b.count - a.count,
  seen: (a, b) => compare(b.lastEvent ?? '', a.lastEvent ?? ''),
};

/** A rule's row is that of a rule in a service, by priority. */
export function rulesSection(summary: Summary, view: View): Html {
  const { events, time, rules } = summary;
  const counted = events.filter(({ count }) => count > 0);
  const found = counted.filter(
    (event) =>
      wants(view, event) &&
      (view.find === '' || `${event.rule}\n${event.service}`.toLowerCase().includes(view.find)),
  );
  found.sort(ORDERS[view.sort]);
  const rulesOf = (series: readonly SeriesSummary[]) =>
    new Set(series.map(({ rule }) => rule).filter((rule) => rule !== OVERFLOW)).size;
  const silent = rulesOf(events) - rulesOf(counted);
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const page = Math.min(view.page, pages);
  const rows = found.slice((page - 1) * PAGE, page * PAGE).map(
    (event) => html`<tr ${GRAVE.includes(event.priority) && html`class="grave"`}>
<td class="badge">${priorityBadge(event.priority)}</td>
<th scope="row">${ruleName(event)} ${rarityMark(event.rarity)} <span class="service">${serviceName(event.service)}</span></th>
<td class="number">${number(event.count)}</td>
<td class="trend">${trendCell(event.last15Minutes)}</td>
<td class="seen">${seen(event.lastEvent, time)}</td></tr>`,
  );
  const heading = (sort: Sort, text: string, kind: string) =>
    html`<th scope="col" class="${kind}" ${view.sort === sort && html`aria-sort="${sort === 'rule' || sort === 'priority' ? 'ascending' : 'descending'}"`}><a class="view" data-focus="sort-${sort}" href="?sort=${sort}">${text}</a></th>`;
  return html`<div id="rules" data-live>
${
  counted.length === 0
    ? noEvents(summary)
    : rows.length === 0
      ? html`<p class="empty">No rule and service here passes the filters.</p>`
      : html`<table>
<thead><tr>${heading('priority', 'Priority', 'badge')}${heading('rule', 'Rule and service', '')}${heading('count', 'Events', 'number')}${heading('recent', 'Last 15 min', 'trend')}${heading('seen', 'Last seen', 'seen')}</tr></thead>
<tbody>${rows}</tbody>
</table>${pages > 1 && pager(page, pages, found.length)}`
}
${silent > 0 && rules !== null && html`<p class="note">${several(silent, 'other rule')} watched, with nothing counted.</p>`}
</div>`;
}

function pager(page: number, pages: number, rows: number): Html {
  const to = (target: number, text: string) =>
    target >= 1 &&
    target <= pages &&
    html`<a class="view" data-focus="page-${text}" href="?page=${target}">${text}</a>`;
  const [from, until] = [(page - 1) * PAGE + 1, Math.min(rows, page * PAGE)];
  return html`<nav class="pager" aria-label="Pages of rules">${to(page - 1, 'previous')} <span>${number(from)} to ${number(until)} of ${number(rows)}</span> ${to(page + 1, 'next')}</nav>`;
}

function ruleName({ rule, service }: SeriesSummary): Html {
  if (rule === OVERFLOW) return html`<span class="rule over">Other rules, over the limit of series</span>`;
  return html`<bdi class="rule">${filterLink(service === OVERFLOW ? { rule } : { rule, service }, visible(rule))}</bdi>`;
}

function serviceName(service: string): Html {
  if (service === OVERFLOW) return html`<span class="over">any service, over the limit of series</span>`;
  return html`<bdi>${filterLink({ service }, visible(service))}</bdi>`;
}

function rarityMark(rarity: SeriesSummary['rarity']): Html | false {
  if (rarity === 'new')
    return html`<span class="rarity" title="The first event of this rule in this service, or the first in seven days">New</span>`;
  return (
    rarity === 'unusual' &&
    html`<span class="rarity" title="The last hour has far more events than this rule's own past week would give by chance">Unusual</span>`
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
export function filterLink(labels: Record<string, string>, text: string): Html {
  const query = new URLSearchParams(
    Object.entries(labels).map(([name, value]): [string, string] => [name, visible(value)]),
  );
  return html`<a class="filter" href="?${query.toString()}">${text}</a>`;
}

function seen(last: string | null, now: string): Html | string {
  return last === null ? '' : html`<time datetime="${last}" title="${last}">${ago(last, now)}</time>`;
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
