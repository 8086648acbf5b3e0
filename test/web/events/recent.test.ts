import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch } from '../../../src/event/scan/scanner.ts';
import { RecentEvents } from '../../../src/web/events/recent.ts';

const LABELS = (tuple: number) => [`rule ${tuple}`];

interface Line {
  text: string;
  tuple: number;
}

function batchOf(lines: Line[]): { batch: Batch; bytes: Buffer } {
  const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''));
  const batch = {
    lines: lines.length,
    tuple: Int32Array.from(lines, ({ tuple }) => tuple),
    time: Float64Array.from(lines, (_, at) => at),
    start: new Int32Array(lines.length),
    end: new Int32Array(lines.length),
  };
  let at = 0;
  for (const [index, { text }] of lines.entries()) {
    batch.start[index] = at;
    at += Buffer.byteLength(text);
    batch.end[index] = at;
    at++;
  }
  return { batch, bytes };
}

function take(recent: RecentEvents, lines: Line[]): boolean {
  const { batch, bytes } = batchOf(lines);
  const any = recent.take(batch, bytes, LABELS);
  // The batch's memory is used again at once.
  bytes.fill(0);
  return any;
}

test('keeps the newest events, oldest first; other lines are no events', () => {
  const recent = new RecentEvents({ events: 2, bytes: 100, lineBytes: 100 });
  assert.equal(
    take(recent, [
      { text: 'a', tuple: 0 },
      { text: 'no event', tuple: -2 },
    ]),
    true,
  );
  assert.equal(take(recent, [{ text: 'malformed', tuple: -3 }]), false);
  take(recent, [
    { text: 'b', tuple: 1 },
    { text: 'ç', tuple: 0 },
  ]);
  assert.deepEqual(
    recent.list().map(({ id, line, labels }) => [id, line, labels]),
    [
      [1, 'b', ['rule 1']],
      [2, 'ç', ['rule 0']],
    ],
  );
  assert.deepEqual(
    recent.list(2).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(
    recent.list(0, 1).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(recent.list(3), []);
});

test('of a line that is too long only what it was is kept', () => {
  const recent = new RecentEvents({ events: 5, bytes: 100, lineBytes: 10 });
  take(recent, [{ text: 'x'.repeat(11), tuple: 7 }]);
  take(recent, [{ text: 'x'.repeat(10), tuple: 8 }]);
  assert.deepEqual(
    recent.list().map(({ line, labels }) => [line, labels]),
    [
      [undefined, ['rule 7']],
      ['x'.repeat(10), ['rule 8']],
    ],
  );
});

test('whatever comes: the newest in a row, whole, within the bounds, and no more than needs to be is let go', () => {
  const line = fc.record({
    text: fc.string({ minLength: 1, maxLength: 30, size: 'max' }).map((text) => text.replace(/\n/g, '_')),
    tuple: fc.integer({ min: -3, max: 5 }),
  });
  fc.assert(
    fc.property(
      // Long enough to go round the ring several times.
      fc.array(fc.array(line, { maxLength: 12, size: 'max' }), { maxLength: 20, size: 'max' }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 130, max: 200 }),
      (batches, events, bytes) => {
        const limits = { events, bytes, lineBytes: 40 };
        const recent = new RecentEvents(limits);
        const all: Line[] = [];
        for (const batch of batches) {
          take(recent, batch);
          all.push(...batch.filter(({ tuple }) => tuple >= 0));
          const kept = recent.list();
          assert.equal(recent.next, all.length);
          const newest = all.slice(all.length - kept.length);
          assert.deepEqual(
            kept.map(({ id, line, labels }) => ({ id, line, labels })),
            newest.map(({ text, tuple }, at) => ({
              id: all.length - kept.length + at,
              line: Buffer.byteLength(text) > 40 ? undefined : text,
              labels: [`rule ${tuple}`],
            })),
          );
          assert.ok(kept.length <= events);
          // A line is at most 90 bytes of the ring's room away from fitting: its end may stay empty.
          const size = kept.reduce((sum, { line }) => sum + Buffer.byteLength(line ?? ' '), 0);
          assert.ok(size <= bytes);
          if (kept.length < Math.min(events, all.length))
            assert.ok(size > bytes - 2 * 40, `only ${size} of ${bytes}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});
