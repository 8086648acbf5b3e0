/**
 * Live events as server-sent events. All readers share one rhythm. A slow reader misses events (their ids say how many), and
 * one that does not read at all is dropped. Nothing is made while nobody watches.
 */
import type { Response } from 'express';
import type { Clock } from '../../clock.ts';
import type { KeptEvents } from './kept.ts';
import { present } from './present.ts';

/** Streams at once. */
const MOST_STREAMS = 20;
/** New events are sent no sooner than this after the last, and no more than so many events at once; milliseconds. */
const RHYTHM = 100;
/** Beside that each event sent costs so many milliseconds of quiet: no browser reads more than 500 a second. */
const QUIET = 2;
/** How often a silent stream says that it lives, and how long one may be stuck; milliseconds. */
const HEARTBEAT = 15_000;
const PATIENCE = 5000;
const LOOK = 2500;
/** Sent at once, and as much as one that does not read may hold; characters. */
const PIECE = 64 * 1024;

type Sendable = Pick<KeptEvents, 'next' | 'kept' | 'from'>;

interface Stream {
  peer: string;
  response: Response;
  /** The next id to be sent, and the one up to which it goes on as it takes what it is sent. */
  next: number;
  until: number;
  /** When it last said something, and since when it does not read; by the monotonic clock in ms. */
  spoke: number;
  stuckSince: number | undefined;
}

/** What is sent at once, and the id that comes after it. */
interface Piece {
  bytes: Buffer;
  next: number;
}
/** Those made in one round, by the id with which they begin: readers that are equally far share them. */
type Pieces = Map<number, Piece>;

export class Streams {
  readonly #recent: Sendable;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #streams = new Set<Stream>();
  /** Of this life of the process: ids of another one mean nothing. */
  readonly #life = Date.now().toString(36);
  #sending: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #quietUntil = 0;

  constructor(recent: Sendable, clock: Clock, most = MOST_STREAMS) {
    this.#recent = recent;
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#streams.size;
  }

  get status(): { open: number; limit: number } {
    return { open: this.#streams.size, limit: this.#most };
  }

  /**
   * Begins a stream with what there is. Where there are too many, one ends of the peer that has most of them.
   * @param lastId the Last-Event-ID that the reader says; it goes on after that
   * @param peer whose share of the streams it is of
   * @returns false if there are too many, and none has more of them than this peer
   */
  open(response: Response, lastId: string | undefined, peer: string): boolean {
    if (this.#streams.size >= this.#most && !this.#makeRoom(peer)) return false;
    const stream: Stream = {
      peer,
      response,
      next: this.#after(lastId),
      until: 0,
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
    response.on('drain', () => {
      if (stream.next < stream.until) this.#send(stream, new Map());
    });
    this.#looking ??= setInterval(() => this.look(), LOOK);
    this.#goOn(stream, new Map());
    return true;
  }

  /** There are new events. Costs nothing while nobody looks. */
  changed(): void {
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
    for (const stream of this.#streams) most = Math.max(most, this.#goOn(stream, made));
    this.#quietUntil = this.#clock.monotonic() + Math.max(RHYTHM, QUIET * most);
    if (this.#recent.next !== before) this.changed();
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

  /** What a reader says is a hint, and may be anything. */
  #after(lastId: string | undefined): number {
    const [, life, id] = /^(\w+)-(\d{1,15})$/.exec(lastId ?? '') ?? [];
    const next = Number(id) + 1;
    return life === this.#life && next <= this.#recent.next ? next : 0;
  }

  /** Ends the oldest stream of the peer that has most, where that is more than this one would have. */
  #makeRoom(peer: string): boolean {
    const shares = new Map<string, number>();
    for (const stream of this.#streams) shares.set(stream.peer, (shares.get(stream.peer) ?? 0) + 1);
    const [greediest, most] = [...shares].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (most <= (shares.get(peer) ?? 0) + 1) return false;
    const oldest = [...this.#streams].find((stream) => stream.peer === greediest)!;
    this.#streams.delete(oldest);
    oldest.response.destroy();
    return true;
  }

  #rest(): void {
    clearTimeout(this.#sending);
    clearInterval(this.#looking);
    this.#sending = undefined;
    this.#looking = undefined;
  }

  /** @param made for other streams. @returns how many events it is sent, now or as it takes them */
  #goOn(stream: Stream, made: Pieces): number {
    const { next } = this.#recent;
    if (stream.response.writableNeedDrain || stream.next >= next) return 0;
    const sent = Math.min(next - stream.next, this.#recent.kept);
    stream.until = next;
    this.#send(stream, made);
    return sent;
  }

  /** Sends pieces as long as they are taken; the rest when there is room again. */
  #send(stream: Stream, made: Pieces): void {
    while (stream.next < stream.until && !stream.response.writableNeedDrain) {
      const piece = made.get(stream.next) ?? this.#piece(stream.next);
      made.set(stream.next, piece);
      stream.next = piece.next;
      this.#write(stream, piece.bytes);
    }
  }

  /** Events from an id on, not much more than fit. */
  #piece(from: number): Piece {
    let [text, next] = ['', from];
    for (const event of this.#recent.from(from)) {
      text += `id: ${this.#life}-${event.id}\ndata: ${JSON.stringify(present(event))}\n\n`;
      next = event.id + 1;
      if (text.length >= PIECE) break;
    }
    return { bytes: Buffer.from(text), next: Math.max(next, from + 1) };
  }

  #write(stream: Stream, what: Buffer | string): void {
    stream.spoke = this.#clock.monotonic();
    stream.stuckSince = stream.response.write(what) ? undefined : stream.spoke;
  }
}
