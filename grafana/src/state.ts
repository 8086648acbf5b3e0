/** The one tile that says whether the other numbers can be trusted; both dashboards have it. */
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { leadsTo, stat, words } from './panels.ts';
import { TARGET } from './shared.ts';

/** The worst state of the exporters chosen; `url` is where a click leads. */
export function countingState(width: number, height: number, url: string): PanelBuilder {
  return stat(
    {
      title: 'Counting',
      description:
        'Whether the other numbers can be trusted. Up to date: every exporter answers, has its input, and has less than 1 MiB unread.',
      unit: 'none',
      width,
      height,
      empty: 'no exporter',
    },
    [
      {
        expr: [
          `(min(up{${TARGET}}) == 0)`,
          `or (1 + (min(falco_exporter_input_up{${TARGET}}) == 0))`,
          `or (2 + 0 * (max(falco_exporter_lag_bytes{${TARGET}}) > 1048576))`,
          `or (3 + 0 * min(up{${TARGET}}))`,
        ].join(' '),
        legend: 'state',
      },
    ],
    [[null, 'semi-dark-red']],
  )
    .mappings(
      words({
        0: ['down', 'semi-dark-red'],
        1: ['no input', 'semi-dark-red'],
        2: ['behind', 'semi-dark-orange'],
        3: ['up to date', 'semi-dark-green'],
      }),
    )
    .overrideByName('state', [leadsTo('The exporter', url)]);
}
