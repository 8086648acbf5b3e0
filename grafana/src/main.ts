/** `npm run dashboards`: writes grafana/dashboards/*.json, which Grafana loads and nobody edits by hand. */
import { writeFileSync } from 'node:fs';
import { dashboards } from './dashboards.ts';

for (const { path, text } of dashboards()) writeFileSync(path, text);
