/**
 * The list: the newest events that pass the filters, a bounded number of rows, and a few new ones in each frame, so
 * that no burst freezes the page. Whoever reads is not disturbed: what comes then waits.
 */
import { copy, exportEvents } from './copy.js';
import { events, match, receive, see, take } from './events.js';
import { addFilters, clearFilters, onFilters, passes } from './filters.js';
import { eventRow, fill } from './row.js';

const RETRY = 10_000;
/** Rows at first, and as many more each time that older ones are asked for. */
const ROWS = 100;
const MOST_ROWS = 500;
const ROWS_A_FRAME = 20;
/** Milliseconds of a frame that events may be parsed. */
const PARSING = 6;

const byId = (id) => document.getElementById(id);
const list = byId('list');
const hold = { paused: false, hovered: false, scrolled: false, open: new Set() };
let rows = new Map();
let limit = ROWS;
let trouble;

/** @param met called with each event that came */
export function startList(met) {
  events.met = met;
  byId('pause').addEventListener('click', pause);
  byId('export').addEventListener('click', () =>
    exportEvents(shownEvents(Number.POSITIVE_INFINITY).reverse()),
  );
  byId('newer').addEventListener('click', () => {
    list.scrollTop = 0;
    see();
    schedule();
  });
  byId('older').addEventListener('click', () => {
    limit = Math.min(MOST_ROWS, limit + ROWS);
    schedule();
  });
  byId('timeless').addEventListener('click', () => clearFilters(['from', 'to']));
  list.addEventListener('click', onClick);
  list.addEventListener('toggle', onToggle, true);
  list.addEventListener('pointerenter', () => (hold.hovered = true));
  list.addEventListener('pointerleave', () => {
    hold.hovered = false;
    schedule();
  });
  list.addEventListener('scroll', () => {
    hold.scrolled = list.scrollTop > 4;
    schedule();
  });
  onFilters(() => {
    limit = ROWS;
    match();
    if (draw()) schedule();
    say();
  });
  connect();
}

function connect() {
  const source = new EventSource('api/events');
  const well = () => {
    if (trouble === undefined) return;
    trouble = undefined;
    schedule();
  };
  source.onopen = well;
  source.onmessage = ({ data, lastEventId }) => {
    if (receive(data, lastEventId)) startAgain();
    schedule();
  };
  source.onerror = () => {
    trouble = 'The stream was cut; trying again …';
    schedule();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY);
  };
  trouble = undefined;
}

function startAgain() {
  rows = new Map();
  hold.open.clear();
  list.replaceChildren();
}

function held() {
  const { paused, hovered, scrolled, open } = hold;
  return list.childElementCount > 0 && (paused || hovered || scrolled || open.size > 0);
}

let scheduled = false;
export function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const more = take(PARSING);
    if (!held()) see();
    const missing = draw();
    say();
    if (more || missing) schedule();
  });
}

/** The newest first. */
function shownEvents(most) {
  const { matching, seen } = events;
  let end = matching.length;
  while (end > 0 && matching[end - 1].id > seen) end--;
  return matching.slice(Math.max(0, end - most), end).reverse();
}

/** Makes the rows what they should be. @returns whether some are missing still */
function draw() {
  const wanted = shownEvents(limit);
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    // One that is being read stays as long as it passes the filters.
    const event = events.byId.get(id);
    if (hold.open.has(row) && event && passes(event)) continue;
    hold.open.delete(row);
    row.remove();
    rows.delete(id);
  }
  let made = 0;
  let next = list.firstElementChild;
  for (const event of wanted) {
    while (next && Number(next.dataset.id) > event.id) next = next.nextElementSibling;
    if (next && Number(next.dataset.id) === event.id) continue;
    if (made++ === ROWS_A_FRAME) return true;
    const row = eventRow(event);
    rows.set(event.id, row);
    list.insertBefore(row, next);
  }
  return false;
}

/** What goes on, in words. */
function say() {
  const { all, matching, seen, fresh } = events;
  const newer = (list) => {
    let count = 0;
    while (count < list.length && list[list.length - 1 - count].id > seen) count++;
    return count;
  };
  const listed = all.length - newer(all);
  const shown = matching.length - newer(matching);
  byId('no-events').hidden = all.length > 0;
  byId('no-match').hidden = listed === 0 || shown > 0;
  if (shown === 0) offerTimeless();
  byId('older').hidden = shown <= limit || limit >= MOST_ROWS;
  byId('most').hidden = shown <= limit || limit < MOST_ROWS;
  // Spoken by screen readers when it changes, so it holds no number; those stand beside it.
  const words = trouble ?? (hold.paused ? 'Paused.' : 'Live.');
  write(byId('live'), words);
  const tally = shown === listed ? `${listed} listed` : `${shown} of ${listed} listed`;
  write(byId('tally'), hold.paused ? `${tally}, ${fresh} new since the pause` : tally);
  const button = byId('newer');
  button.hidden = hold.paused || fresh === 0 || !held();
  write(button, `${fresh} new, show`);
}

/** An event that was read late has an older time than its alert. */
function offerTimeless() {
  const found = events.all.filter((event) => passes(event, true)).length;
  byId('timeless').hidden = found === 0;
  write(byId('timeless'), `Show ${found} whatever their time`);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function pause() {
  hold.paused = !hold.paused;
  byId('pause').setAttribute('aria-pressed', String(hold.paused));
  if (!hold.paused) see();
  schedule();
}

function onToggle({ target }) {
  const row = target.closest('.event');
  if (target.open) {
    hold.open.add(row);
    fill(row, events.byId.get(Number(row.dataset.id)));
  } else hold.open.delete(row);
  schedule();
}

function onClick({ target }) {
  const event = events.byId.get(Number(target.closest('.event')?.dataset.id));
  if (!event) return;
  // Before it opens, so that it opens whole.
  if (target.closest('summary')) fill(target.closest('.event'), event);
  if (target.classList.contains('copy')) void copy(target, event.line);
  if (target.classList.contains('only')) addFilters([[target.dataset.kind, target.dataset.value]]);
  if (target.classList.contains('like'))
    addFilters([
      ['rule', event.rule],
      ['service', event.service],
    ]);
}
