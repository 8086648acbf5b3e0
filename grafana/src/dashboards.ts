/** The files that Grafana loads, and what stands in each. */
import { fileURLToPath } from 'node:url';
import { eventsDashboard } from './events.ts';
import { exporterDashboard } from './exporter.ts';

const FOLDER = new URL('../dashboards/', import.meta.url);

/** Each dashboard's file and its whole text. Panels are numbered in their order. */
export function dashboards(): { path: string; text: string }[] {
  return [eventsDashboard(), exporterDashboard()].map((made) => {
    (made.panels ?? []).forEach((panel, index) => {
      panel.id = index + 1;
    });
    return {
      path: fileURLToPath(new URL(`${made.uid}.json`, FOLDER)),
      text: `${JSON.stringify(made, null, 2)}\n`,
    };
  });
}
