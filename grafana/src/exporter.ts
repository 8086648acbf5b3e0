/** "Falco exporter": whether all that Falco saw is counted, and in time. For whoever runs it. */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, CLEAR, filled, fixedColor, lines, type Step, table } from './panels.ts';
import { responder } from './responder.ts';
import { CALM, dashboard, FALCO, NO_EXPORTER, quantile, TARGET, VARIABLES } from './shared.ts';
import { atOnce } from './tiles.ts';

const NO_FALCO = 'no data: is Falco scraped (job falco), with metrics.enabled?';
const NO_SNAPSHOTS = 'no data: does Falco print metrics snapshots (metrics.enabled, output_rule)?';
const SNAPSHOT_AGE = `time() - max by (instance) (falco_exporter_snapshot_timestamp_seconds{${TARGET}} > 0)`;

const graph = { height: 8, width: 8 };
const OUTCOMES = { event: 'green', internal: 'blue', text: CALM, malformed: 'red', oversized: 'orange' };
const HAPPENINGS = { rotations: 'blue', truncations: 'yellow', gaps: 'red' };

const outcomes = lines(
  {
    ...graph,
    title: 'Lines by outcome',
    description:
      "Lines a second. Internal: Falco's own events. Text: its closing tally, and everything else that is no JSON.",
    unit: 'cps',
    empty: NO_EXPORTER,
  },
  [
    {
      expr: `sum by (outcome) (rate(falco_exporter_lines_total{${TARGET}}[$__rate_interval]))`,
      legend: '{{outcome}}',
    },
  ],
);
for (const [name, color] of Object.entries(OUTCOMES)) outcomes.overrideByName(name, [fixedColor(color)]);

const happenings = bars(
  {
    ...graph,
    title: 'Rotations, truncations, gaps',
    description: 'What became of the followed files. Rotations and truncations are ordinary; a gap is not.',
    unit: 'short',
    empty: NO_EXPORTER,
  },
  Object.keys(HAPPENINGS).map((name) => ({
    expr: `sum(increase(falco_exporter_${name}_total{${TARGET}}[$__rate_interval]))`,
    legend: name,
  })),
);
happenings.axisSoftMax(1);
for (const [name, color] of Object.entries(HAPPENINGS)) happenings.overrideByName(name, [fixedColor(color)]);

const reading = [
  lines(
    {
      ...graph,
      title: 'Delay from event to count',
      description: 'Of events in each moment. It includes what Falco itself takes to write the line.',
      unit: 's',
      empty: 'No events in this range',
    },
    [
      { expr: quantile(0.5, '$__rate_interval'), legend: 'p50' },
      { expr: quantile(0.99, '$__rate_interval'), legend: 'p99' },
    ],
  ),
  lines(
    {
      ...graph,
      title: 'Unread bytes',
      description: 'Written to the input and not yet counted, at the moment of each scrape.',
      unit: 'bytes',
      empty: NO_EXPORTER,
    },
    [{ expr: `falco_exporter_lag_bytes{${TARGET}}`, legend: '{{instance}} {{input}}' }],
  ).axisSoftMax(1024),
  outcomes,
  happenings,
  lines(
    {
      ...graph,
      title: 'Age of the snapshot',
      description:
        'Time since the state was last saved. It is saved when something is new, so the time grows while no lines come.',
      unit: 's',
      empty: 'none written: no --state.dir?',
    },
    [{ expr: SNAPSHOT_AGE, legend: '{{instance}}' }],
  ),
  lines(
    {
      ...graph,
      title: 'Series, of the limit',
      description: 'Combinations of rule, service and priority that have a series, as a part of the limit.',
      unit: 'percentunit',
      empty: NO_EXPORTER,
    },
    [
      {
        expr: `falco_exporter_series{${TARGET}} / falco_exporter_series_limit{${TARGET}}`,
        legend: '{{instance}}',
      },
    ],
  ).axisSoftMax(1),
];

const itself = [
  lines(
    {
      ...graph,
      title: 'Memory',
      description: 'Resident memory, and the part of it that is the heap in use.',
      unit: 'bytes',
      empty: NO_EXPORTER,
    },
    [
      { expr: `process_resident_memory_bytes{${TARGET}}`, legend: '{{instance}} resident' },
      { expr: `nodejs_heap_size_used_bytes{${TARGET}}`, legend: '{{instance}} heap' },
    ],
  ),
  lines(
    {
      ...graph,
      title: 'CPU',
      description: 'Of one core.',
      unit: 'percentunit',
      empty: NO_EXPORTER,
    },
    [{ expr: `rate(process_cpu_seconds_total{${TARGET}}[$__rate_interval])`, legend: '{{instance}}' }],
  ),
  lines(
    {
      ...graph,
      title: 'Event loop lag',
      description: 'How late the exporter got to a timer, measured at each scrape.',
      unit: 's',
      empty: NO_EXPORTER,
    },
    [{ expr: `nodejs_eventloop_lag_seconds{${TARGET}}`, legend: '{{instance}}' }],
  ),
];

const OURS = `sum by (rule) (increase(falco_events_total{${TARGET}}[$__range]))`;
const NATIVE = `sum by (rule) (label_replace(increase(falcosecurity_falco_rules_matches_total{${FALCO}}[$__range]), "rule", "$1", "rule_name", "(.*)"))`;
const short: Step[] = [
  [null, CLEAR],
  [0.5, 'semi-dark-red'],
];

/** What Falco counted itself, as its metrics snapshots tell. */
const SAID = `sum by (rule) (increase(falco_rule_matches_total{${TARGET}}[$__range]) > 0)`;

const said = [
  table(
    {
      title: "Our count beside Falco's snapshots",
      description:
        "Events in the range by rule: our count, and Falco's from its metrics snapshots. Falco's number is up to one snapshot interval late, and misses what came after the last snapshot before a restart. If ours is lower, events are lost.",
      unit: 'short',
      width: 12,
      height: 10,
      empty: NO_SNAPSHOTS,
    },
    [
      { expr: `round(${OURS}) and on (rule) ${SAID}` },
      { expr: `round(${SAID})` },
      { expr: `round(clamp_min(${SAID} - (${OURS} or 0 * ${SAID}), 0))` },
    ],
    [
      { field: 'rule', heading: 'Rule' },
      { field: 'Value #A', heading: 'Counted here', width: 120 },
      { field: 'Value #B', heading: "Falco's own", width: 120 },
      { field: 'Value #C', heading: 'Missing', width: 100, properties: filled(...short) },
    ],
    ['Missing', "Falco's own"],
  ),
  lines(
    {
      title: 'Lost in the kernel and in Falco',
      description:
        "The share of kernel events that were lost, and events a second that Falco's full output queue dropped.",
      unit: 'percentunit',
      width: 6,
      height: 10,
      empty: NO_SNAPSHOTS,
    },
    [
      {
        expr: `sum by (instance) (rate(falco_kernel_events_dropped_total{${TARGET}}[$__rate_interval])) / (sum by (instance) (rate(falco_kernel_events_total{${TARGET}}[$__rate_interval])) > 0)`,
        legend: '{{instance}} kernel',
      },
      {
        expr: `sum by (instance) (rate(falco_output_events_dropped_total{${TARGET}}[$__rate_interval]))`,
        legend: '{{instance}} output queue, a second',
      },
    ],
  ).axisSoftMax(0.01),
  table(
    {
      title: 'Rules files',
      description:
        'How many Falcos have loaded which version (sha256) of each rules file. More than one version of a file is a drift.',
      unit: 'short',
      width: 6,
      height: 10,
      empty: NO_SNAPSHOTS,
    },
    [{ expr: `count by (file, sha256) (falco_rules_file_info{${TARGET}})` }],
    [
      { field: 'file', heading: 'File' },
      { field: 'sha256', heading: 'sha256' },
      { field: 'Value', heading: 'Falcos', width: 80 },
    ],
    ['File'],
  ),
];

const falco = [
  table(
    {
      title: "Our count beside Falco's",
      description:
        "Events in the range by rule. Falco's counter begins anew with each start, and at its first match, so it may be lower than ours. If ours is lower, events are lost.",
      unit: 'short',
      width: 12,
      height: 10,
      empty: NO_FALCO,
    },
    [
      { expr: `round(${OURS}) and on (rule) ${NATIVE}` },
      { expr: `round(${NATIVE})` },
      { expr: `round(clamp_min(${NATIVE} - (${OURS} or 0 * ${NATIVE}), 0))` },
    ],
    [
      { field: 'rule', heading: 'Rule' },
      { field: 'Value #A', heading: 'Counted here', width: 120 },
      { field: 'Value #B', heading: "Falco's own", width: 120 },
      { field: 'Value #C', heading: 'Missing', width: 100, properties: filled(...short) },
    ],
    ['Missing', "Falco's own"],
  ),
  lines(
    {
      title: "Falco's drops",
      description:
        'Events a second that Falco lost in the kernel, or dropped because its output queue was full.',
      unit: 'cps',
      width: 6,
      height: 10,
      empty: NO_FALCO,
    },
    [
      {
        expr: `sum by (instance) (rate(falcosecurity_scap_n_drops_total{${FALCO}}[$__rate_interval]))`,
        legend: '{{instance}} kernel',
      },
      {
        expr: `sum by (instance) (rate(falcosecurity_falco_outputs_queue_num_drops_total{${FALCO}}[$__rate_interval]))`,
        legend: '{{instance}} output queue',
      },
    ],
  ).axisSoftMax(1),
  lines(
    {
      title: "Falco's CPU",
      description: 'Of one core, as Falco says itself.',
      unit: 'percentunit',
      width: 6,
      height: 10,
      empty: NO_FALCO,
    },
    [{ expr: `falcosecurity_falco_cpu_usage_ratio{${FALCO}}`, legend: '{{instance}}' }],
  ),
];

/** The dashboard, as Grafana reads it. */
export function exporterDashboard(): Dashboard {
  const builder = dashboard(
    'falco-exporter',
    'Falco exporter',
    'Whether everything that Falco saw is counted, in time, and what it costs.',
  ).variables(VARIABLES.target);
  for (const panel of atOnce) builder.withPanel(panel);
  for (const [title, panels] of [
    ['Reading', reading],
    ['The process', itself],
    ["Falco's snapshots", said],
    ['Falco', falco],
    ['Responder', responder],
  ] as const) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}
