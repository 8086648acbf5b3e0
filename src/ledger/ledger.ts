/**
 * The owner of the counts. It resolves a service and finds a series once for each distinct tuple of the scanner; an
 * event then only adds one. Counts never move from one series to another, but for those that retire: see `retirement.ts`.
 */
import { type InternalEvent, readInternal } from '../event/internal/internal.ts';
import { PRIORITIES, priorityWord } from '../event/priority.ts';
import { type Batch, OUTCOME, type Scanner } from '../event/scan/scanner.ts';
import type { Incident } from '../source/source.ts';
import { FalcoRuns } from './falco.ts';
import { Families, type Outcome } from './families.ts';
import { type ExtraLabel, ExtraLabels } from './labels.ts';
import { Presence } from './presence.ts';
import { labelValue, OVERFLOW, type Series, sum } from './series.ts';
import type { ServiceResolver } from './service.ts';

/** What the ledger asks of a rule that is loaded. */
export interface KnownRule {
  name: string;
  /** In the metrics' word. */
  priority: string;
  enabled: boolean;
  /** The event source: `syscall`, or a plugin's. */
  source: string;
  /** Exact container names that the condition names. */
  containers: readonly string[];
}

export interface LedgerOptions {
  services: ServiceResolver;
  /** Labels added to `falco_events_total`. */
  extraLabels: readonly ExtraLabel[];
  /** Most series of `falco_events_total`. */
  seriesLimit: number;
  /** Whether only the series of the catalogue and a few others are at 0 beforehand: see `Families`. */
  lean?: boolean;
  /** The time, in milliseconds since the epoch, where the births of series are kept. */
  now?: () => number;
}

/** Names of internal events beyond this many are counted as `__overflow__`: what Falco can print is a handful. */
const MAX_INTERNAL_EVENTS = 100;

export class Ledger {
  readonly families: Families;
  /** What Falco says of itself. */
  readonly falco: FalcoRuns;
  readonly seriesLimit: number;
  readonly lean: boolean;
  /** Time of the last event counted for each rule, in milliseconds since the epoch; bounded as the series are. */
  readonly lastEvent = new Map<string, number>();
  /** Whether what the input held at the very first start is still being read. */
  inBaseline = true;
  /** Changes with every change of a count, and with every new series. */
  counts = 0;
  #touched = 0;
  /** Those of `__overflow__`, which are there from the beginning. */
  readonly #overflows: readonly Series[];
  #services: ServiceResolver;
  readonly #extra: ExtraLabels;
  #presence: Presence;
  #absent: string[] = [];
  #rules = new Map<string, KnownRule>();
  /** Series of the catalogue, and the overflow's own: they stay whatever happens. */
  #expected: Set<Series>;
  #counters: (Counter | undefined)[] = [];
  #generation = -1;

  constructor(options: LedgerOptions) {
    this.#extra = new ExtraLabels(options.extraLabels);
    this.lean = options.lean ?? false;
    this.families = new Families(this.#extra.names, this.lean, options.now);
    this.falco = new FalcoRuns(this.families);
    this.seriesLimit = options.seriesLimit;
    this.#overflows = [...this.families.events.all()];
    this.#expected = new Set(this.#overflows);
    this.#services = options.services;
    this.#presence = this.#expectFields();
  }

  /** Changes with every change of what a snapshot would hold. */
  get version(): number {
    return this.counts + this.#touched;
  }

  /** The output fields that the scanner must give, in the order in which `count` expects them. */
  get wanted() {
    return [...this.#services.wanted, ...this.#extra.wanted];
  }

  /**
   * Puts the rules that are loaded at 0, each for the services that its condition names, and finds services anew from
   * now on. What was counted stays where it is; the scanner must be made anew if `wanted` has changed.
   */
  expect(rules: Iterable<KnownRule>, services: ServiceResolver = this.#services): void {
    this.#services = services;
    this.#presence = this.#expectFields();
    this.#rules = new Map([...rules].map((rule) => [rule.name, rule]));
    this.#counters = [];
    this.#expected = new Set(this.#overflows);
    for (const rule of this.#rules.values()) {
      if (!rule.enabled) continue;
      if (!this.lean) this.families.matches.series([labelValue(rule.name)]);
      const extras = this.#extra.expected({ ...rule, rule: rule.name });
      // Where only an event can tell a label, the series can't be known beforehand; the hold serves.
      if (extras === undefined) continue;
      for (const service of services.expected(rule.containers, rule.source))
        this.#expected.add(
          this.families.events.series([
            labelValue(rule.name),
            labelValue(service),
            rule.priority,
            ...extras.map((value) => labelValue(value)),
          ]),
        );
    }
    this.counts++;
  }

  /** Counts the lines of a batch. @returns how many of them may have been events and are none */
  count(batch: Batch, bytes: Uint8Array, scanner: Scanner): number {
    if (scanner.generation !== this.#generation) {
      this.#counters = [];
      this.#generation = scanner.generation;
    }
    let events = 0;
    let [text, malformed, oversized] = [0, 0, 0];
    const met: Counter[] = [];
    for (let line = 0; line < batch.lines; line++) {
      const number = batch.tuple[line]!;
      const time = batch.time[line]!;
      if (number < 0) {
        if (number === OUTCOME.text) text++;
        else if (number === OUTCOME.malformed) malformed++;
        else if (number === OUTCOME.oversized) oversized++;
        else this.#internal(bytes.subarray(batch.start[line]!, batch.end[line]!));
        continue;
      }
      let counter = this.#counters[number];
      if (counter === undefined) {
        counter = this.#counter(scanner, number);
        this.#counters[number] = counter;
      }
      counter.series.count++;
      if (counter.overflow) this.families.overflow.series([]).count++;
      if (!Number.isNaN(time)) {
        if (counter.lastLine < 0) met.push(counter);
        counter.lastLine = line;
      }
      events++;
    }
    this.#remember(met, batch);
    this.#line('event', events);
    this.#line('text', text);
    this.#line('malformed', malformed);
    this.#line('oversized', oversized);
    this.#absent.push(...this.#presence.count(events));
    this.counts++;
    return malformed + oversized;
  }

  /** Fields of the configuration that no event had, though a thousand were counted; each is given once. */
  takeAbsentFields(): string[] {
    return this.#absent.splice(0);
  }

  #expectFields(): Presence {
    return new Presence([...this.#services.configured, ...this.#extra.fields]);
  }

  /** Notes when the last events of rules and of series were: once a batch, as a look into a map for each event costs more than its count. */
  #remember(met: Counter[], batch: Batch): void {
    // Several may be of one rule: its last line is the last.
    met.sort((a, b) => a.lastLine - b.lastLine);
    for (const counter of met) {
      const time = batch.time[counter.lastLine]!;
      counter.series.last = time;
      if (counter.rule !== undefined) this.lastEvent.set(counter.rule, time);
      counter.lastLine = -1;
    }
  }

  /** On which labels the events of a tuple are counted; of the scanner's batch counted last. */
  labelsOf(tuple: number): readonly string[] {
    return this.#counters[tuple]!.series.labels;
  }

  /** Counts lines that never reached the scanner. */
  skip(outcome: 'text' | 'malformed' | 'oversized', lines: number): void {
    this.#line(outcome, lines);
  }

  read(input: string, bytes: number): void {
    const series = this.families.bytes.series([labelValue(input)]);
    series.count = sum(series.count, bytes);
    this.counts++;
  }

  incident(input: string, incident: Incident): void {
    this.families.incidents(incident).series([labelValue(input)]).count++;
    this.counts++;
  }

  /** A snapshot could not be written in time. */
  snapshotFailed(): void {
    this.families.snapshotErrors.series([]).count++;
    this.counts++;
  }

  /** From here on a snapshot on disk is older than what there is, though no count changed. */
  touch(): void {
    this.#touched++;
  }

  /** What the input held at the very first start is not new: Prometheus sees the counts at once. */
  endBaseline(): void {
    if (!this.inBaseline) return;
    for (const series of this.families.series) {
      series.shown = series.count;
      if (series.count > 0) series.created = 0;
    }
    this.inBaseline = false;
    this.counts++;
  }

  /** Whether it is of the catalogue, or the overflow's own: such a series never retires. */
  isExpected(series: Series): boolean {
    return this.#expected.has(series);
  }

  /**
   * Takes series out of `falco_events_total`, and with them what is remembered of them; what comes again begins at 0.
   * Views must have taken them out before.
   */
  retire(gone: readonly Series[]): void {
    this.families.retire(gone);
    const left = new Set(gone);
    // What found no room may find some now.
    for (const [tuple, counter] of this.#counters.entries())
      if (counter && (counter.overflow || left.has(counter.series))) this.#counters[tuple] = undefined;
    const rules = new Set([...this.families.events.all()].map(({ labels }) => labels[0]!));
    for (const rule of this.#rules.keys()) rules.add(labelValue(rule));
    for (const rule of this.lastEvent.keys()) if (!rules.has(rule)) this.lastEvent.delete(rule);
    this.counts++;
  }

  #line(outcome: Outcome, lines: number): void {
    if (lines > 0) this.families.lines.series([outcome]).count += lines;
  }

  #internal(line: Uint8Array): void {
    this.#line('internal', 1);
    const { name, drops, metrics }: InternalEvent = readInternal(Buffer.from(line).toString());
    if (metrics) this.falco.take(metrics, this.#rules);
    const { internal } = this.families;
    const label = [labelValue(name)];
    const known = internal.find(label) !== undefined || internal.size < MAX_INTERNAL_EVENTS;
    internal.series(known ? label : [OVERFLOW]).count++;
    for (const [reason, lost] of Object.entries(drops ?? {})) {
      const series = this.families.drops.series([reason]);
      series.count = sum(series.count, lost);
    }
  }

  #counter(scanner: Scanner, number: number): Counter {
    const { rule, priority, source, fields } = scanner.tuple(number);
    for (const [index, { name }] of this.wanted.entries())
      if (fields[index] !== null) this.#presence.met(name);
    const asked = this.#services.wanted.length;
    const known = this.#rules.get(rule);
    const service = this.#services.resolve(fields.slice(0, asked), known?.containers ?? [], source);
    const extras = this.#extra
      .values(fields.slice(asked), { rule, priority, source })
      .map((value) => labelValue(value));
    const word = labelValue(priorityWord(priority));
    const name = labelValue(rule);
    const { events } = this.families;
    const labels = [name, labelValue(service), word, ...extras];
    if (events.find(labels) || events.size < this.seriesLimit)
      return { series: events.series(labels), overflow: false, rule: name, lastLine: -1 };
    // Sums by priority stay true: Falco's eight words are all there are, but for hostile lines.
    const named = (PRIORITIES as readonly string[]).includes(word) ? word : OVERFLOW;
    const kept = known ? name : undefined;
    const over = [kept ?? OVERFLOW, OVERFLOW, named, ...extras.map(() => OVERFLOW)];
    return { series: events.series(over), overflow: true, rule: kept, lastLine: -1 };
  }
}

interface Counter {
  series: Series;
  overflow: boolean;
  /** The rule as its label says it; undefined where only the overflow knows it. */
  rule: string | undefined;
  /** Its last line with a time in the batch at hand; -1: none. */
  lastLine: number;
}
