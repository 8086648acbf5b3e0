/**
 * The newest events, for people to look at: at most 500 and 1 MiB of them, as they were printed. They are cut out of the
 * batches that were counted, never more of one than are kept, into one piece of memory; nothing is parsed here.
 */
import type { Batch } from '../../event/scan/scanner.ts';

export interface RecentEvent {
  /** Counts all events since the start, those not kept too: a step of more than one is a gap. */
  id: number;
  /** Milliseconds since the epoch; NaN where the event gives none. */
  time: number;
  /** Labels of the series that it was counted on: rule, service, priority, and the configuration's. */
  labels: readonly string[];
  /** The JSON line as it was read; undefined for one that was too long to be kept. */
  line: string | undefined;
  /** It is of the time before this start. */
  earlier?: true;
}

export interface RecentLimits {
  events: number;
  bytes: number;
  /** Of a longer line only its labels and time are kept. */
  lineBytes: number;
}

const LIMITS: RecentLimits = { events: 500, bytes: 1024 * 1024, lineBytes: 64 * 1024 };

export class RecentEvents {
  readonly #limits: RecentLimits;
  /** A ring: lines follow one another, and none crosses its end. */
  readonly #bytes: Buffer;
  readonly #start: Int32Array;
  readonly #length: Int32Array;
  readonly #time: Float64Array;
  readonly #labels: (readonly string[])[] = [];
  /** Kept are the ids from `first` up to, not including, `next`; their places in the arrays go by id. */
  #first = 0;
  #next = 0;
  #at = 0;

  constructor(limits: RecentLimits = LIMITS) {
    this.#limits = limits;
    this.#bytes = Buffer.allocUnsafe(limits.bytes);
    this.#start = new Int32Array(limits.events);
    this.#length = new Int32Array(limits.events);
    this.#time = new Float64Array(limits.events);
  }

  /** The id that the next event will have. */
  get next(): number {
    return this.#next;
  }

  /** How many are kept. */
  get kept(): number {
    return this.#next - this.#first;
  }

  /**
   * Keeps the newest events of a batch.
   * @param labelsOf the labels on which the events of a tuple were counted
   * @returns whether there were any
   */
  take(batch: Batch, bytes: Uint8Array, labelsOf: (tuple: number) => readonly string[]): boolean {
    const { events, bytes: room } = this.#limits;
    let kept = 0;
    let size = 0;
    let from = batch.lines;
    let counted = 0;
    for (let line = batch.lines - 1; line >= 0; line--) {
      if (batch.tuple[line]! < 0) continue;
      counted++;
      if (kept < counted - 1 || kept === events) continue;
      size += this.#kept(batch, line);
      if (size > room) continue;
      kept++;
      from = line;
    }
    this.#skip(counted - kept);
    for (let line = from; line < batch.lines; line++) {
      const tuple = batch.tuple[line]!;
      if (tuple >= 0) this.push(batch, line, bytes, labelsOf(tuple));
    }
    return counted > 0;
  }

  /** Those with an id of at least `since`, the newest `most` of them, oldest first. */
  list(since = 0, most = this.#limits.events): RecentEvent[] {
    return [...this.from(Math.max(since, this.#next - most))];
  }

  /** Those with an id of at least `since`, oldest first, each made when it is asked for. */
  *from(since: number): Generator<RecentEvent> {
    for (let id = Math.max(since, this.#first); id < this.#next; id++) {
      const place = id % this.#limits.events;
      const start = this.#start[place]!;
      const length = this.#length[place]!;
      yield {
        id,
        time: this.#time[place]!,
        labels: this.#labels[place]!,
        line: length === 0 ? undefined : this.#bytes.toString('utf8', start, start + length),
      };
    }
  }

  /** How many bytes of the ring a line takes: one at least, so that no two begin at the same place. */
  #kept(batch: Batch, line: number): number {
    const length = batch.end[line]! - batch.start[line]!;
    return length > this.#limits.lineBytes ? 1 : length;
  }

  /** Events that are newer than what is kept, and not kept: what is kept has no gaps. */
  #skip(events: number): void {
    if (events === 0) return;
    this.#next += events;
    this.#first = this.#next;
    this.#at = 0;
  }

  /** Keeps one event. */
  push(batch: Batch, line: number, bytes: Uint8Array, labels: readonly string[]): void {
    const length = this.#kept(batch, line);
    if (this.#at + length > this.#limits.bytes) {
      // From here to the ring's end are lines of the round before, the oldest ones.
      while (this.#first < this.#next && this.#oldest >= this.#at) this.#first++;
      this.#at = 0;
    }
    while (this.#first < this.#next && this.#mustGo(length)) this.#first++;
    this.#bytes.set(bytes.subarray(batch.start[line]!, batch.start[line]! + length), this.#at);
    const place = this.#next % this.#limits.events;
    this.#start[place] = this.#at;
    this.#length[place] = length === batch.end[line]! - batch.start[line]! ? length : 0;
    this.#time[place] = batch.time[line]!;
    this.#labels[place] = labels;
    this.#at += length;
    this.#next++;
  }

  get #oldest(): number {
    return this.#start[this.#first % this.#limits.events]!;
  }

  /** Whether the oldest is where the next `length` bytes go, or there is no place left for one more. */
  #mustGo(length: number): boolean {
    if (this.#next - this.#first >= this.#limits.events) return true;
    return this.#oldest >= this.#at && this.#oldest < this.#at + length;
  }
}
