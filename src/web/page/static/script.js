/** The page's script: the list of live events, filters and views, and numbers brought up to date. */
import { learn, startFilterBar } from './script/filter-bar.js';
import { onFilters, readAddress } from './script/filters.js';
import { startList } from './script/list.js';
import { refreshSoon, startNumbers } from './script/numbers.js';
import { sayZone, switchZone } from './script/times.js';

startNumbers();
startFilterBar();
if (document.getElementById('list')) {
  document.getElementById('controls').hidden = false;
  document.getElementById('zone').addEventListener('click', switchZone);
  sayZone();
  startList(learn);
}
addEventListener('popstate', readAddress);
readAddress();
onFilters(refreshSoon);
