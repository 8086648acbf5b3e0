/** "Falco events": what happened, how bad, where. For whoever is on call. */
import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  bars,
  CLEAR,
  filled,
  fixedColor,
  HIDDEN,
  leadsTo,
  ranking,
  type Step,
  stat,
  table,
  words,
} from './panels.ts';
import {
  anyInRange,
  CALM,
  counted,
  DATASOURCE,
  dashboard,
  ERROR_OR_WORSE,
  EVENTS,
  inRange,
  PRIORITIES,
  rank,
  TARGET,
  VARIABLES,
} from './shared.ts';
import { countingState } from './state.ts';

const NO_EXPORTER = 'no data: is an exporter scraped?';
const EXACT = 'Exact where the exporter keeps its state over restarts.';

/** As `EVENTS`, of one priority or several, besides what the variable is set to. */
const ofPriority = (pattern: string): string => `${EVENTS},priority=~"${pattern}"`;

const THIS = `/d/falco-events?\${__url_time_range}&\${datasource:queryparam}`;

/** Grafana's own placeholder for what was clicked. */
const VALUE = `\${__value.raw:percentencode}`;

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
    description: 'Services with at least one event in the range. "host" is one, too.',
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
    description:
      'How long ago the newest event happened, of any priority and service, of the rules that the dashboard is set to.',
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
      'Events a minute. The worst priorities stand at the bottom of the stack, where they are not missed.',
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
    description: 'Events a minute of each service, all priorities that the dashboard is set to.',
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

const COUNT = inRange('rule, service, priority', EVENTS);
/** One expression of the priority's pattern for each priority, with its rank as the value: a table can sort by it. */
const ranked = (vector: (name: string) => string): string =>
  PRIORITIES.map(({ name }) => `(0 * (${vector(name)}) + ${rank(name)})`).join(' or ');

const PRIORITY_CELL = [
  {
    id: 'mappings',
    value: words(Object.fromEntries(PRIORITIES.map(({ name, color }) => [rank(name), [name, color]]))),
  },
  { id: 'custom.displayMode', value: 'color-background-solid' },
  { id: 'custom.align', value: 'center' },
];

const rules = table(
  {
    title: 'Rules that fired',
    description:
      'Each rule and service with events in the range, worst priority first. Change is against the same time just before the range; last seen is of the rule in any service. A click sets the dashboard to that rule or service.',
    unit: 'short',
    width: 24,
    height: 11,
    empty: 'No events in this range',
  },
  [
    { expr: ranked((name) => anyInRange('rule, service, priority', ofPriority(name))) },
    { expr: `${COUNT} > 0` },
    {
      expr: `(${COUNT} > 0) - (${inRange('rule, service, priority', EVENTS, ' offset $__range')} or 0 * ${COUNT})`,
    },
    {
      expr: `1000 * (0 * (${anyInRange('rule, service, priority', EVENTS)}) + on (rule) group_left () max by (rule) (falco_rule_last_event_timestamp_seconds{${TARGET}}))`,
    },
  ],
  [
    {
      field: 'Value #A',
      heading: 'Priority',
      width: 130,
      properties: PRIORITY_CELL,
    },
    {
      field: 'rule',
      heading: 'Rule',
      properties: [
        leadsTo('Only this rule', `${THIS}&\${service:queryparam}&\${priority:queryparam}&var-rule=${VALUE}`),
      ],
    },
    {
      field: 'service',
      heading: 'Service',
      width: 220,
      properties: [
        leadsTo(
          'Only this service',
          `${THIS}&\${priority:queryparam}&\${rule:queryparam}&var-service=${VALUE}`,
        ),
      ],
    },
    { field: 'priority', heading: 'priority', properties: HIDDEN },
    { field: 'Value #B', heading: 'Events', width: 100 },
    {
      field: 'Value #C',
      heading: 'Change',
      width: 100,
      properties: [
        { id: 'custom.displayMode', value: 'color-text' },
        {
          id: 'thresholds',
          value: {
            mode: 'absolute',
            steps: [
              { value: null, color: 'green' },
              { value: 0, color: 'text' },
              { value: 1, color: 'orange' },
            ],
          },
        },
      ],
    },
    {
      field: 'Value #D',
      heading: 'Last seen',
      width: 160,
      properties: [{ id: 'unit', value: 'dateTimeFromNow' }],
    },
  ],
  ['Priority', 'Events'],
);

const cell = (color: string): Step[] => [
  [null, CLEAR],
  [1, color],
];
const matrix = table(
  {
    title: 'Service × priority',
    description: 'Events in the range by service and priority. A click sets the dashboard to that service.',
    unit: 'short',
    width: 12,
    height: 9,
    empty: 'No events in this range',
  },
  PRIORITIES.map(({ name }) => ({
    expr: `${inRange('service', ofPriority(name))} and on (service) (${anyInRange('service', EVENTS)})`,
  })),
  [
    {
      field: 'service',
      heading: 'Service',
      properties: [
        leadsTo(
          'Only this service',
          `${THIS}&\${priority:queryparam}&\${rule:queryparam}&var-service=${VALUE}`,
        ),
      ],
    },
    ...PRIORITIES.map(({ name, color }, index) => ({
      field: `Value #${String.fromCharCode(65 + index)}`,
      heading: name === 'informational' ? 'info' : name,
      width: 76,
      properties: [
        ...filled(...cell(color)),
        { id: 'mappings', value: words({ 0: ['·', CLEAR] }) },
        { id: 'noValue', value: '·' },
        { id: 'custom.align', value: 'center' },
      ],
    })),
  ],
  ['error'],
);

/** Events in the range by one of the rules' tags; a rule with two tags counts under both. */
const byTag = (pattern: string): string =>
  `sum by (tag) (sum by (instance, rule) ${counted(EVENTS)} * on (instance, rule) group_right () falco_rule_tag_info{${TARGET},tag=~"${pattern}"})`;
const NO_TAGS = 'No events with such a tag (tags come with --rules.file)';

const tactics = ranking(
  {
    title: 'ATT&CK tactics',
    description: "Events in the range by MITRE ATT&CK tactic, from the rules' tags (mitre_…).",
    unit: 'short',
    width: 6,
    height: 9,
    empty: NO_TAGS,
  },
  [
    {
      expr: `sort_desc(round(label_replace(${byTag('mitre_.+')} > 0, "tactic", "$1", "tag", "mitre_(.+)")))`,
      legend: '{{tactic}}',
    },
  ],
  'semi-dark-blue',
);

const techniques = table(
  {
    title: 'ATT&CK techniques',
    description:
      "Events in the range by MITRE ATT&CK technique, from the rules' tags. A click opens its page at MITRE.",
    unit: 'short',
    width: 6,
    height: 9,
    empty: NO_TAGS,
  },
  [
    {
      expr: `round(label_replace(label_replace(${byTag('T[0-9]+([.][0-9]+)?')} > 0, "page", "$1", "tag", "(T[0-9]+)"), "page", "$1/$2", "tag", "(T[0-9]+)[.]([0-9]+)"))`,
    },
  ],
  [
    {
      field: 'tag',
      heading: 'Technique',
      properties: [leadsTo('At MITRE', `https://attack.mitre.org/techniques/\${__data.fields.page}/`, true)],
    },
    { field: 'page', heading: 'page', properties: HIDDEN },
    { field: 'Value', heading: 'Events', width: 90 },
  ],
  ['Events'],
);

const quiet = table(
  {
    title: 'Quiet rules',
    description:
      'Rules that are loaded and enabled and of which no event was ever counted. All quiet is well, or a rule that can not match: try it once.',
    unit: 'short',
    width: 24,
    height: 9,
    empty: 'None, or no rules known (--rules.file)',
  },
  [
    {
      expr: `(${ranked((name) => `count by (rule, source) (falco_rule_info{${TARGET},enabled="true",priority="${name}"})`)}) unless on (rule) (sum by (rule) (falco_events_total{${TARGET}}) > 0)`,
    },
  ],
  [
    { field: 'Value', heading: 'Priority', width: 130, properties: PRIORITY_CELL },
    { field: 'rule', heading: 'Rule' },
    { field: 'source', heading: 'Source', width: 160 },
  ],
  ['Priority'],
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
