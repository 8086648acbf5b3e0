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
  title();
}

/** Whoever is reading or copying from a part is not disturbed. */
function replace(old, fresh) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && selection.containsNode(old, true);
  if (old.contains(document.activeElement) || selected) return;
  if (old.outerHTML !== fresh.outerHTML) old.replaceWith(document.adoptNode(fresh));
}

const zone = { utc: false };

/** Date and time, so that yesterday's is not taken for today's. */
function localTimes(within) {
  for (const time of within.querySelectorAll('time.clock')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const local = new Date(date.getTime() - (zone.utc ? 0 : date.getTimezoneOffset() * 60_000));
    const text = local.toISOString().replace('T', ' ').slice(0, 19);
    if (time.textContent !== text) time.textContent = text;
    time.title = time.dateTime;
  }
}

function sayZone() {
  const minutes = -new Date().getTimezoneOffset();
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  byId('zone').textContent = `Times in ${zone.utc ? 'UTC' : `local time, UTC${offset}`}`;
  localTimes(document);
}

/** What is grave and recent stands in the window's title, too. */
function title() {
  const grave = document.querySelector('#totals .grave');
  const name = grave?.querySelector('.name').textContent;
  document.title = grave ? `(${grave.dataset.recent}) ${name} · Falco events` : 'Falco events';
}

// ---- events

const state = { paused: false, waiting: [], events: new Map(), last: undefined, life: '', hovered: false };
/** Rows made in one frame: a burst must not freeze the page. */
const ROWS_A_FRAME = 25;
const choices = { priority: byId('by-priority'), service: byId('by-service'), rule: byId('by-rule') };

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
  state.events.clear();
  list.replaceChildren();
}

function receive(event) {
  if (state.last !== undefined && event.id > state.last + 1)
    state.waiting.push({ gap: event.id - state.last - 1 });
  state.last = event.id;
  state.waiting.push(event);
  if (state.waiting.length > MOST_ROWS) state.waiting.splice(leastAt(state.waiting), 1);
  schedule();
}

/** The oldest that is not grave; of grave ones the oldest. */
function leastAt(events) {
  return Math.max(
    0,
    events.findIndex((event) => !isGrave(event.priority)),
  );
}

function isGrave(priority) {
  const at = PRIORITIES.indexOf(priority);
  return at >= 0 && at <= 3;
}

/** Whoever reads is not disturbed: an open event, a list that was scrolled, a pointer over it. */
function held() {
  return state.paused || state.hovered || list.scrollTop > 4 || list.querySelector('details[open]') !== null;
}

let scheduled = false;
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (held() && list.children.length > 0) say();
    else show();
  });
}

/** Shows some of what waits, and the rest in the next frames. @param all whatever holds the list */
function show(all = false) {
  const rows = document.createDocumentFragment();
  for (const event of state.waiting.splice(0, ROWS_A_FRAME))
    rows.prepend(event.gap ? gapRow(event.gap) : eventRow(event));
  list.prepend(rows);
  trim();
  say();
  if (state.waiting.length === 0) return;
  if (all) requestAnimationFrame(() => show(true));
  else schedule();
}

/** The oldest go that are neither grave nor being read. */
function trim() {
  while (list.children.length > MOST_ROWS) {
    let row = list.lastElementChild;
    while (row && (row.classList.contains('grave') || row.querySelector('details[open]')))
      row = row.previousElementSibling;
    row ??= list.lastElementChild;
    state.events.delete(row.dataset.id);
    row.remove();
  }
}

function eventRow(event) {
  const row = byId('row').content.firstElementChild.cloneNode(true);
  row.dataset.id = event.id;
  state.events.set(String(event.id), event);
  if (isGrave(event.priority)) row.classList.add('grave');
  const time = row.querySelector('time');
  time.dateTime = event.time ?? '';
  const badge = row.querySelector('.priority');
  badge.textContent = event.priority;
  badge.className = `priority p-${PRIORITIES.includes(event.priority) ? event.priority : 'other'}`;
  for (const part of ['service', 'rule', 'output']) row.querySelector(`.${part}`).textContent = event[part];
  localTimes(row);
  addChoice(choices.service, event.service);
  addChoice(choices.rule, event.rule);
  row.hidden = !passes(event);
  return row;
}

/** The rest of an event is made when it is opened: most never are. */
function fill(row) {
  const event = state.events.get(row.dataset.id);
  const fields = row.querySelector('dl');
  if (!event || fields.childElementCount > 0) return;
  if (event.earlier) fields.append(field('this exporter', 'started after this event'));
  for (const [name, value] of event.fields) fields.append(field(name, value));
  row.querySelector('.copy').hidden = event.line === null;
  row.querySelector('.like').hidden = false;
}

const TECHNIQUE = /^T\d{4}(\.\d{3})?$/;

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
  const shown = entry.querySelector('dd');
  const only = document.createElement('button');
  only.type = 'button';
  only.className = 'only';
  only.textContent = 'only these';
  only.setAttribute('aria-label', `only these: ${name} ${value.slice(0, 100)}`);
  only.dataset.field = `${name}=${value}`;
  shown.append(' ', only);
  if (name === 'tags')
    for (const tag of value.split(', ').filter((each) => TECHNIQUE.test(each))) {
      const link = document.createElement('a');
      link.href = `https://attack.mitre.org/techniques/${tag.replace('.', '/')}/`;
      link.rel = 'noreferrer';
      link.textContent = `ATT&CK ${tag}`;
      shown.append(' ', link);
    }
  return entry;
}

function gapRow(events) {
  const row = document.createElement('li');
  row.className = 'gap';
  row.textContent = `${events.toLocaleString('en')} events are not listed here: too many came at once. They are counted.`;
  return row;
}

// ---- filters: they stand in the address, so that a link is a view and Back works

const MANY = ['priority', 'service', 'rule', 'field'];
const ONCE = ['text', 'from', 'to'];
const MOST_CHOICES = 500;
let wanted = {};

function readAddress() {
  const query = new URLSearchParams(location.search);
  wanted = {};
  for (const name of MANY) wanted[name] = new Set(query.getAll(name));
  for (const name of ONCE) wanted[name] = query.get(name) ?? '';
  // Some fill one parameter with several priorities, as /api/events takes them.
  wanted.priority = new Set([...wanted.priority].flatMap((each) => each.split(',')));
  byId('by-text').value = wanted.text;
  filter();
}

/** @param step whether Back comes here again */
function writeAddress(step = true) {
  const query = new URLSearchParams();
  for (const name of MANY) for (const value of wanted[name]) query.append(name, value);
  for (const name of ONCE) if (wanted[name] !== '') query.set(name, wanted[name]);
  const address = query.size > 0 ? `?${query}` : location.pathname;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  filter();
}

function addChoice(select, value) {
  choices.known ??= new Map([
    [choices.service, new Set()],
    [choices.rule, new Set()],
  ]);
  const known = choices.known.get(select);
  if (known.size > MOST_CHOICES || known.has(value)) return;
  known.add(value);
  const after = [...select.options].find((option, at) => at > 0 && option.value > value);
  select.add(new Option(value, value), after ?? null);
}

/** A moment: RFC 3339, or milliseconds since the epoch as Grafana gives them. */
function moment(text) {
  return /^\d{11,}$/.test(text) ? Number(text) : Date.parse(text);
}

function passes(event) {
  for (const name of ['priority', 'service', 'rule'])
    if (wanted[name].size > 0 && !wanted[name].has(event[name])) return false;
  // Of one field any of the values, of several fields each.
  const byField = Map.groupBy
    ? Map.groupBy(wanted.field, (each) => each.split('=', 1)[0])
    : new Map([...wanted.field].map((each) => [each, [each]]));
  for (const values of byField.values())
    if (!event.fields.some(([name, value]) => values.includes(`${name}=${value}`))) return false;
  const time = Date.parse(event.time ?? '');
  if (time < moment(wanted.from) || time > moment(wanted.to)) return false;
  const text = wanted.text.trim().toLowerCase();
  if (text === '') return true;
  event.words ??= [event.output, event.rule, event.service, ...event.fields.flat()].join('\n').toLowerCase();
  return event.words.includes(text);
}

function filter() {
  for (const row of list.querySelectorAll('.event')) {
    const event = state.events.get(row.dataset.id);
    if (event) row.hidden = !passes(event);
  }
  const chips = MANY.flatMap((name) => [...wanted[name]].map((value) => chip(name, value)));
  for (const name of ['from', 'to']) if (wanted[name] !== '') chips.push(chip(name, wanted[name]));
  byId('chips').replaceChildren(...chips);
  say();
}

function chip(name, value) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  const isolated = document.createElement('bdi');
  isolated.textContent = name === 'field' ? value : `${name} ${value}`;
  button.append(isolated, ' ×');
  button.setAttribute('aria-label', `remove the filter ${isolated.textContent}`);
  button.addEventListener('click', () => {
    if (name in wanted && typeof wanted[name] !== 'string') wanted[name].delete(value);
    else wanted[name] = '';
    writeAddress();
  });
  item.append(button);
  return item;
}

function choose(name) {
  const { value } = choices[name];
  if (name === 'priority')
    wanted.priority = new Set(value === '' ? [] : PRIORITIES.slice(0, PRIORITIES.indexOf(value) + 1));
  else if (value === '') return;
  else wanted[name].add(value);
  if (name !== 'priority') choices[name].value = '';
  writeAddress();
}

function clear() {
  for (const name of MANY) wanted[name] = new Set();
  for (const name of ONCE) wanted[name] = '';
  writeAddress();
}

/** A link of the tables that filters: taken into the filters there are, without a new page. */
function follow(click) {
  const link = click.target.closest('a.filter');
  if (!link || click.ctrlKey || click.metaKey || click.shiftKey) return;
  click.preventDefault();
  for (const [name, value] of new URLSearchParams(link.search)) wanted[name]?.add?.(value);
  writeAddress();
}

function onList({ target }) {
  const row = target.closest('.event');
  if (target.classList.contains('copy')) copy(target);
  if (target.classList.contains('only')) wanted.field.add(target.dataset.field);
  else if (target.classList.contains('like')) {
    const { rule, service } = state.events.get(row.dataset.id);
    wanted.rule.add(rule);
    wanted.service.add(service);
  } else return;
  writeAddress();
}

/** Those that pass the filters, as they were printed, one a line. */
function exportEvents() {
  const lines = [...state.events.values()].filter((event) => event.line !== null && passes(event));
  const text = lines.map(({ line }) => `${line.replace(/[\r\n]/g, ' ')}\n`).join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  link.download = 'falco-events.ndjson';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// ---- what goes on, in words

function say(trouble) {
  const all = list.querySelectorAll('.event').length;
  const shown = all - list.querySelectorAll('.event[hidden]').length;
  byId('no-events').hidden = all > 0 || state.waiting.length > 0;
  byId('no-match').hidden = all === 0 || shown > 0;
  // Spoken by screen readers when it changes, so it holds no number; those stand beside it.
  const words = trouble ?? (state.paused ? 'Paused.' : 'Live.');
  const news = byId('news');
  if (byId('live').textContent !== words) byId('live').textContent = words;
  const waiting = state.waiting.filter(({ gap }) => !gap).length;
  const listed = shown === all ? `${all} listed` : `${shown} of ${all} listed`;
  news.hidden = state.paused || waiting === 0 || !held();
  news.textContent = `${waiting} new, show`;
  byId('tally').textContent = state.paused ? `${listed}, ${waiting} new since the pause` : listed;
}

function pause() {
  state.paused = !state.paused;
  byId('pause').setAttribute('aria-pressed', String(state.paused));
  if (state.paused) say();
  else show(true);
}

async function copy(button) {
  const { line } = state.events.get(button.closest('.event').dataset.id);
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
title();
setInterval(refresh, REFRESH);
document.addEventListener('visibilitychange', refresh);
if (list) {
  byId('filters').hidden = false;
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  for (const name of ['priority', 'service', 'rule'])
    choices[name].addEventListener('change', () => choose(name));
  byId('by-text').addEventListener('input', ({ target }) => {
    wanted.text = target.value;
    writeAddress(false);
  });
  byId('filters').addEventListener('reset', () => setTimeout(clear));
  byId('pause').addEventListener('click', pause);
  byId('export').addEventListener('click', exportEvents);
  byId('zone').addEventListener('click', () => {
    zone.utc = !zone.utc;
    sayZone();
  });
  byId('news').addEventListener('click', () => {
    list.scrollTop = 0;
    show(true);
  });
  list.addEventListener('click', onList);
  list.addEventListener('toggle', ({ target }) => target.open && fill(target.closest('.event')), true);
  list.addEventListener('pointerenter', () => (state.hovered = true));
  list.addEventListener('pointerleave', () => {
    state.hovered = false;
    schedule();
  });
  list.addEventListener('scroll', schedule);
  list.addEventListener('toggle', schedule, true);
  document.querySelector('main').addEventListener('click', follow);
  addEventListener('popstate', readAddress);
  readAddress();
  sayZone();
  connect();
}
