/**
 * Live events as server-sent events. All readers share one rhythm; one that reads too slowly misses events (their ids
 * tell how many), and one that does not read at all is dropped. Nothing is made while nobody looks.
 */
import type { Response } from 'express';
import type { Clock } from '../../clock.ts';
import { present } from './present.ts';
import type { RecentEvent, RecentEvents } from './recent.ts';

/** Streams at once. */
const MOST_STREAMS = 20;
/** News is sent no sooner than this after the last, and no more than so many events at once; milliseconds. */
const RHYTHM = 100;
/** Beside that each event sent costs so many milliseconds of quiet: no browser reads more than 500 a second. */
const QUIET = 2;
/** How often a silent stream says that it lives, and how long one may be stuck; milliseconds. */
const HEARTBEAT = 15_000;
const PATIENCE = 5000;
const LOOK = 2500;

interface Stream {
  response: Response;
  /** The next id to be sent. */
  next: number;
  /** When it last said something, and since when it does not read; by the monotonic clock in ms. */
  spoke: number;
  stuckSince: number | undefined;
}

export class Streams {
  readonly #recent: RecentEvents;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #streams = new Set<Stream>();
  /** Of this life of the process: ids of another one mean nothing. */
  readonly #life = Date.now().toString(36);
  #sending: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #quietUntil = 0;

  constructor(recent: RecentEvents, clock: Clock, most = MOST_STREAMS) {
    this.#recent = recent;
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Begins a stream with what there is.
   * @param lastId the Last-Event-ID that the reader says; it goes on after that
   * @returns false if there are too many
   */
  open(response: Response, lastId: string | undefined): boolean {
    if (this.#streams.size >= this.#most) return false;
    const stream: Stream = {
      response,
      next: this.#after(lastId),
      spoke: this.#clock.monotonic(),
      stuckSince: undefined,
    };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    this.#streams.add(stream);
    response.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#rest();
    });
    this.#looking ??= setInterval(() => this.look(), LOOK);
    this.#send(stream, new Map());
    return true;
  }

  /** There are new events. Costs nothing while nobody looks. */
  news(): void {
    if (this.#streams.size === 0 || this.#sending) return;
    const wait = Math.max(0, this.#quietUntil - this.#clock.monotonic());
    this.#sending = setTimeout(() => {
      this.#sending = undefined;
      this.flush();
    }, wait);
  }

  /** Sends what is new to each. */
  flush(): void {
    const before = this.#recent.next;
    const made = new Map();
    let most = 0;
    for (const stream of this.#streams) most = Math.max(most, this.#send(stream, made));
    this.#quietUntil = this.#clock.monotonic() + Math.max(RHYTHM, QUIET * most);
    if (this.#recent.next !== before) this.news();
  }

  /** Drops those that are stuck, keeps the others alive. */
  look(): void {
    const now = this.#clock.monotonic();
    for (const stream of this.#streams) {
      if (stream.stuckSince !== undefined && stream.response.writableNeedDrain) {
        if (now - stream.stuckSince >= PATIENCE) stream.response.destroy();
      } else if (now - stream.spoke >= HEARTBEAT) {
        this.#write(stream, ':\n\n');
      }
    }
  }

  /** Ends all: who may look is to be asked again. */
  close(): void {
    for (const { response } of this.#streams) response.end();
    this.#rest();
  }

  #after(lastId: string | undefined): number {
    const [life, id] = (lastId ?? '').split('-');
    const next = Number(id) + 1;
    return life === this.#life && next <= this.#recent.next ? next : 0;
  }

  #rest(): void {
    clearTimeout(this.#sending);
    clearInterval(this.#looking);
    this.#sending = undefined;
    this.#looking = undefined;
  }

  /** @param made for other streams, by the first id that they lacked. @returns how many events were sent */
  #send(stream: Stream, made: Map<number, { text: string; events: number }>): number {
    const from = stream.next;
    if (stream.response.writableNeedDrain || from >= this.#recent.next) return 0;
    let news = made.get(from);
    if (!news) {
      const events = this.#recent.list(from);
      news = { text: events.map((event) => this.#frame(event)).join(''), events: events.length };
      made.set(from, news);
    }
    stream.next = this.#recent.next;
    this.#write(stream, news.text);
    return news.events;
  }

  #frame(event: RecentEvent): string {
    return `id: ${this.#life}-${event.id}\ndata: ${JSON.stringify(present(event))}\n\n`;
  }

  #write(stream: Stream, text: string): void {
    stream.spoke = this.#clock.monotonic();
    stream.stuckSince = stream.response.write(text) ? undefined : stream.spoke;
  }
}
