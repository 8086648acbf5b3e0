/** The newest events, kept, and sent to those who watch: what the page and /api/events show. */
import type { Clock } from '../../clock.ts';
import type { Batch } from '../../event/scan/scanner.ts';
import { KeptEvents } from './kept.ts';
import { Streams } from './streams.ts';

export class LiveEvents {
  readonly events = new KeptEvents();
  readonly streams: Streams;
  readonly #labelsOf: (tuple: number) => readonly string[];

  /** @param labelsOf the labels on which the events of a tuple were counted, of the batch counted last */
  constructor(labelsOf: (tuple: number) => readonly string[], clock: Clock) {
    this.#labelsOf = labelsOf;
    this.streams = new Streams(this.events, clock);
  }

  /** Events of the time before this start, for people to look at; they are marked so. Those of an input come in their order. */
  takeEarlier(batch: Batch, bytes: Uint8Array, labelsOf = this.#labelsOf): void {
    if (!this.events.take(batch, bytes, labelsOf)) return;
    this.events.earlier = this.events.next;
    this.streams.changed();
  }

  /** A batch was counted that is no part of the baseline. @param bytes of which it was scanned */
  take(batch: Batch, bytes: Uint8Array): void {
    if (this.events.take(batch, bytes, this.#labelsOf)) this.streams.changed();
  }
}
