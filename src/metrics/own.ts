/** Everything but the ledger's counters: gauges about the exporter and the rules, and Node's own metrics. */
import { collectDefaultMetrics, Gauge, type Metric, type Registry } from 'prom-client';
import { type FalcoRun, loadedFiles } from '../ledger/falco.ts';
import { labelValue } from '../ledger/series.ts';
import type { InputStatus } from '../source/source.ts';
import type { RuleInfo } from './catalogue.ts';
import type { DelayHistogram } from './delay.ts';
import { registerWeb } from './web.ts';
import type { WebStatus } from './web-status.ts';

/** What is asked at each answer. Times in milliseconds since the epoch. */
export interface OwnState {
  build: { version: string; revision: string };
  now(): number;
  inputs(): InputStatus[];
  /** When the last line of an input was read; undefined before the first. */
  lastLine(input: string): number | undefined;
  /** By name. Another map where others were loaded. */
  rules(): ReadonlyMap<string, RuleInfo>;
  /** What each machine's Falco has loaded. */
  falco(): Iterable<FalcoRun>;
  /** Time of the last event of each rule, by the rule as its label says it. */
  lastEvents(): ReadonlyMap<string, number>;
  /** Of the last week, by when they were counted; and those whose last hour is far above their habit. */
  rare(): {
    fresh: Iterable<{ rule: string; service: string; seen: number }>;
    unusual: Iterable<readonly string[]>;
  };
  series(): { used: number; limit: number };
  /** When the snapshot on disk was written; undefined where there is none. */
  snapshotWritten(): number | undefined;
  reload(): { successful: boolean; succeededAt: number };
  web(): WebStatus;
}

/** Resolution of prom-client's event-loop timer: an hour, as one of 10 ms takes 1 % of a core. */
const NO_EVENT_LOOP_TIMER = 3_600_000;

/** Of each rule with events: there may be thousands. Not in the lean profile, as the catalogue. */
export const LAST_EVENT = {
  name: 'falco_rule_last_event_timestamp_seconds',
  help: "Time of the rule's last event.",
} as const;

/** What else the lean profile leaves out: most about rules, the delay, and most of web and process. */
const NOT_LEAN =
  /^(nodejs_|process_|falco_rule_|falco_exporter_(web_|event_delay_|config_last_reload_success_))/;
const LEAN = [
  'falco_rule_first_seen_timestamp_seconds',
  'falco_exporter_web_refusals_total',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
];

/** Registers all that is made anew for each answer. */
export function registerOwn(registry: Registry, state: OwnState, delay: DelayHistogram, lean: boolean): void {
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });

  gauge('falco_exporter_build_info', 'Which build this is.', ['version', 'revision', 'node_version'], (g) =>
    g.set({ ...state.build, node_version: process.version }, 1),
  );
  gauge('falco_exporter_input_up', 'Whether the input can be read.', ['input'], (g) => {
    for (const { input, up } of state.inputs()) g.set({ input: labelValue(input) }, up ? 1 : 0);
  });
  gauge('falco_exporter_lag_bytes', 'Bytes that are there and not counted yet.', ['input'], (g) => {
    for (const { input, lag } of state.inputs()) g.set({ input: labelValue(input) }, lag);
  });
  gauge('falco_exporter_last_line_timestamp_seconds', 'When the last line was read.', ['input'], (g) => {
    for (const { input } of state.inputs()) {
      const time = state.lastLine(input);
      if (time !== undefined) g.set({ input: labelValue(input) }, time / 1000);
    }
  });
  const lookHelp =
    'When the input was last looked at to the end; it stands still where the file system gives no answer.';
  gauge('falco_exporter_last_look_timestamp_seconds', lookHelp, ['input'], (g) => {
    for (const { input, looked } of state.inputs())
      if (looked !== undefined) g.set({ input: labelValue(input) }, looked / 1000);
  });
  for (const [kind, name, help] of [
    [
      'rulesFiles',
      'falco_rules_file_info',
      'A rules file that Falco has loaded, from its metrics snapshots.',
    ],
    ['configFiles', 'falco_config_file_info', 'A configuration file of Falco, from its metrics snapshots.'],
  ] as const)
    gauge(name, help, ['file', 'sha256'], (g) => {
      for (const { file, sha256 } of loadedFiles(state.falco(), kind))
        g.set({ file: labelValue(file), sha256 }, 1);
    });
  gauge(
    'falco_metrics_snapshot_interval_seconds',
    'The longest time between two metrics snapshots of a Falco.',
    [],
    (g) => {
      const pauses = [...state.falco()].map(({ pause }) => pause).filter((pause) => pause > 0);
      if (pauses.length > 0) g.set(Math.max(...pauses) / 1000);
    },
  );
  gauge('falco_version_info', "Falco's version, from its metrics snapshots.", ['version'], (g) => {
    for (const { version } of state.falco()) if (version !== '') g.set({ version: labelValue(version) }, 1);
  });
  gauge(
    'falco_rule_first_seen_timestamp_seconds',
    'When the first event of a rule in a service was counted, or the first in seven days; for a week.',
    ['rule', 'service'],
    (g) => {
      for (const { rule, service, seen } of state.rare().fresh) g.set({ rule, service }, seen / 1000);
    },
  );
  gauge(
    'falco_rule_unusual',
    "1: the last hour has far more events than the rule's own past in this service would give by chance.",
    ['rule', 'service', 'priority'],
    (g) => {
      for (const [rule = '', service = '', priority = ''] of state.rare().unusual)
        g.set({ rule, service, priority }, 1);
    },
  );
  gauge('falco_exporter_series', 'Series of falco_events_total.', [], (g) => g.set(state.series().used));
  gauge('falco_exporter_series_limit', 'Most series that falco_events_total may have.', [], (g) =>
    g.set(state.series().limit),
  );
  gauge(
    'falco_exporter_snapshot_timestamp_seconds',
    'When the snapshot on disk was written; 0: never.',
    [],
    (g) => g.set((state.snapshotWritten() ?? 0) / 1000),
  );
  gauge('falco_exporter_config_last_reload_successful', 'Whether the last (re)load succeeded.', [], (g) =>
    g.set(state.reload().successful ? 1 : 0),
  );
  gauge('falco_exporter_config_last_reload_success_timestamp_seconds', 'When it last succeeded.', [], (g) =>
    g.set(state.reload().succeededAt / 1000),
  );
  registerWeb(registry, () => state.web(), lean);
  registry.registerMetric(delay as unknown as Metric);

  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NO_EVENT_LOOP_TIMER });
  for (const kind of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${kind}_seconds`);
  // Gauges by another name, which promtool refuses: nodejs_active_* has the same numbers without it.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  if (lean)
    for (const { name } of registry.getMetricsAsArray())
      if (NOT_LEAN.test(name) && !LEAN.includes(name)) registry.removeSingleMetric(name);
}
