/** The filters as people set them: choices, a text, and a chip for each that is set. */
import {
  addFilters,
  clearFilters,
  filters,
  filterText,
  onFilters,
  removeFilter,
  setFilter,
  setView,
} from './filters.js';
import { worseThan } from './priority.js';

/** Services and rules that can be chosen; attackers may name services. */
const MOST_CHOICES = 500;
const byId = (id) => document.getElementById(id);
const choices = { service: byId('by-service'), rule: byId('by-rule') };
const known = { service: new Set(), rule: new Set() };
let behind = false;

export function startFilterBar() {
  const bar = byId('filters');
  bar.hidden = false;
  bar.addEventListener('submit', (event) => event.preventDefault());
  bar.addEventListener('reset', () => setTimeout(clearFilters));
  byId('by-priority').addEventListener('change', ({ target }) =>
    setFilter('priority', target.value === '' ? [] : worseThan(target.value)),
  );
  for (const [name, select] of Object.entries(choices))
    select.addEventListener('change', () => {
      const { value } = select;
      select.value = '';
      if (value !== '') addFilters([[name, value]]);
    });
  byId('by-text').addEventListener('input', ({ target }) => setFilter('text', target.value, false));
  document.querySelector('main').addEventListener('click', follow);
  const find = byId('find');
  find.parentElement.hidden = false;
  find.addEventListener('input', () => setView([['find', find.value]], false));
  onFilters(() => {
    if (byId('by-text').value !== filterText()) byId('by-text').value = filterText();
    byId('chips').replaceChildren(...filters().map(([name, value]) => chip(name, value)));
  });
}

/** What came can be chosen. Many come at once, so the choices follow when there is time. */
export function learn(event) {
  for (const name of ['service', 'rule']) {
    const values = known[name];
    if (values.size >= MOST_CHOICES || values.has(event[name])) continue;
    values.add(event[name]);
    if (!behind) setTimeout(catchUp, 200);
    behind = true;
  }
}

function catchUp() {
  behind = false;
  for (const [name, select] of Object.entries(choices)) {
    if (select.options.length === known[name].size + 1) continue;
    const options = [...known[name]].sort().map((value) => new Option(value, value));
    select.replaceChildren(new Option('all', ''), ...options);
  }
}

function chip(name, value) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  const isolated = document.createElement('bdi');
  isolated.textContent = name === 'field' ? value : `${name} ${value}`;
  button.append(isolated, ' ×');
  button.setAttribute('aria-label', `remove the filter ${isolated.textContent}`);
  button.addEventListener('click', () => removeFilter(name, value));
  item.append(button);
  return item;
}

/** A link that filters, or changes the view: taken into what there is, without a new page. */
function follow(click) {
  const link = click.target.closest('a.filter, a.view');
  if (!link || click.ctrlKey || click.metaKey || click.shiftKey) return;
  click.preventDefault();
  const values = new URLSearchParams(new URL(link.getAttribute('href'), location.href).search);
  if (link.classList.contains('view')) setView(values);
  else addFilters(values);
}
