/** The exporter's own state, in words. */
import { visible } from '../../events/present.ts';
import type { InputSummary, Summary } from '../../summary.ts';
import { ago } from '../../time.ts';
import { type Html, html } from '../html.ts';
import { bytes, number, several } from '../words.ts';

export function exporterSection(summary: Summary): Html {
  const { inputs, lines, snapshot, rules, series, time, startedAt } = summary;
  return html`<section id="exporter" aria-labelledby="exporter-heading" data-live>
<h2 id="exporter-heading">The exporter</h2>
<dl>
${inputs.map((input) => inputEntries(input, time))}
${entry(
  'Lines',
  Object.entries(lines)
    .map(([outcome, count]) => `${number(count)} ${WORDS[outcome] ?? visible(outcome)}`)
    .join(', '),
)}
${entry('Snapshot', snapshotText(snapshot, time))}
${entry('Rules', rules === null ? html`no rules files are given: a rule is known from its first event on (<code>--rules.file</code> puts those at 0 whose condition names a container)` : `${number(rules.loaded)} loaded`)}
${entry('Series', `${number(series.used)} of at most ${number(series.limit)}`)}
${entry('Running', html`since <time datetime="${startedAt}">${startedAt.replace('T', ' ').slice(0, 19)} UTC</time>`)}
</dl>
</section>`;
}

const WORDS: Record<string, string> = {
  event: 'events',
  internal: "of Falco's own",
  text: 'of text',
  malformed: 'malformed',
  oversized: 'too long',
};

function inputEntries(input: InputSummary, now: string): Html {
  const { rotations, truncations, gaps } = input;
  return html`${entry('Following', html`<code>${visible(input.input)}</code>, ${input.up ? behind(input.lagBytes) : 'which can’t be read now'}`)}
${entry('Last line', input.lastLine === null ? 'none since the start' : html`<time datetime="${input.lastLine}" title="${input.lastLine}">${ago(input.lastLine, now)}</time>, ${bytes(input.readBytes)} in all`)}
${entry('Files', `${times(rotations, 'rotation')}, ${times(truncations, 'truncation')}, ${times(gaps, 'gap')}`)}`;
}

function entry(term: string, description: Html | string): Html {
  return html`<div><dt>${term}</dt><dd>${description}</dd></div>`;
}

function snapshotText({ kept, written, errors }: Summary['snapshot'], now: string): Html | string {
  if (!kept) return 'none: counts begin at 0 after a restart';
  const failed = errors > 0 && `; ${number(errors)} could not be written`;
  if (written === null) return html`not written yet${failed}`;
  return html`written <time datetime="${written}" title="${written}">${ago(written, now)}</time>${failed}`;
}

function behind(lag: number): string {
  return lag === 0 ? 'all of it read' : `${bytes(lag)} behind`;
}

function times(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : several(count, what);
}
