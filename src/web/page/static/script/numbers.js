/** The numbers, brought up to date by asking for them as HTML again. */
import { localTimes } from './times.js';

const REFRESH = 5000;

export function startNumbers() {
  localTimes(document);
  sign();
  setInterval(refresh, REFRESH);
  document.addEventListener('visibilitychange', () => void refresh());
  document.querySelector('main').addEventListener('keydown', onKey);
}

let asked = 0;
let soon;

/** The view is another one: its numbers come at once, or when a text is typed. */
export function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => refresh(true), 60);
}

/** @param all also what the reader is in */
async function refresh(all = false) {
  if (document.hidden) return;
  const mine = ++asked;
  try {
    const answer = await fetch(`numbers${location.search}`, { cache: 'no-store' });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    // A later one was asked for since: this is of another view.
    if (mine !== asked) return;
    localTimes(fresh);
    for (const part of fresh.querySelectorAll('[data-live]'))
      replace(document.getElementById(part.id), part, all === true);
  } catch {
    const state = document.getElementById('state');
    state.className = 'bad';
    state.querySelector('.detail').textContent = ': the exporter does not answer; what you see is old';
  }
  sign();
}

/** Whoever is reading or copying from a part is not disturbed; what was opened stays open. */
function replace(old, fresh, all) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && selection.containsNode(old, true);
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  if (!all && (selected || old.contains(document.activeElement))) return;
  for (const { id } of old.querySelectorAll('details[open]')) {
    const same = id && fresh.querySelector(`#${id}`);
    if (same) same.open = true;
  }
  if (old.outerHTML === fresh.outerHTML) return;
  old.replaceWith(document.adoptNode(fresh));
  if (focused) fresh.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

/** From bar to bar of the timeline. */
function onKey(event) {
  const bar = event.target.closest?.('a.bar');
  if (!bar) return;
  const bars = [...bar.parentNode.querySelectorAll('a.bar')];
  const at = bars.indexOf(bar);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = bars[Math.max(0, Math.min(bars.length - 1, to))];
  bar.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}

/** What is grave and recent stands in the window's title, and the icon tells the state. */
function sign() {
  const grave = document.querySelector('#totals .grave');
  const name = grave?.querySelector('.name').textContent;
  document.title = grave ? `(${grave.dataset.recent}) ${name} · Falco events` : 'Falco events';
  const state = document.getElementById('state');
  const bad = state.classList.contains('bad') || state.dataset.up === '0';
  const icon = document.getElementById('icon');
  const wanted = bad ? 'icon-bad.svg' : grave ? 'icon-grave.svg' : 'icon.svg';
  if (icon.getAttribute('href') !== wanted) icon.setAttribute('href', wanted);
}
