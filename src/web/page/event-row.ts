import type { PresentedEvent } from '../events/present.ts';
import { type Html, html } from './html.ts';
import { priorityBadge } from './priority.ts';

/** One event of the list; without one, the empty row that the script fills. */
export function eventRow(event?: PresentedEvent): Html {
  const time = event?.time ?? '';
  return html`<li class="event ${event && gravityClass(event.priority)}" data-id="${event?.id}">
<details>
<summary><time class="clock" datetime="${time}">${time && `${time.slice(0, 10)} ${time.slice(11, 19)}Z`}</time>
${priorityBadge(event?.priority ?? '')}
<bdi class="service">${event?.service}</bdi>
<bdi class="rule">${event?.rule}</bdi>
<bdi class="output">${event?.output}</bdi></summary>
<dl>${event?.fields.map(([name, value]) => html`<div><dt><bdi>${name}</bdi></dt><dd><bdi>${value}</bdi></dd></div>`)}</dl>
<button type="button" class="copy" hidden>Copy as JSON</button>
<button type="button" class="like" hidden>More like this</button>
</details>
</li>`;
}

function gravityClass(priority: string): string {
  return ['emergency', 'alert', 'critical', 'error'].includes(priority) ? 'grave' : '';
}
