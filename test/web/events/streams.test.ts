import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Response } from 'express';
import { PlainScanner } from '../../../src/event/scan/plain.ts';
import { RecentEvents } from '../../../src/web/events/recent.ts';
import { Streams } from '../../../src/web/events/streams.ts';

/** What a stream writes to; it takes all, or nothing more once it is stuck. */
class Reader extends EventEmitter {
  text = '';
  writableNeedDrain = false;
  destroyed = false;
  stuck = false;
  writeHead(): this {
    return this;
  }
  write(text: string): boolean {
    this.text += text;
    this.writableNeedDrain = this.stuck;
    return !this.stuck;
  }
  end(): void {
    this.emit('close');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  get ids(): number[] {
    return [...this.text.matchAll(/^data: \{"id":(\d+)/gm)].map(([, id]) => Number(id));
  }
  get lastId(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
  }
  get response(): Response {
    return this as unknown as Response;
  }
}

class Room {
  now = 0;
  readonly recent = new RecentEvents({ events: 4, bytes: 4096, lineBytes: 4096 });
  readonly streams = new Streams(this.recent, { now: () => 0, monotonic: () => this.now }, 2);
  readonly #scanner = new PlainScanner([], 4096);

  events(count: number): void {
    const bytes = Buffer.from('{"rule":"R","priority":"Error"}\n'.repeat(count));
    this.recent.take(this.#scanner.scan(bytes), bytes, () => ['R', 'web', 'error']);
  }
}

test('a reader gets what there is, then what is new', (t) => {
  const room = new Room();
  t.after(() => room.streams.close());
  const reader = new Reader();
  room.events(2);
  assert.equal(room.streams.open(reader.response, undefined, '10.0.0.1'), true);
  assert.deepEqual(reader.ids, [0, 1]);
  room.events(1);
  room.streams.flush();
  room.streams.flush();
  assert.deepEqual(reader.ids, [0, 1, 2]);
});

test('a reader that comes again goes on where it was; one of another life begins anew', (t) => {
  const room = new Room();
  t.after(() => room.streams.close());
  const [first, again] = [new Reader(), new Reader()];
  room.events(2);
  room.streams.open(first.response, undefined, '10.0.0.1');
  first.end();
  room.events(1);
  room.streams.open(again.response, first.lastId, '10.0.0.1');
  assert.deepEqual(again.ids, [2]);
  again.end();
  for (const id of ['other-1', 'nonsense', '', `${first.lastId}9`]) {
    const other = new Reader();
    room.streams.open(other.response, id, '10.0.0.1');
    assert.deepEqual(other.ids, [0, 1, 2], id);
    other.end();
  }
});

test('there are only so many streams; who leaves makes room', (t) => {
  const room = new Room();
  t.after(() => room.streams.close());
  const readers = [new Reader(), new Reader(), new Reader()];
  assert.deepEqual(
    readers.map(({ response }) => room.streams.open(response, undefined, '10.0.0.1')),
    [true, true, false],
  );
  readers[0]!.end();
  assert.equal(room.streams.open(readers[2]!.response, undefined, '10.0.0.1'), true);
});

test('a slow reader misses events and can tell; one that is stuck is dropped, the others are not', (t) => {
  const room = new Room();
  t.after(() => room.streams.close());
  const [slow, quick] = [new Reader(), new Reader()];
  room.streams.open(slow.response, undefined, '10.0.0.1');
  room.streams.open(quick.response, undefined, '10.0.0.1');
  slow.stuck = true;
  for (let round = 0; round < 6; round++) {
    room.events(2);
    room.streams.flush();
  }
  assert.deepEqual(quick.ids, [...Array(12).keys()]);
  assert.deepEqual(slow.ids, [0, 1]);
  slow.stuck = false;
  slow.writableNeedDrain = false;
  room.streams.flush();
  assert.deepEqual(slow.ids, [0, 1, 8, 9, 10, 11]);
  slow.stuck = true;
  room.events(1);
  room.streams.flush();
  room.now += 2500;
  room.streams.look();
  assert.equal(slow.destroyed, false);
  room.now += 2500;
  room.streams.look();
  assert.deepEqual([slow.destroyed, quick.destroyed, room.streams.size], [true, false, 1]);
});

test('a silent stream says that it lives', (t) => {
  const room = new Room();
  t.after(() => room.streams.close());
  const reader = new Reader();
  room.streams.open(reader.response, undefined, '10.0.0.1');
  room.streams.look();
  assert.doesNotMatch(reader.text, /^:$/m);
  room.now += 15_000;
  room.streams.look();
  assert.match(reader.text, /^:$/m);
});

test('a flood does not slow the rhythm down: what is sent counts, not what is left out', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const room = new Room();
  const reader = new Reader();
  room.streams.open(reader.response, undefined, '10.0.0.1');
  for (let round = 1; round <= 5; round++) {
    room.events(10_000);
    room.streams.changed();
    room.now += 100;
    t.mock.timers.tick(100);
    assert.equal(reader.ids.at(-1), round * 10_000 - 1);
  }
  room.streams.close();
});

test('closing ends every stream', () => {
  const room = new Room();
  const reader = new Reader();
  room.streams.open(reader.response, undefined, '10.0.0.1');
  room.streams.close();
  assert.equal(room.streams.size, 0);
});

test('when the last reader has left, nothing is looked after and nothing is sent', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const room = new Room();
  const looked = t.mock.method(room.streams, 'look');
  const flushed = t.mock.method(room.streams, 'flush');
  const [one, other] = [new Reader(), new Reader()];
  room.streams.open(one.response, undefined, '10.0.0.1');
  room.streams.open(other.response, undefined, '10.0.0.2');
  one.end();
  t.mock.timers.tick(10_000);
  assert.ok(looked.mock.callCount() > 0, 'one is there still');
  room.events(1);
  room.streams.changed();
  other.end();
  looked.mock.resetCalls();
  t.mock.timers.tick(60_000);
  assert.equal(looked.mock.callCount(), 0);
  assert.equal(flushed.mock.callCount(), 0);
});
