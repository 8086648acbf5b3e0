/** What both dashboards share: Falco's priorities and their colours, selectors, variables, links. */
import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Falco's priorities from worst to least, each with the colour that it has in every panel. */
export const PRIORITIES = [
  { name: 'emergency', color: 'dark-purple' },
  { name: 'alert', color: 'purple' },
  { name: 'critical', color: 'dark-red' },
  { name: 'error', color: 'semi-dark-orange' },
  { name: 'warning', color: 'yellow' },
  { name: 'notice', color: 'blue' },
  { name: 'informational', color: 'light-blue' },
  { name: 'debug', color: '#8e8e8e' },
] as const;

/** The number of a priority, for sorting: 8 is the worst, 1 the least. */
export const rank = (name: string): number =>
  PRIORITIES.length - PRIORITIES.findIndex((one) => one.name === name);

/** The priorities that wake someone. */
export const ERROR_OR_WORSE = 'emergency|alert|critical|error';

/** What is nothing to worry about: no colour of its own. */
export const CALM = '#6e6e6e';

/** What a panel of the exporter's own numbers says where there are none. */
export const NO_EXPORTER = 'no data: is an exporter scraped?';

export const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };

/** The exporters that the dashboard is set to. */
export const TARGET = 'job=~"$job",instance=~"$instance"';
/** The events that the dashboard is set to. */
export const EVENTS = `${TARGET},service=~"$service",priority=~"$priority",rule=~"$rule"`;
/** As `EVENTS`, of one priority or several, besides what the variable is set to. */
export const ofPriority = (pattern: string): string => `${EVENTS},priority=~"${pattern}"`;
/** Falco's own metrics: another job and other instances than the exporter's. */
export const FALCO = 'job="falco"';
export const RESPONDER = 'job="falco-responder"';

const RUNBOOKS = 'https://github.com/falco-event-exporter/falco-event-exporter/tree/main/docs/runbooks';

/**
 * Events of each series within the dashboard's range, exactly: the last count less the first, since the exporter's
 * counts survive restarts. Where they did not (no state directory), `increase`, which copes with counts that begin
 * anew, but extrapolates: 74 events of 4 minutes would read 76.
 */
export function counted(selector: string, offset = ''): string {
  const of = (fn: string) => `${fn}(falco_events_total{${selector}}[$__range]${offset})`;
  return `(${of('max_over_time')} - ${of('min_over_time')} unless ${of('resets')} > 0 or ${of('increase')})`;
}

/** Whole events within the range by some labels. */
export const inRange = (by: string, selector: string, offset = ''): string =>
  `round(sum by (${by}) ${counted(selector, offset)})`;

/** Whether there were any: cheaper than counting. */
export const anyInRange = (by: string, selector: string): string =>
  `sum by (${by}) (increase(falco_events_total{${selector}}[$__range])) > 0`;

/** The time that a part `q` of the events took at most, from the event to its count. */
export const quantile = (q: number, range: string): string =>
  `histogram_quantile(${q}, sum by (le) (rate(falco_exporter_event_delay_seconds_bucket{${TARGET}}[${range}])))`;

/** Where people reach the exporter's page; another place sets it with `var-page` in the dashboard's address. */
const PAGE = new TextBoxVariableBuilder('page')
  .label("The exporter's page")
  .hide(VariableHide.HideVariable)
  .defaultValue('http://localhost:9376');

const query = (name: string, label: string, text: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query: text, refId: name })
    .definition(text)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

const PRIORITY = new CustomVariableBuilder('priority')
  .label('Priority')
  .values(PRIORITIES.map(({ name }) => name).join(','))
  .options([
    { selected: true, text: 'All', value: '$__all' },
    ...PRIORITIES.map(({ name }) => ({ selected: false, text: name, value: name })),
  ])
  .multi(true)
  .includeAll(true)
  .allValue('.+')
  .current({ selected: true, text: ['All'], value: ['$__all'] });

/** What the dashboard can be set to; `events` are the variables of the events alone. */
export const VARIABLES = {
  target: [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    query('job', 'Job', 'label_values(falco_exporter_build_info, job)'),
    query('instance', 'Instance', 'label_values(falco_exporter_build_info{job=~"$job"}, instance)'),
  ],
  events: [
    PAGE,
    query('service', 'Service', `label_values(falco_events_total{${TARGET}}, service)`),
    PRIORITY,
    query(
      'rule',
      'Rule',
      `label_values(falco_events_total{${TARGET},service=~"$service",priority=~"$priority"}, rule)`,
    ),
  ],
};

/** A mark over every graph where an alert begins to fire; the time that it lasts would paint the graphs over. */
const FIRING = 'ALERTS{alertstate="firing",alertname=~"Falco.+",severity=~"critical|warning"}';
const alerts = new AnnotationQueryBuilder()
  .name('Alerts')
  .datasource(DATASOURCE)
  .enable(true)
  .iconColor('red')
  .expr(`count by (alertname, rule, service, reason, instance) (${FIRING} unless ${FIRING} offset 1m)`)
  .tagKeys('alertname')
  .textFormat('begins to fire: {{rule}} {{service}} {{reason}} {{instance}}')
  .step('60s');

/**
 * An empty dashboard with everything that each has: read-only, six hours, refreshed twice a minute, the links to
 * the other dashboard and to the runbooks, marks where alerts begin to fire.
 *
 * The schema is 36, the one of Grafana 9.4: newer ones migrate it as they load it, while a newer schema would
 * reach 9.4 with options that it doesn't know.
 */
export function dashboard(uid: string, title: string, description: string): DashboardBuilder {
  return new Grafana94(title)
    .uid(uid)
    .description(description)
    .tags(['falco'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .annotation(alerts)
    .link(
      new DashboardLinkBuilder('Falco dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['falco'])
        .keepTime(true)
        .includeVars(false),
    )
    .link(
      new DashboardLinkBuilder('Runbooks')
        .type(DashboardLinkType.Link)
        .icon('doc')
        .url(RUNBOOKS)
        .targetBlank(true)
        .tooltip('What each alert means and what to do'),
    );
}

class Grafana94 extends DashboardBuilder {
  constructor(title: string) {
    super(title);
    this.internal.schemaVersion = 36;
    this.internal.version = 1;
  }
}
