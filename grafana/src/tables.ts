/** The tables of "Falco events": which rules, in which services, of which tactics, and which stay quiet. */
import { CLEAR, filled, HIDDEN, leadsTo, ranking, type Step, table, words } from './panels.ts';
import { anyInRange, counted, EVENTS, inRange, ofPriority, PRIORITIES, rank, TARGET } from './shared.ts';

const THIS = `/d/falco-events?\${__url_time_range}&\${datasource:queryparam}`;

/** Grafana's own placeholder for what was clicked. */
const VALUE = `\${__value.raw:percentencode}`;

/** The exporter's page with a row's events, within the dashboard's range. */
const EVENTS_PAGE = `\${page}/?rule=\${__data.fields.Rule:percentencode}&service=\${__data.fields.Service:percentencode}&priority=\${__data.fields.priority:percentencode}&from=\${__from}&to=\${__to}`;

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

export const rules = table(
  {
    title: 'Rules that fired',
    description:
      'Each rule and service with events in the range, worst priority first. Change is against the same time just before the range; last seen is of the rule in any service. A click sets the dashboard to that rule or service; one on the count opens the events on the exporter’s page.',
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
    {
      field: 'Value #B',
      heading: 'Events',
      width: 100,
      properties: [leadsTo("These events on the exporter's page", EVENTS_PAGE, true)],
    },
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
export const matrix = table(
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

export const tactics = ranking(
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

export const techniques = table(
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

export const quiet = table(
  {
    title: 'Quiet rules',
    description:
      'Rules that are loaded and enabled, and never fired. Either all is well, or the rule can not match: trigger it once.',
    unit: 'short',
    width: 24,
    height: 9,
    empty: 'None, or no rules known (--rules.file)',
  },
  [
    {
      expr: `(${ranked((name) => `count by (rule, source) (falco_rule_info{${TARGET},enabled="true",priority="${name}"})`)}) unless on (rule) (sum by (rule) (falco_events_total{${TARGET}}) > 0) unless on (rule) falco_rule_last_event_timestamp_seconds{${TARGET}}`,
    },
  ],
  [
    { field: 'Value', heading: 'Priority', width: 130, properties: PRIORITY_CELL },
    { field: 'rule', heading: 'Rule' },
    { field: 'source', heading: 'Source', width: 160 },
  ],
  ['Priority'],
);
