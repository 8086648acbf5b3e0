/** "Falco events": what happened, how bad, where. For whoever is on call. */
import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, fixedColor, stat } from './panels.ts';
import {
  anyInRange,
  CALM,
  counted,
  DATASOURCE,
  dashboard,
  ERROR_OR_WORSE,
  EVENTS,
  NO_EXPORTER,
  ofPriority,
  PRIORITIES,
  TARGET,
  VARIABLES,
} from './shared.ts';
import { countingState } from './state.ts';
import { matrix, quiet, rules, tactics, techniques } from './tables.ts';

const EXACT = 'Exact where the exporter keeps its state over restarts.';

const worst = stat(
  {
    title: 'Error or worse',
    description: `Events of priority error, critical, alert and emergency in the range. ${EXACT}`,
    unit: 'short',
    width: 4,
    height: 5,
    empty: NO_EXPORTER,
  },
  [{ expr: `round(sum${counted(ofPriority(ERROR_OR_WORSE))})` }],
  [
    [null, CALM],
    [0, 'semi-dark-green'],
    [1, 'semi-dark-red'],
  ],
);

const byPriority = stat(
  {
    title: 'Events by priority',
    description: `All events in the range, from the worst priority to the least. ${EXACT}`,
    unit: 'short',
    width: 11,
    height: 5,
    empty: '–',
  },
  PRIORITIES.map(({ name }) => ({
    expr: `round(sum${counted(ofPriority(name))})`,
    legend: name,
  })),
  [[null, CALM]],
);
byPriority.textMode(BigValueTextMode.ValueAndName);
for (const { name, color } of PRIORITIES) {
  const steps = [
    { value: null, color: CALM },
    { value: 1, color },
  ];
  byPriority.overrideByName(name, [{ id: 'thresholds', value: { mode: 'absolute', steps } }]);
}

const services = stat(
  {
    title: 'Services touched',
    description: 'Services with at least one event in the range. "host" counts as one.',
    unit: 'short',
    width: 3,
    height: 5,
    empty: '0',
  },
  [{ expr: `count(${anyInRange('service', EVENTS)})` }],
  [[null, CALM]],
);

const newest = stat(
  {
    title: 'Newest event',
    description: 'Time since the newest event of the chosen rules, in any priority and service.',
    unit: 'dtdurations',
    width: 3,
    height: 5,
    empty: 'none yet',
  },
  [{ expr: `time() - max(falco_rule_last_event_timestamp_seconds{${TARGET},rule=~"$rule"})` }],
  [[null, CALM]],
).decimals(0);

const overTime = bars(
  {
    title: 'Events over time, by priority',
    description:
      "Events a minute. The worst priorities are at the bottom of the stack, where you can't miss them.",
    unit: 'suffix:/min',
    width: 12,
    height: 9,
    empty: 'No events in this range',
  },
  PRIORITIES.map(({ name }) => ({
    expr: `60 * sum(rate(falco_events_total{${ofPriority(name)}}[$__rate_interval])) > 0`,
    legend: name,
  })),
);
for (const { name, color } of PRIORITIES) overTime.overrideByName(name, [fixedColor(color)]);

const overTimeByService = bars(
  {
    title: 'Events over time, by service',
    description: 'Events a minute of each service, in the chosen priorities.',
    unit: 'suffix:/min',
    width: 12,
    height: 9,
    empty: 'No events in this range',
  },
  [
    {
      expr: `60 * sum by (service) (rate(falco_events_total{${EVENTS}}[$__rate_interval])) > 0`,
      legend: '{{service}}',
    },
  ],
);

/** The dashboard, as Grafana reads it. */
export function eventsDashboard(): Dashboard {
  const builder = dashboard(
    'falco-events',
    'Falco events',
    'What Falco saw: how bad, where, since when. Numbers are whole events within the range.',
  ).variables([...VARIABLES.target, ...VARIABLES.events]);
  for (const panel of [
    worst,
    byPriority,
    services,
    newest,
    countingState(3, 5, `/d/falco-exporter?\${__url_time_range}`),
    overTime,
    overTimeByService,
    rules,
    matrix,
    tactics,
    techniques,
    quiet,
  ])
    builder.withPanel(panel.datasource(DATASOURCE));
  return builder.build();
}
