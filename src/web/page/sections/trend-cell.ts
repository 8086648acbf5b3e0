import { type Html, html } from '../html.ts';
import { number } from '../words.ts';

const BAR = 4;
const HEIGHT = 16;

/** Events in the last 15 minutes: the sum, and a bar for each minute, all of them one shape. */
export function trendCell(minutes: readonly number[]): Html {
  const all = minutes.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...minutes);
  const bars = minutes.map((count, at) => {
    if (count === 0) return '';
    const height = Math.max(2, Math.round((count / most) * HEIGHT));
    return `M${at * BAR} ${HEIGHT}v-${height}h${BAR - 1}v${height}z`;
  });
  return html`<span class="sum">${all === 0 ? '–' : number(all)}</span>${all > 0 && html`<svg class="bars" viewBox="0 0 ${minutes.length * BAR} ${HEIGHT}" aria-hidden="true"><path d="${bars.join('')}"/></svg>`}`;
}
