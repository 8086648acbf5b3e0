/** What is wanted: it stands in the address, so that a link is a view and Back works. */
import { moment } from './times.js';

/** Those with several values: any of them, of several fields each. */
const MANY = ['priority', 'service', 'rule', 'tag', 'field'];
const ONCE = ['text', 'from', 'to'];

const wanted = {};
for (const name of MANY) wanted[name] = new Set();
for (const name of ONCE) wanted[name] = '';

/** What `passes` needs of them, worked out once. */
let test;
const listeners = [];

/** @param listener is called after each change */
export function onFilters(listener) {
  listeners.push(listener);
}

function changed() {
  const fields = new Map();
  for (const each of wanted.field) {
    const name = each.split('=', 1)[0];
    fields.set(name, [...(fields.get(name) ?? []), each.slice(name.length + 1)]);
  }
  test = { fields, from: moment(wanted.from), to: moment(wanted.to), text: wanted.text.trim().toLowerCase() };
  for (const listener of listeners) listener();
}

export function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const name of MANY) wanted[name] = new Set(query.getAll(name));
  for (const name of ONCE) wanted[name] = query.get(name) ?? '';
  // Some fill one parameter with several priorities, as /api/events takes them.
  wanted.priority = new Set([...wanted.priority].flatMap((each) => each.split(',')));
  changed();
}

/** @param step whether Back comes here again */
function writeAddress(step = true) {
  const query = new URLSearchParams(location.search);
  for (const name of [...MANY, ...ONCE, 'page']) query.delete(name);
  for (const name of MANY) for (const value of wanted[name]) query.append(name, value);
  for (const name of ONCE) if (wanted[name] !== '') query.set(name, wanted[name]);
  goTo(query, step);
}

/** Shows the view of a query, without a new page. */
export function goTo(query, step = true) {
  const address = query.size > 0 ? `?${query}` : location.pathname;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  readAddress();
}

/** @param values pairs of a filter's name and a value, added to what is there */
export function addFilters(values) {
  for (const [name, value] of values)
    if (MANY.includes(name)) wanted[name].add(value);
    else if (ONCE.includes(name)) wanted[name] = value;
  writeAddress();
}

/** In the place of what this filter was. */
export function setFilter(name, value, step = true) {
  wanted[name] = MANY.includes(name) ? new Set(value) : value;
  writeAddress(step);
}

export function clearFilters(names = [...MANY, ...ONCE]) {
  for (const name of names) wanted[name] = MANY.includes(name) ? new Set() : '';
  writeAddress();
}

/** @returns name and value of each filter that is set; the text has its own field */
export function filters() {
  const many = MANY.flatMap((name) => [...wanted[name]].map((value) => [name, value]));
  return [
    ...many,
    ...['from', 'to'].filter((name) => wanted[name] !== '').map((name) => [name, wanted[name]]),
  ];
}

export function filterText() {
  return wanted.text;
}

/** Whether an event passes the filters; @param timeless whatever its time */
export function passes(event, timeless = false) {
  for (const name of ['priority', 'service', 'rule'])
    if (wanted[name].size > 0 && !wanted[name].has(event[name])) return false;
  if (wanted.tag.size > 0 && !tagsOf(event).some((tag) => wanted.tag.has(tag))) return false;
  for (const [name, values] of test.fields)
    if (!event.fields.some(([field, value]) => field === name && values.includes(value))) return false;
  if (!timeless) {
    const time = Date.parse(event.time ?? '');
    if (time < test.from || time > test.to) return false;
  }
  if (test.text === '') return true;
  event.words ??= [event.output, event.rule, event.service, ...event.fields.flat()].join('\n').toLowerCase();
  return event.words.includes(test.text);
}

export function tagsOf(event) {
  const tags = event.fields.find(([name]) => name === 'tags');
  return tags ? tags[1].split(', ') : [];
}

/** Another window, order or page of the same. @param values pairs of a name and a value */
export function setView(values, step = true) {
  const query = new URLSearchParams(location.search);
  query.delete('page');
  for (const [name, value] of values)
    if (value === '') query.delete(name);
    else query.set(name, value);
  goTo(query, step);
}

/** Takes one filter off. */
export function removeFilter(name, value) {
  if (MANY.includes(name)) wanted[name].delete(value);
  else wanted[name] = '';
  writeAddress();
}
