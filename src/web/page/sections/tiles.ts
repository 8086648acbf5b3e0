/** A tile for each priority: how many came in the window that is chosen. Red is only what is grave and came just now. */
import { PRIORITIES } from '../../../event/priority.ts';
import type { History } from '../../../ledger/history/history.ts';
import type { Summary } from '../../summary.ts';
import { type Html, html } from '../html.ts';
import { GRAVE, gravity } from '../priority.ts';
import { type View, WINDOWS } from '../view.ts';
import { number, several } from '../words.ts';
import { filterLink } from './tables.ts';

/** Minutes. */
const RECENT = 15;
const ALL = { priority: new Set<string>(), rule: new Set<string>(), service: new Set<string>() };

export function totalsSection(summary: Summary, history: History, view: View): Html {
  const { name: window, unit, count } = WINDOWS[view.window];
  const inWindow = history.timeline({ ...ALL, unit, count });
  const recent = history.timeline({ ...ALL, unit: 'minute', count: RECENT });
  const counted = Object.entries(summary.priorities).filter(([, events]) => events > 0);
  const all = counted.reduce((sum, [, events]) => sum + events, 0);
  const others = counted.filter(([priority]) => gravity(priority) === PRIORITIES.length);
  const tiles = PRIORITIES.map((name) =>
    tile(name, summary.priorities[name] ?? 0, sum(inWindow.get(name)), sum(recent.get(name)), window),
  );
  if (others.length > 0) {
    const of = (sums: ReadonlyMap<string, number[]>) =>
      others.reduce((total, [priority]) => total + sum(sums.get(priority)), 0);
    const events = others.reduce((total, [, each]) => total + each, 0);
    tiles.push(tile('other', events, of(inWindow), of(recent), window));
  }
  return html`<section id="totals" aria-labelledby="totals-heading" data-live>
<h2 id="totals-heading">${several(all, 'event')} by priority</h2>
<ul>${tiles}</ul>
</section>`;
}

function tile(name: string, all: number, inWindow: number, recent: number, window: string): Html {
  const grave = GRAVE.includes(name) && recent > 0;
  const known = PRIORITIES.some((each) => each === name);
  return html`<li class="p-${name} ${all === 0 && 'none'} ${grave && 'grave'}" data-recent="${recent}">
<span class="name">${known ? filterLink({ priority: name }, name) : name}</span> <span class="count">${number(inWindow)}</span>
<span class="recent">last ${window}${all > 0 && html`; ${number(all)} in all`}</span></li>`;
}

/** The worst that came just now, for the title; undefined where nothing grave did. */
export function worst(history: History): { priority: string; events: number } | undefined {
  const recent = history.timeline({ ...ALL, unit: 'minute', count: RECENT });
  for (const priority of GRAVE) {
    const events = sum(recent.get(priority));
    if (events > 0) return { priority, events };
  }
  return undefined;
}

function sum(counts: readonly number[] = []): number {
  return counts.reduce((total, count) => total + count, 0);
}
