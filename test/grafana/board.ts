/** A dashboard as Grafana reads it from its file, as far as the tests look into it. */
import { readFileSync } from 'node:fs';
import { dashboards } from '../../grafana/src/dashboards.ts';

export interface Panel {
  title: string;
  type: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { uid: string };
  targets?: { refId: string; expr: string; instant?: boolean }[];
  fieldConfig: { defaults: { unit?: string; noValue?: string } };
}

export interface Board {
  uid: string;
  title: string;
  editable: boolean;
  refresh: string;
  tags: string[];
  time: { from: string; to: string };
  links: { type: string }[];
  annotations: { list: { expr?: string }[] };
  panels: Panel[];
  templating: {
    list: {
      name: string;
      type: string;
      query?: unknown;
      multi?: boolean;
      includeAll?: boolean;
      allValue?: string;
      refresh?: number;
      datasource?: { uid: string };
    }[];
  };
}

/** The committed dashboards. */
export const loaded = (): Board[] =>
  dashboards().map(({ path }) => JSON.parse(readFileSync(path, 'utf8')) as Board);

/** Without the rows. */
export const dataPanels = (board: Board): Panel[] => board.panels.filter(({ type }) => type !== 'row');
