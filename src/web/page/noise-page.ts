/** The page at /noise: what makes most events, and exceptions that would silence normal work. It is whole without script. */
import { exceptionsFile } from '../../noise/exceptions.ts';
import type { Look, Looked } from '../../noise/look.ts';
import type { Exception, Proposal } from '../../noise/propose.ts';
import { visible } from '../events/present.ts';
import { type Html, html } from './html.ts';
import { priorityBadge } from './priority.ts';
import { number, several } from './words.ts';

/** Rules that are listed, and values of each; the YAML and the JSON have all. */
const MOST_RULES = 50;

export function noisePage(look: Look): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Noise · Falco events</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="style.css">
<link rel="stylesheet" href="noise.css">
<script src="noise.js" type="module"></script>
</head>
<body>
<header>
<h1>Noise</h1>
<nav aria-label="Elsewhere"><a href="./">Falco events</a> <a href="api/noise">JSON</a></nav>
</header>
<main class="noise">
${look === undefined ? READING : typeof look === 'string' ? failed(look) : found(look)}
</main>
</body>
</html>
`.text;
}

const READING = html`<section id="reading" role="status"><h2>Reading the events</h2>
<p>Up to 512 MB of events are read, which takes some seconds. This page goes on by itself, or <a href="noise">look again</a>.</p></section>`;

function failed(reason: string): Html {
  return html`<section><h2>The events could not be looked at</h2>
${reason.split('\n').map((line) => html`<p>${visible(line)}</p>`)}
<p>The command does the same: <code>falco-event-exporter noise FILE…</code></p></section>`;
}

function found({ at, noise, more }: Looked): Html {
  const { events, files, rules } = noise;
  const time = new Date(at).toISOString();
  const silenced = rules.reduce((sum, { silences }) => sum + silences, 0);
  if (events === 0)
    return html`<section><h2>No events to look at</h2><p>The followed files hold none. What comes by HTTP or on standard input is in no file: save it to one, and run <code>falco-event-exporter noise FILE…</code>.</p></section>`;
  return html`<section aria-labelledby="sum-heading">
<h2 id="sum-heading">${silenced > 0 ? html`Exceptions could silence ${number(silenced)} of ${several(events, 'event')} (${percent(silenced, events)})` : html`${several(events, 'event')}, and no exception is proposed`}</h2>
<p>Read from ${several(files.length, 'file')} (${files.slice(0, 5).map(visible).join(', ')}${files.length > 5 && ', …'}) at <time class="clock" datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 19)} UTC</time>; it is kept for five minutes.${more && ' Older events were not read: there are more than one look takes.'}</p>
<p>Proposed is only what ran at least 20 times, on two days or more, with the same values. Nothing of priority critical or worse is, and nothing under a path where an intruder may write. Nothing was changed: a person must judge each entry.</p>
</section>
<section aria-labelledby="rules-heading">
<h2 id="rules-heading">Rules, the noisiest first</h2>
<ol class="rules">${rules.slice(0, MOST_RULES).map((proposal) => ruleItem(proposal, events))}</ol>
${rules.length > MOST_RULES && html`<p class="note">${number(rules.length - MOST_RULES)} more are in <a href="api/noise">the JSON</a>.</p>`}
</section>
${silenced > 0 && yamlSection(rules)}`;
}

function yamlSection(rules: readonly Proposal[]): Html {
  return html`<section aria-labelledby="yaml-heading">
<h2 id="yaml-heading">As a rules file for Falco</h2>
<p>Save it, check it with your rules (<code>falco-event-exporter check --rules.file=falco_rules.yaml --rules.file=exceptions.yaml</code>), and name it last in <code>rules_files</code> of falco.yaml.</p>
<button type="button" id="copy-yaml" hidden>Copy</button>
<pre id="yaml" tabindex="0" aria-labelledby="yaml-heading">${exceptionsFile(rules)}</pre>
</section>`;
}

function ruleItem({ rule, priority, events, silences, exceptions, stay, why }: Proposal, all: number): Html {
  const query = new URLSearchParams({ rule: visible(rule) }).toString();
  return html`<li><h3>${priorityBadge(priority)} <bdi><a href="./?${query}">${visible(rule)}</a></bdi></h3>
<p><strong>${several(events, 'event')}</strong>, ${percent(events, all)} of all. ${silences > 0 ? html`Exceptions would silence <strong>${number(silences)}</strong>; ${number(events - silences)} stay.` : html`All stay: ${visible(why ?? '')}.`}</p>
<meter min="0" max="${all}" value="${events}" aria-label="Share of all events">${percent(events, all)}</meter>
${
  (exceptions.length > 0 || stay.length > 0) &&
  html`<details><summary>${exceptions.length > 0 ? 'Exceptions, and what stays' : 'Examples of what stays'}</summary>
${exceptions.map((exception) => exceptionTable(exception))}
${
  stay.length > 0 &&
  html`<h4>What stays, for example${silences > 0 && why !== undefined && html`: ${visible(why)}`}</h4>
<ul>${stay.map(({ count, values }) => html`<li>${several(count, 'event')}: ${valueList(Object.entries(values))}</li>`)}</ul>`
}
</details>`
}</li>`;
}

function exceptionTable({ fields, entries, silences }: Exception): Html {
  return html`<h4>An exception for ${several(silences, 'event')}</h4>
<ul>${entries.map((entry) => html`<li>${several(entry.silences, 'event')}: ${valueList(fields.map((field, at) => [field, entry.values[at]!]))}</li>`)}</ul>`;
}

function valueList(values: readonly (readonly [string, string])[]): Html[] {
  return values.map(
    ([field, value]) =>
      html`<span class="value"><bdi>${visible(field)}</bdi> <code><bdi>${visible(value)}</bdi></code></span> `,
  );
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}
