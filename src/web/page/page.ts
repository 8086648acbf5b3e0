/**
 * The page at /: what a person on call wants before opening Grafana. It is whole without script; the script adds live
 * events and filters, and brings the numbers up to date by asking for them as HTML again.
 */

import type { History } from '../../ledger/history/history.ts';
import type { PresentedEvent } from '../events/present.ts';
import type { Summary } from '../summary.ts';
import { eventRow } from './event-row.ts';
import { type Html, html } from './html.ts';
import { exporterSection } from './sections/exporter.ts';
import { noticesSection } from './sections/notices.ts';
import { rulesSection, servicesSection } from './sections/tables.ts';
import { totalsSection, worst } from './sections/tiles.ts';
import { timelineSection } from './sections/timeline.ts';
import type { View } from './view.ts';

export interface PageLinks {
  telemetryPath: string;
  dashboards: string | undefined;
  runbooks: string | undefined;
}

/** The newest events, or why there are none to be seen. */
export type PageEvents = readonly PresentedEvent[] | 'disabled' | 'remote';

/** What the numbers are made of. */
export interface Numbers {
  summary: Summary;
  history: History;
  view: View;
}

export function page(now: Numbers, events: PageEvents, links: PageLinks): string {
  const { summary, view } = now;
  const grave = worst(now.history);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${grave && `(${grave.events}) ${grave.priority} · `}Falco events</title>
<link id="icon" rel="icon" href="${iconOf(summary, grave !== undefined)}" type="image/svg+xml">
<link rel="stylesheet" href="style.css">
<link rel="stylesheet" href="timeline.css">
<script src="script.js" type="module"></script>
</head>
<body>
<a class="skip" href="#events">Skip to the newest events</a>
<header>
<h1>Falco events</h1>
${stateLine(summary)}
<nav aria-label="Elsewhere">
${links.dashboards !== undefined && html`<a href="${links.dashboards}" rel="noreferrer">Dashboards</a>`}
${links.runbooks !== undefined && html`<a href="${links.runbooks}" rel="noreferrer">Runbooks</a>`}
${Array.isArray(events) && html`<a href="noise">Noise</a>`}
<a href="${links.telemetryPath.slice(1)}">Metrics</a>
<a href="api/summary">JSON</a>
</nav>
</header>
<main>
${noticesSection(summary)}
${filterBar()}
${totalsSection(summary, now.history, view)}
${timelineSection(now.history, view, Date.parse(summary.time))}
<div class="columns">
${servicesSection(summary, view)}
${eventsSection(events)}
<section aria-labelledby="rules-heading">
<h2 id="rules-heading">Rules</h2>
<label class="find" hidden>Search <input type="search" id="find" value="${view.find}" autocomplete="off" spellcheck="false"></label>
${rulesSection(summary, view)}
</section>
${exporterSection(summary)}
</div>
</main>
<footer>
<p>falco-event-exporter ${summary.version}. Counts are since the first start, this page's own: Prometheus is shown new series at 0 first.</p>
</footer>
</body>
</html>
`.text;
}

/** The parts that the script brings up to date. */
export function numbers({ summary, history, view }: Numbers): string {
  return html`${stateLine(summary)}
${noticesSection(summary)}
${totalsSection(summary, history, view)}
${timelineSection(history, view, Date.parse(summary.time))}
${servicesSection(summary, view)}
${rulesSection(summary, view)}
${exporterSection(summary)}`.text;
}

function iconOf({ ready, inputs }: Summary, grave: boolean): string {
  if (!ready || inputs.some(({ up }) => !up)) return 'icon-bad.svg';
  return grave ? 'icon-grave.svg' : 'icon.svg';
}

function stateLine({ ready, state, time, inputs }: Summary): Html {
  return html`<p id="state" class="${ready ? 'good' : 'bad'}" data-up="${inputs.every(({ up }) => up) ? 1 : 0}" data-live>
<span class="dot" aria-hidden="true"></span>
${ready ? 'Counting' : 'Not ready'}<span class="detail">${ready ? '' : `: ${state.split('\n', 1)[0]}`}</span>
<span class="at">as of <time class="clock" datetime="${time}">${time.slice(11, 19)} UTC</time></span>
</p>`;
}

/** For all of the page: the script shows it. */
function filterBar(): Html {
  return html`<form id="filters" role="search" aria-label="Filter everything" hidden>
<label>Priority <select id="by-priority">
<option value="">all</option><option value="error">error or worse</option><option value="warning">warning or worse</option><option value="notice">notice or worse</option>
</select></label>
<label>Service <select id="by-service"><option value="">all</option></select></label>
<label>Rule <select id="by-rule"><option value="">all</option></select></label>
<label>Text <input type="search" id="by-text" autocomplete="off" spellcheck="false"></label>
<button type="reset" id="clear">Clear</button>
<ul id="chips" aria-label="Filters that are set"></ul>
</form>`;
}

function eventsSection(events: PageEvents): Html {
  return html`<section id="events" aria-labelledby="events-heading" tabindex="-1">
<h2 id="events-heading">Newest events</h2>
${events === 'disabled' ? DISABLED : events === 'remote' ? REMOTE : list(events)}
</section>`;
}

function list(events: readonly PresentedEvent[]): Html {
  return html`<noscript><p>This is the state of now: without script, reload the page for newer events.</p></noscript>
<div id="controls" hidden>
<button type="button" id="pause" aria-pressed="false">Pause</button>
<button type="button" id="export">Export</button>
<button type="button" id="zone"></button>
<p class="tally"><span id="live" role="status"></span> <span id="tally"></span></p>
</div>
<p id="no-events" ${events.length > 0 && html`hidden`}>No event yet since this exporter started. What Falco prints from now on appears here within a second.</p>
<p id="no-match" hidden>No event here passes the filters. <button type="button" id="timeless" hidden></button></p>
<button type="button" id="newer" hidden></button>
<ol id="list">
${[...events].reverse().map((event) => eventRow(event))}
</ol>
<button type="button" id="older" hidden>Show older ones</button>
<p id="most" class="note" hidden>Older ones are not listed: filter to see them.</p>
<template id="row">${eventRow()}</template>`;
}

const DISABLED = html`<p class="empty">Recent events are turned off here (<code>--web.disable-events</code>). The counts above go on.</p>`;

const REMOTE = html`<div class="empty"><p>Events hold command lines and file names, so they are shown only to people who are known. You asked from another machine, and no users are configured.</p>
<ul>
<li>Configure users: <code>--web.config.file</code> with <code>basic_auth_users</code>;</li>
<li>or, unless the exporter runs in a container, look from the machine itself, for instance through <code>ssh -L 9376:localhost:9376</code>;</li>
<li>or, where everyone who can reach this port may see them: <code>--web.allow-remote-events</code>.</li>
</ul></div>`;
