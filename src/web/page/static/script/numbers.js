/** The numbers, brought up to date by asking for them as HTML again. */
import { localTimes } from './times.js';

const REFRESH = 5000;

export function startNumbers() {
  localTimes(document);
  title();
  setInterval(refresh, REFRESH);
  document.addEventListener('visibilitychange', refresh);
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch('numbers', { cache: 'no-store' });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    localTimes(fresh);
    for (const part of fresh.querySelectorAll('[data-live]')) replace(document.getElementById(part.id), part);
  } catch {
    const state = document.getElementById('state');
    state.className = 'bad';
    state.querySelector('.detail').textContent = ': the exporter does not answer; what you see is old';
  }
  title();
}

/** Whoever is reading or copying from a part is not disturbed. */
function replace(old, fresh) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && selection.containsNode(old, true);
  if (old.contains(document.activeElement) || selected) return;
  if (old.outerHTML !== fresh.outerHTML) old.replaceWith(document.adoptNode(fresh));
}

/** What is grave and recent stands in the window's title, too. */
function title() {
  const grave = document.querySelector('#totals .grave');
  const name = grave?.querySelector('.name').textContent;
  document.title = grave ? `(${grave.dataset.recent}) ${name} · Falco events` : 'Falco events';
}
