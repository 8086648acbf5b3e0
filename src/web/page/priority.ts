/** Priorities as they look: the word always, and a mark beside it, so that nothing depends on colour alone. */
import { PRIORITIES } from '../../event/priority.ts';
import { visible } from '../events/present.ts';
import { type Html, html } from './html.ts';

/** Error or worse. */
export const GRAVE = PRIORITIES.slice(0, PRIORITIES.indexOf('error') + 1) as readonly string[];

/** 0 is the worst; what Falco doesn't know comes last. */
export function gravity(priority: string): number {
  const index = (PRIORITIES as readonly string[]).indexOf(priority);
  return index < 0 ? PRIORITIES.length : index;
}

export function priorityBadge(priority: string): Html {
  const known = gravity(priority) < PRIORITIES.length;
  return html`<span class="priority ${known ? `p-${priority}` : 'p-other'}">${visible(priority)}</span>`;
}
