/**
 * Turns Falco's own totals, from its metrics snapshots, into counters that never fall. Its totals begin anew with each
 * start and each reload; ours grow by their differences, run by run.
 *
 * What the first snapshot of a run holds is new, whole, where the run began after another one was already heard of: then
 * it was counted from its beginning. Else nobody knows how old it is, and it is where counting begins.
 */
import * as z from 'zod';
import { type FalcoMetrics, falcoName, type LoadedFile } from '../event/internal/falco-metrics.ts';
import type { Families } from './families.ts';
import { labelValue, OVERFLOW, sum } from './series.ts';

const total = z.number().int().nonnegative();
const file = z.object({ file: z.string(), sha256: z.string() });

/** What the last snapshot of a run said. */
export const falcoRun = z.object({
  host: z.string(),
  run: z.string(),
  /**
   * When it was first and last heard of, in milliseconds since the epoch, and the time between two snapshots; 0: not
   * known yet.
   */
  first: z.number(),
  last: z.number(),
  pause: z.number(),
  version: z.string(),
  totals: z.record(z.string(), total),
  rulesFiles: z.array(file),
  configFiles: z.array(file),
});
export type FalcoRun = z.infer<typeof falcoRun>;

/** Runs that are remembered: of one machine, and of all. A run that comes back is known as long as it is among them. */
const RUNS_OF_HOST = 4;
const RUNS = 1000;
/** Falco's own default between two snapshots; of a run that only one is known of. In milliseconds. */
const LONGEST_PAUSE = 3_600_000;
/** Series of `falco_rule_matches_total`. */
const MOST_RULES = 5000;

/** Names of totals; those of rules' matches begin with `MATCHES`. */
const OUTPUT_DROPS = 'output_drops';
const KERNEL_EVENTS = 'kernel_events';
const KERNEL_DROPS = 'kernel_drops/';
const MATCHES = 'matches/';

export class FalcoRuns {
  readonly #families: Families;
  /** By host and run, the one that spoke last at the end. */
  readonly #runs = new Map<string, FalcoRun>();
  /** True names of rules by how Falco spells them in a snapshot; null where two are spelled alike. */
  #names = new Map<string, string | null>();
  #namesOf: unknown[] = [];

  constructor(families: Families) {
    this.#families = families;
  }

  /** @param rules names of the rules that are loaded */
  take(metrics: FalcoMetrics, rules: ReadonlyMap<string, unknown>): void {
    const known = this.#runs.get(key(metrics));
    const totals = totalsOf(metrics);
    // Before 0.41 a reload shows by its totals alone. After it a total that falls was only printed late.
    const restarted =
      known !== undefined &&
      !metrics.tellsReloads &&
      // What has no reason of its own falls where a reason is found.
      Object.entries(totals).some(
        ([name, value]) => name !== `${KERNEL_DROPS}other` && value < (known.totals[name] ?? 0),
      );
    const before = known && !restarted ? known.totals : {};
    if (known || metrics.began >= this.#since())
      for (const [name, value] of Object.entries(totals))
        if (value > (before[name] ?? 0)) this.#add(name, value - (before[name] ?? 0), rules);
    const kept = { ...before };
    for (const [name, value] of Object.entries(totals)) kept[name] = Math.max(value, kept[name] ?? 0);
    const { host, run, version, rulesFiles, configFiles } = metrics;
    const time = Number.isNaN(metrics.time) ? (known?.last ?? 0) : metrics.time;
    this.#keep({
      host,
      run,
      // Without a time nothing can have begun after it.
      first: known?.first ?? (time || Number.MAX_SAFE_INTEGER),
      last: Math.max(time, known?.last ?? 0),
      // Falco prints one for each source of events, all at once: the longest counts, and fades as others come.
      pause: known ? Math.max(known.pause / 2, time - known.last) : 0,
      version,
      totals: kept,
      rulesFiles,
      configFiles,
    });
  }

  /** What each Falco has loaded that still speaks, by the time of the newest snapshot. */
  current(): FalcoRun[] {
    const newest = Math.max(...[...this.#runs.values()].map(({ last }) => last));
    const speaks = ({ last, pause }: FalcoRun) => newest - last <= 3 * (pause || LONGEST_PAUSE);
    const lastOfHosts = new Map([...this.#runs.values()].map((run) => [run.host, run]));
    return [...lastOfHosts.values()].filter(speaks);
  }

  /** When a run was first heard of. */
  #since(): number {
    return Math.min(...[...this.#runs.values()].map(({ first }) => first));
  }

  all(): FalcoRun[] {
    return [...this.#runs.values()];
  }

  restore(runs: readonly FalcoRun[]): void {
    for (const run of runs) this.#keep(run);
  }

  #keep(run: FalcoRun): void {
    this.#runs.delete(key(run));
    this.#runs.set(key(run), run);
    const ofHost = [...this.#runs].filter(([, { host }]) => host === run.host);
    if (ofHost.length > RUNS_OF_HOST) this.#runs.delete(ofHost[0]![0]);
    if (this.#runs.size > RUNS) this.#runs.delete(this.#runs.keys().next().value!);
  }

  #add(name: string, more: number, rules: ReadonlyMap<string, unknown>): void {
    const { outputDrops, kernelEvents, kernelDrops, matches } = this.#families;
    const series =
      name === OUTPUT_DROPS
        ? outputDrops.series([])
        : name === KERNEL_EVENTS
          ? kernelEvents.series([])
          : name.startsWith(KERNEL_DROPS)
            ? kernelDrops.series([name.slice(KERNEL_DROPS.length)])
            : matches.series([this.#rule(name.slice(MATCHES.length), rules)]);
    series.count = sum(series.count, more);
  }

  /** The rule's name as the events have it; where that is not known, as Falco spells it in its snapshot. */
  #rule(spelled: string, rules: ReadonlyMap<string, unknown>): string {
    const { events, matches } = this.#families;
    // Snapshots come once a minute, but a backlog has many.
    const state = [rules, rules.size, events.changes];
    if (state.some((each, index) => each !== this.#namesOf[index])) {
      this.#namesOf = state;
      this.#names = new Map();
      const names = new Set([...rules.keys()].map(labelValue));
      for (const { labels } of events.all()) names.add(labels[0]!);
      for (const name of names) {
        const spelling = falcoName(name);
        this.#names.set(spelling, this.#names.has(spelling) ? null : name);
      }
    }
    const label = this.#names.get(spelled) ?? labelValue(spelled);
    return matches.find([label]) !== undefined || matches.size < MOST_RULES ? label : OVERFLOW;
  }
}

function key({ host, run }: { host: string; run: string }): string {
  return JSON.stringify([host, run]);
}

function totalsOf({ outputDrops, kernelEvents, kernelDrops, matches }: FalcoMetrics): Record<string, number> {
  const totals: Record<string, number> = {};
  if (outputDrops !== undefined) totals[OUTPUT_DROPS] = outputDrops;
  if (kernelEvents !== undefined) totals[KERNEL_EVENTS] = kernelEvents;
  for (const [reason, lost] of Object.entries(kernelDrops ?? {})) totals[KERNEL_DROPS + reason] = lost;
  for (const [rule, count] of matches) totals[MATCHES + rule] = count;
  return totals;
}

/** Each file once, of whichever machines. */
export function loadedFiles(runs: Iterable<FalcoRun>, kind: 'rulesFiles' | 'configFiles'): LoadedFile[] {
  const found = new Map<string, LoadedFile>();
  for (const run of runs) for (const each of run[kind]) found.set(`${each.file} ${each.sha256}`, each);
  return [...found.values()];
}
