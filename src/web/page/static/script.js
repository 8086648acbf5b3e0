/** The page's script: the list of live events, its filters, and numbers brought up to date. */
import { learn, startFilterBar } from './script/filter-bar.js';
import { readAddress } from './script/filters.js';
import { startList } from './script/list.js';
import { startNumbers } from './script/numbers.js';
import { sayZone, switchZone } from './script/times.js';

startNumbers();
if (document.getElementById('list')) {
  document.getElementById('zone').addEventListener('click', switchZone);
  sayZone();
  startFilterBar();
  startList(learn);
  addEventListener('popstate', readAddress);
  readAddress();
}
