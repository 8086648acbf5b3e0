/**
 * The page's script: live events with pause, filters and copying, and numbers brought up to date. All text of events
 * comes escaped for the eye from the exporter, and is only ever set as text.
 */

const MOST_ROWS = 500;
const REFRESH = 5000;
const RETRY = 10_000;
const PRIORITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];

const byId = (id) => document.getElementById(id);
const list = byId('list');

// ---- numbers

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch('numbers', { cache: 'no-store' });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of fresh.querySelectorAll('[data-live]')) replace(byId(part.id), part);
  } catch {
    const state = byId('state');
    state.className = 'bad';
    state.querySelector('.detail').textContent = ': the exporter does not answer; what you see is old';
  }
  localTimes(document);
}

/** Whoever is reading or copying from a part is not disturbed. */
function replace(old, fresh) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && selection.containsNode(old, true);
  if (old.contains(document.activeElement) || selected) return;
  if (old.outerHTML !== fresh.outerHTML) old.replaceWith(document.adoptNode(fresh));
}

function localTimes(within) {
  for (const time of within.querySelectorAll('time.clock')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    time.textContent = date.toLocaleTimeString([], { hourCycle: 'h23' });
    time.title = time.dateTime;
  }
}

// ---- events

const state = { paused: false, waiting: [], lines: new Map(), last: undefined, life: '' };
const filters = {
  priority: byId('by-priority'),
  service: byId('by-service'),
  rule: byId('by-rule'),
  text: byId('by-text'),
};

function connect() {
  const source = new EventSource('api/events');
  source.onopen = () => say();
  source.onmessage = ({ data, lastEventId }) => {
    const life = lastEventId.split('-')[0];
    if (life !== state.life) startAgain(life);
    receive(JSON.parse(data));
  };
  source.onerror = () => {
    say('The stream was cut; trying again …');
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY);
  };
}

/** The exporter is another one than before, or this is the first event: what stands here is of no stream. */
function startAgain(life) {
  Object.assign(state, { life, last: undefined, waiting: [] });
  state.lines.clear();
  list.replaceChildren();
}

function receive(event) {
  if (state.last !== undefined && event.id > state.last + 1)
    state.waiting.push({ gap: event.id - state.last - 1 });
  state.last = event.id;
  state.waiting.push(event);
  if (state.waiting.length > MOST_ROWS) state.waiting.shift();
  if (state.paused) say();
  else schedule();
}

let scheduled = false;
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (!state.paused) show();
  });
}

function show() {
  const rows = document.createDocumentFragment();
  for (const event of state.waiting.splice(0)) rows.prepend(event.gap ? gapRow(event.gap) : eventRow(event));
  list.prepend(rows);
  while (list.children.length > MOST_ROWS) {
    state.lines.delete(list.lastElementChild.dataset.id);
    list.lastElementChild.remove();
  }
  say();
}

function eventRow(event) {
  const row = byId('row').content.firstElementChild.cloneNode(true);
  row.dataset.id = event.id;
  if (PRIORITIES.indexOf(event.priority) <= 3 && PRIORITIES.includes(event.priority))
    row.classList.add('grave');
  const time = row.querySelector('time');
  time.dateTime = event.time ?? '';
  const badge = row.querySelector('.priority');
  badge.textContent = event.priority;
  badge.className = `priority p-${PRIORITIES.includes(event.priority) ? event.priority : 'other'}`;
  for (const part of ['service', 'rule', 'output']) row.querySelector(`.${part}`).textContent = event[part];
  const fields = row.querySelector('dl');
  for (const [name, value] of event.fields) fields.append(field(name, value));
  row.querySelector('.copy').hidden = event.line === null;
  if (event.line !== null) state.lines.set(String(event.id), event.line);
  localTimes(row);
  addChoice(filters.service, event.service);
  addChoice(filters.rule, event.rule);
  row.hidden = !passes(row);
  return row;
}

function field(name, value) {
  const entry = document.createElement('div');
  for (const [tag, text] of [
    ['dt', name],
    ['dd', value],
  ]) {
    const isolated = document.createElement('bdi');
    isolated.textContent = text;
    entry.appendChild(document.createElement(tag)).append(isolated);
  }
  return entry;
}

function gapRow(events) {
  const row = document.createElement('li');
  row.className = 'gap';
  row.textContent = `${events.toLocaleString('en')} events are not listed here: too many came at once. They are counted.`;
  return row;
}

// ---- filters

const MOST_CHOICES = 500;

function addChoice(select, value) {
  if (select.options.length > MOST_CHOICES || [...select.options].some((option) => option.value === value))
    return;
  const after = [...select.options].find((option, at) => at > 0 && option.value > value);
  select.add(new Option(value, value), after ?? null);
}

function passes(row) {
  const text = (part) => row.querySelector(`.${part}`).textContent;
  const { priority, service, rule } = filters;
  if (priority.value) {
    const at = PRIORITIES.indexOf(text('priority'));
    if (at < 0 || at > PRIORITIES.indexOf(priority.value)) return false;
  }
  if (service.value && text('service') !== service.value) return false;
  if (rule.value && text('rule') !== rule.value) return false;
  const wanted = filters.text.value.trim().toLowerCase();
  return wanted === '' || row.textContent.toLowerCase().includes(wanted);
}

function filter() {
  for (const row of list.querySelectorAll('.event')) row.hidden = !passes(row);
  say();
}

// ---- what goes on, in words

function say(trouble) {
  const all = list.querySelectorAll('.event').length;
  const shown = all - list.querySelectorAll('.event[hidden]').length;
  byId('no-events').hidden = all > 0 || state.waiting.length > 0;
  byId('no-match').hidden = all === 0 || shown > 0;
  // Spoken by screen readers when it changes, so it holds no number; those stand beside it.
  const words = trouble ?? (state.paused ? 'Paused.' : 'Live.');
  if (byId('live').textContent !== words) byId('live').textContent = words;
  const waiting = state.waiting.filter(({ gap }) => !gap).length;
  const listed = shown === all ? `${all} listed` : `${shown} of ${all} listed`;
  byId('tally').textContent = state.paused ? `${listed}, ${waiting} new since the pause` : listed;
}

function pause() {
  state.paused = !state.paused;
  byId('pause').setAttribute('aria-pressed', String(state.paused));
  if (state.paused) say();
  else show();
}

async function copy(button) {
  const line = state.lines.get(button.closest('.event').dataset.id);
  const said = await copyText(line).then(
    () => 'Copied',
    () => 'The browser did not let us copy',
  );
  button.textContent = said;
  setTimeout(() => {
    button.textContent = 'Copy as JSON';
  }, 2000);
}

/** Without TLS a browser has no clipboard for pages of other machines. */
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('not copied');
}

localTimes(document);
setInterval(refresh, REFRESH);
document.addEventListener('visibilitychange', refresh);
if (list) {
  byId('filters').hidden = false;
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  byId('filters').addEventListener('input', filter);
  byId('filters').addEventListener('reset', () => setTimeout(filter));
  byId('pause').addEventListener('click', pause);
  list.addEventListener('click', ({ target }) => {
    if (target.classList.contains('copy')) copy(target);
  });
  connect();
}
