/**
 * The events that people can look at: the newest, and beside them the last of each priority and of each series, so that
 * no noise pushes out what is grave or rare. Everything is bounded: 1 MiB of the newest, 256 KiB of each priority, and
 * 1 MiB of the last ones of series.
 */

import { PRIORITIES } from '../../event/priority.ts';
import type { Batch } from '../../event/scan/scanner.ts';
import { type RecentEvent, RecentEvents } from './recent.ts';

/** Memory for a line is a multiple of this; bytes. */
const ROOM = 256;
/** Of each priority, and of what is none of Falco's. */
const BY_PRIORITY = { events: 100, bytes: 256 * 1024, lineBytes: 64 * 1024 };
/** Of the last ones of series: bytes of lines, and how many. */
const LAST_BYTES = 1024 * 1024;
const LAST_EVENTS = 1000;

interface Ring {
  events: RecentEvents;
  /** Of the whole, by the ring's own ids. */
  ids: Float64Array;
}

interface Last {
  id: number;
  time: number;
  /** Undefined: it was too long to be kept. */
  line: Buffer | undefined;
  /** The memory that the line stands at the beginning of. */
  memory: Buffer | undefined;
}

export class KeptEvents {
  readonly #newest = new RecentEvents();
  readonly #rings: Ring[] = Array.from({ length: PRIORITIES.length + 1 }, () => ({
    events: new RecentEvents(BY_PRIORITY),
    ids: new Float64Array(BY_PRIORITY.events),
  }));
  /** By the labels of a series, which are one object for its life; the one that counted last comes last. */
  readonly #last = new Map<readonly string[], Last>();
  #lastBytes = 0;
  /** By tuple of the batch at hand: its ring, or -1 where it was not met yet. */
  #ringOf = new Int8Array(64).fill(-1);

  /** Events with a lower id are of the time before this start. */
  earlier = 0;

  /** The id that the next event will have. */
  get next(): number {
    return this.#newest.next;
  }

  /** How many of the newest are kept in a row. */
  get kept(): number {
    return this.#newest.kept;
  }

  /**
   * Keeps events of a batch.
   * @param labelsOf the labels on which the events of a tuple were counted
   * @returns whether there were any
   */
  take(batch: Batch, bytes: Uint8Array, labelsOf: (tuple: number) => readonly string[]): boolean {
    if (!this.#newest.take(batch, bytes, labelsOf)) return false;
    const met: number[] = [];
    const room = new Int32Array(this.#rings.length).fill(BY_PRIORITY.events);
    const chosen: { line: number; id: number; ring: number }[] = [];
    let id = this.next;
    for (let line = batch.lines - 1; line >= 0; line--) {
      const tuple = batch.tuple[line]!;
      if (tuple < 0) continue;
      id--;
      if (tuple >= this.#ringOf.length) this.#grow(tuple);
      let ring = this.#ringOf[tuple]!;
      if (ring < 0) {
        const labels = labelsOf(tuple);
        const at = (PRIORITIES as readonly string[]).indexOf(labels[2] ?? '');
        ring = at < 0 ? PRIORITIES.length : at;
        this.#ringOf[tuple] = ring;
        met.push(tuple);
        this.#remember(labels, batch, line, bytes, id);
      }
      if (room[ring]! === 0) continue;
      room[ring]!--;
      chosen.push({ line, id, ring });
    }
    for (const { line, id, ring } of chosen.reverse()) {
      const { events, ids } = this.#rings[ring]!;
      ids[events.next % BY_PRIORITY.events] = id;
      events.push(batch, line, bytes, labelsOf(batch.tuple[line]!));
    }
    for (const tuple of met) this.#ringOf[tuple] = -1;
    return true;
  }

  /** Those with an id of at least `since`, the newest `most` of them, oldest first. */
  list(since = 0, most = Number.POSITIVE_INFINITY): RecentEvent[] {
    const all = [...this.from(since)];
    return all.slice(Math.max(0, all.length - most));
  }

  /** Those with an id of at least `since`, oldest first. Ids that are left out were not kept. */
  *from(since: number): Generator<RecentEvent> {
    if (since < this.#newest.next - this.#newest.kept)
      for (const event of this.#older(since)) yield this.#marked(event);
    for (const event of this.#newest.from(since)) yield this.#marked(event);
  }

  #marked(event: RecentEvent): RecentEvent {
    return event.id < this.earlier ? { ...event, earlier: true } : event;
  }

  /** What is kept of the time before the newest. */
  #older(since: number): RecentEvent[] {
    const end = this.#newest.next - this.#newest.kept;
    const found = new Map<number, RecentEvent>();
    for (const [labels, { id, time, line }] of this.#last)
      if (id >= since && id < end) found.set(id, { id, time, labels, line: line?.toString() });
    for (const { events, ids } of this.#rings)
      for (const event of events.from(0)) {
        const id = ids[event.id % BY_PRIORITY.events]!;
        if (id >= since && id < end) found.set(id, { ...event, id });
      }
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  #remember(labels: readonly string[], batch: Batch, line: number, bytes: Uint8Array, id: number): void {
    const old = this.#last.get(labels);
    // Two tuples may be of one series: the later one was met first.
    if (old && old.id >= id) return;
    const [start, end] = [batch.start[line]!, batch.end[line]!];
    const size = end - start;
    let memory = old?.memory;
    if (size > BY_PRIORITY.lineBytes) memory = undefined;
    // Of its own memory: a slice of a shared piece would hold the whole piece. The one before is used again: with one
    // event in a post there would be new memory for each, and much of it before any is collected.
    else if (!memory || memory.length < size || memory.length > 2 * size + ROOM)
      memory = Buffer.allocUnsafeSlow(Math.ceil(size / ROOM) * ROOM);
    const kept = memory?.subarray(0, size);
    kept?.set(bytes.subarray(start, end));
    this.#last.delete(labels);
    this.#last.set(labels, { id, time: batch.time[line]!, line: kept, memory });
    this.#lastBytes += (memory?.length ?? 0) - (old?.memory?.length ?? 0);
    for (const [first, { memory: gone }] of this.#last) {
      if (this.#lastBytes <= LAST_BYTES && this.#last.size <= LAST_EVENTS) break;
      this.#last.delete(first);
      this.#lastBytes -= gone?.length ?? 0;
    }
  }

  #grow(tuple: number): void {
    const grown = new Int8Array(2 * (tuple + 1)).fill(-1);
    grown.set(this.#ringOf);
    this.#ringOf = grown;
  }
}
