/** What a person should know first: everything that makes the counts less than they seem. Empty if all is well. */
import { visible } from '../../events/present.ts';
import type { Summary } from '../../summary.ts';
import { type Html, html } from '../html.ts';
import { bytes, number, several } from '../words.ts';

/** Bytes; about a thousand events. */
const FAR_BEHIND = 1024 * 1024;

export function noticesSection(summary: Summary): Html {
  const found = notices(summary);
  return html`<section id="notices" aria-label="To be looked at" data-live ${found.length === 0 && html`hidden`}>
<ul>${found.map((notice) => html`<li class="notice">${notice}</li>`)}</ul>
</section>`;
}

function notices({ ready, state, inputs, lines, drops, snapshot, series }: Summary): Html[] {
  const lost = Object.values(drops).reduce((sum, count) => sum + count, 0);
  const gaps = inputs.reduce((sum, input) => sum + input.gaps, 0);
  const behind = inputs.reduce((sum, { lagBytes }) => sum + lagBytes, 0);
  const said: (Html | false)[] = [
    (!ready || behind > FAR_BEHIND) &&
      behind > 0 &&
      html`<strong>Catching up:</strong> ${bytes(behind)} of events are not counted yet. Numbers and lists grow until they are${!ready && state !== '' && html` (${state.split('\n', 1)[0]!})`}.`,
    ...inputs.map(
      ({ fault, input }) =>
        fault !== null &&
        html`<strong>${visible(input)} can't be read.</strong> ${fault.split('\n').map(visible).join(' ')}`,
    ),
    lost > 0 &&
      html`<strong>Falco lost ${several(lost, 'system call')}</strong> (${Object.entries(drops)
        .filter(([, count]) => count > 0)
        .map(([reason, count]) => `${visible(reason)} ${number(count)}`)
        .join(', ')}): what they did is in no event.`,
    gaps > 0 &&
      html`<strong>${several(gaps, 'gap')}</strong>: a file was gone before it was read to its end. The log says where.`,
    (lines.malformed ?? 0) > 0 &&
      html`<strong>${several(lines.malformed!, 'malformed line')}</strong> could not be read as events. Is <code>json_output</code> on?`,
    (lines.oversized ?? 0) > 0 &&
      html`<strong>${several(lines.oversized!, 'line')} skipped</strong>: longer than <code>input.max_line_bytes</code>.`,
    series.overflowEvents > 0 &&
      html`<strong>${several(series.overflowEvents, 'event')} counted as __overflow__</strong>: there are ${number(series.limit)} series, as many as <code>series_limit</code> allows.`,
    snapshot.errors > 0 &&
      html`<strong>The snapshot could not be written</strong> (${several(snapshot.errors, 'time')}): counts since then would not outlive a crash.`,
  ];
  return said.filter((notice) => notice !== false);
}
