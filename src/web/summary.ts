/** What the page and /api/summary show. Counts are the true ones, not what Prometheus is shown yet. */
import type { Families } from '../ledger/families.ts';
import type { History } from '../ledger/history/history.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Incident, InputStatus } from '../source/source.ts';
import { isoTime } from './time.ts';

/** Times are RFC 3339; null where there is none. */
export interface Summary {
  version: string;
  time: string;
  startedAt: string;
  ready: boolean;
  /** "ready", or why it isn't. */
  state: string;
  inputs: InputSummary[];
  /** Lines by outcome. */
  lines: Record<string, number>;
  /** Events by priority. */
  priorities: Record<string, number>;
  /** System calls that Falco lost, by reason. */
  drops: Record<string, number>;
  /** `kept`: whether counts outlive a restart. */
  snapshot: { kept: boolean; written: string | null; errors: number };
  /** Null: no rules files are given. */
  rules: { loaded: number } | null;
  series: { used: number; limit: number; overflowEvents: number };
  events: SeriesSummary[];
}

export interface InputSummary {
  input: string;
  up: boolean;
  fault: string | null;
  lagBytes: number;
  readBytes: number;
  lastLine: string | null;
  rotations: number;
  truncations: number;
  gaps: number;
}

export interface SeriesSummary {
  rule: string;
  service: string;
  priority: string;
  count: number;
  /** Of this series; null where it has counted nothing, or the time is not known. */
  lastEvent: string | null;
  /** By minute, the current one last. */
  last15Minutes: number[];
  /** New: the rule's first event in this service, or the first in seven days, is of the last day. Unusual: see `isUnusual`. */
  rarity: 'new' | 'unusual' | null;
}

/** Minutes. */
const RECENT = 15;
/** Milliseconds. */
const NEW = 86_400_000;

/** What the modules can say of themselves at any moment. Times in milliseconds since the epoch. */
export interface State {
  version: string;
  startedAt: number;
  ledger: Ledger;
  history: History;
  inputs(): InputStatus[];
  lastLine(input: string): number | undefined;
  /** Why it isn't ready, in words; undefined when it is. */
  notReady(): string | undefined;
  snapshot(): { kept: boolean; written: number | undefined };
  /** How many rules are loaded; undefined where no rules files are given. */
  rules(): number | undefined;
}

export function summarize(state: State, now: number): Summary {
  const { ledger, history } = state;
  const { families } = ledger;
  const notReady = state.notReady();
  const snapshot = state.snapshot();
  const rules = state.rules();
  const events = [...families.events.all()].map((series) => {
    const [rule, service, priority] = series.labels as [string, string, string];
    const last = series.count > 0 ? series.last : undefined;
    const last15Minutes = history.minutes(series.labels, RECENT);
    const seen = history.pairs.of(rule, service)?.seen;
    const isNew = seen !== undefined && now - seen < NEW;
    const rarity: SeriesSummary['rarity'] = isNew ? 'new' : history.unusual(series.labels) ? 'unusual' : null;
    return {
      rule,
      service,
      priority,
      count: series.count,
      lastEvent: isoTime(last),
      last15Minutes,
      rarity,
    };
  });
  return {
    version: state.version,
    time: new Date(now).toISOString(),
    startedAt: new Date(state.startedAt).toISOString(),
    ready: notReady === undefined,
    state: notReady ?? 'ready',
    inputs: state.inputs().map((status) => inputSummary(status, state)),
    lines: byLabel(families.lines.all()),
    priorities: sumBy([...events, ...retired(families)], ({ priority }) => priority),
    drops: byLabel(families.drops.all()),
    snapshot: {
      kept: snapshot.kept,
      written: isoTime(snapshot.written),
      errors: families.snapshotErrors.series([]).count,
    },
    rules: rules === undefined ? null : { loaded: rules },
    series: {
      used: families.events.size,
      limit: ledger.seriesLimit,
      overflowEvents: families.overflow.series([]).count,
    },
    events,
  };
}

function inputSummary({ input, up, lag, fault }: InputStatus, { ledger, lastLine }: State): InputSummary {
  const { families } = ledger;
  const incidents = (incident: Incident) => families.incidents(incident).series([input]).count;
  return {
    input,
    up,
    fault: fault?.describe() ?? null,
    lagBytes: lag,
    readBytes: families.bytes.series([input]).count,
    lastLine: isoTime(lastLine(input)),
    rotations: incidents('rotations'),
    truncations: incidents('truncations'),
    gaps: incidents('gaps'),
  };
}

function byLabel(series: Iterable<{ labels: readonly string[]; count: number }>): Record<string, number> {
  return Object.fromEntries([...series].map(({ labels, count }) => [labels[0]!, count]));
}

/** What series counted that are no longer there. */
function retired(families: Families): { priority: string; count: number }[] {
  return [...families.retired.all()].flatMap(({ labels, count }) =>
    count > 0 ? [{ priority: labels[0]!, count }] : [],
  );
}

function sumBy<T extends { count: number }>(
  events: readonly T[],
  key: (event: T) => string,
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const event of events) sums.set(key(event), (sums.get(key(event)) ?? 0) + event.count);
  return Object.fromEntries(sums);
}
