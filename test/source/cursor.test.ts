import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Framed } from '../../src/event/framing/framing.ts';
import { Carry } from '../../src/source/read/carry.ts';
import { Cursor } from '../../src/source/read/cursor.ts';

const MAX_LINE = 4096;
const LIMIT = 1024 * 1024;

class Taken {
  readonly lines: string[] = [];
  oversized = 0;
  bytes = 0;
  longest = 0;

  readonly sink = ({ payload, oversized }: Framed, bytes: number): void => {
    this.longest = Math.max(this.longest, payload.length);
    this.oversized += oversized;
    this.bytes += bytes;
    for (const line of Buffer.from(payload).toString('latin1').split('\n'))
      if (line.length > MAX_LINE) this.oversized++;
      else if (line !== '') this.lines.push(line);
  };
}

/** A line of so many bytes; the longest are beyond what a read brings. */
const size = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 2, arbitrary: fc.constantFrom(MAX_LINE, MAX_LINE + 1, 20_000) },
  { weight: 1, arbitrary: fc.constantFrom(LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT + 5) },
);
const cut = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 3 * LIMIT }));

/** Where the next piece ends; of much content the pieces are not the smallest, or a run would take minutes. */
function endOf(at: number, length: number, cut: number): number {
  return Math.min(length, at + Math.max(cut, Math.ceil(length / 5000)));
}

function content(sizes: readonly number[]): { bytes: Buffer; lines: string[]; oversized: number } {
  const all = sizes.map((length, index) => `${index}`.padEnd(length, 'x').slice(0, length));
  const lines = all.filter((line) => line.length <= MAX_LINE);
  return {
    bytes: Buffer.from(all.map((line) => `${line}\n`).join('')),
    lines,
    oversized: all.length - lines.length,
  };
}

function expect(taken: Taken, { bytes, lines, oversized }: ReturnType<typeof content>): void {
  assert.deepEqual(taken.lines, lines);
  assert.equal(taken.oversized, oversized);
  assert.equal(taken.bytes, bytes.length, 'all bytes are told');
}

test('lines are the same however a stream cuts them, and none is held that is too long', () => {
  fc.assert(
    fc.property(
      fc.array(size, { maxLength: 30 }),
      fc.array(cut, { minLength: 1, maxLength: 50 }),
      (sizes, cuts) => {
        const whole = content(sizes);
        const taken = new Taken();
        const cursor = new Cursor(MAX_LINE, taken.sink);
        const carry = new Carry(cursor);
        for (let at = 0, n = 0; at < whole.bytes.length; n++) {
          const end = endOf(at, whole.bytes.length, cuts[n % cuts.length]!);
          carry.push(whole.bytes.subarray(at, end));
          assert.ok(carry.rest.length <= cursor.capacity);
          at = end;
        }
        cursor.finish(carry.rest);
        expect(taken, whole);
      },
    ),
    { numRuns: 200 },
  );
});

test('lines are the same however a file grows under the reader', () => {
  fc.assert(
    fc.property(
      fc.array(size, { maxLength: 30 }),
      fc.array(cut, { minLength: 1, maxLength: 50 }),
      (sizes, cuts) => {
        const whole = content(sizes);
        const taken = new Taken();
        const cursor = new Cursor(MAX_LINE, taken.sink);
        for (let end = 0, n = 0; end < whole.bytes.length; n++) {
          end = endOf(end, whole.bytes.length, cuts[n % cuts.length]!);
          let more = 'more';
          while (more === 'more') {
            const { at, length } = cursor.next;
            more = cursor.take(whole.bytes.subarray(at, Math.min(end, at + length)));
          }
          assert.equal(more, 'end');
        }
        expect(taken, whole);
        assert.equal(cursor.offset, whole.bytes.length);
      },
    ),
    { numRuns: 200 },
  );
});

test('a last line without its end counts when the file is finished, and only then', () => {
  const taken = new Taken();
  const cursor = new Cursor(MAX_LINE, taken.sink);
  cursor.take(Buffer.from('one\ntwo'));
  assert.deepEqual(taken.lines, ['one']);
  cursor.finish(Buffer.from('two'));
  assert.deepEqual(taken.lines, ['one', 'two']);
});

test('the pieces of a wrapped line whose end never comes count as they stand when the file is finished', () => {
  const taken = new Taken();
  const cursor = new Cursor(MAX_LINE, taken.sink);
  cursor.take(Buffer.from('2026-11-23T14:11:55.137513955Z stdout P one, \n'));
  assert.deepEqual(taken.lines, []);
  cursor.finish(Buffer.alloc(0));
  assert.deepEqual(taken.lines, ['one, ']);
});

test('behind a line that is too long a position is proved by the bytes that stand there', () => {
  const taken = new Taken();
  const cursor = new Cursor(MAX_LINE, taken.sink);
  const bytes = Buffer.from(`one\n${'x'.repeat(2 * LIMIT)}end\n`);
  while (cursor.readAt < bytes.length) {
    const { at, length } = cursor.next;
    cursor.take(bytes.subarray(at, at + length));
  }
  assert.equal(cursor.offset, bytes.length);
  assert.deepEqual(cursor.tail, bytes.subarray(-cursor.tail.length));
});

test('a file that was truncated and has grown past the offset again is told from one that has only grown', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 3000 }),
      fc.string({ maxLength: 6000 }),
      (before, after) => {
        const taken = new Taken();
        const cursor = new Cursor(MAX_LINE, taken.sink);
        const old = Buffer.from(`${before.replaceAll('\n', '')}\n`);
        cursor.take(old);
        const fresh = Buffer.from(`${after.replaceAll('\n', ' ')}\n`.padStart(old.length + 50, '#'));
        const { at, length } = cursor.next;
        fc.pre(!fresh.subarray(at, at + cursor.guard.length).equals(cursor.guard));
        assert.equal(cursor.take(fresh.subarray(at, at + length)), 'truncated');
        assert.equal(cursor.offset, old.length);
      },
    ),
  );
});

test('a line that comes byte by byte takes no longer than its length', () => {
  const taken = new Taken();
  const carry = new Carry(new Cursor(MAX_LINE, taken.sink));
  const byte = Buffer.from('x');
  for (let n = 0; n < 3 * LIMIT; n++) carry.push(byte);
  carry.push(Buffer.from('\nnext\n'));
  assert.deepEqual([taken.oversized, taken.lines], [1, ['next']]);
});
