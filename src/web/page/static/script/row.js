/** An event as a row. Its text comes escaped for the eye from the exporter, and is only ever set as text. */
import { isGrave, priorityClass } from './priority.js';
import { localTime } from './times.js';

const template = document.getElementById('row');

export function eventRow(event) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.id = event.id;
  if (isGrave(event.priority)) row.classList.add('grave');
  const [time, badge, service, rule, output] = row.querySelector('summary').children;
  time.dateTime = event.time ?? '';
  localTime(time);
  badge.textContent = event.priority;
  badge.className = `priority ${priorityClass(event.priority)}`;
  service.textContent = event.service;
  rule.textContent = event.rule;
  output.textContent = event.output;
  if (event.gap) row.append(gap(event.gap));
  return row;
}

function gap(events) {
  const said = document.createElement('p');
  said.className = 'gap';
  said.textContent = `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'} before this one: counted, and not kept here.`;
  return said;
}

/** The rest of an event is made when it is opened: most never are. */
export function fill(row, event) {
  const fields = row.querySelector('dl');
  if (!event || fields.childElementCount > 0) return;
  if (event.earlier) fields.append(field('this exporter', 'started after this event'));
  for (const name of ['rule', 'service', 'priority']) fields.append(field(name, event[name], name));
  for (const [name, value] of event.fields)
    fields.append(name === 'tags' ? tags(value.split(', ')) : field(name, value, 'field'));
  row.querySelector('.copy').hidden = event.line === null;
  row.querySelector('.like').hidden = false;
}

/** @param kind of filter that its button sets; none: it has no button */
function field(name, value, kind) {
  const { entry, shown } = emptyField(name);
  shown.append(isolated(value));
  if (kind) shown.append(' ', only(kind, kind === 'field' ? `${name}=${value}` : value, `${name} ${value}`));
  return entry;
}

function emptyField(name) {
  const entry = document.createElement('div');
  entry.appendChild(document.createElement('dt')).append(isolated(name));
  return { entry, shown: entry.appendChild(document.createElement('dd')) };
}

function isolated(text) {
  const element = document.createElement('bdi');
  element.textContent = text;
  return element;
}

function only(kind, value, said) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'only';
  button.textContent = 'only these';
  button.setAttribute('aria-label', `only these: ${said.slice(0, 100)}`);
  button.dataset.kind = kind;
  button.dataset.value = value;
  return button;
}

const TECHNIQUE = /^T\d{4}(\.\d{3})?$/;

function tags(names) {
  const { entry, shown } = emptyField('tags');
  for (const name of names) {
    const tag = document.createElement('span');
    tag.className = 'tag';
    tag.append(isolated(name), ' ', only('tag', name, `tag ${name}`));
    if (TECHNIQUE.test(name)) tag.append(' ', technique(name));
    shown.append(tag, ' ');
  }
  return entry;
}

function technique(name) {
  const link = document.createElement('a');
  link.href = `https://attack.mitre.org/techniques/${name.replace('.', '/')}/`;
  link.rel = 'noreferrer';
  link.textContent = `ATT&CK ${name}`;
  return link;
}
