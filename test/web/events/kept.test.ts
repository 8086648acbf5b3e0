import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../src/event/scan/scanner.ts';
import { KeptEvents } from '../../../src/web/events/kept.ts';

const SERIES = [
  ['Noise', 'web', 'debug'],
  ['Shell', 'db', 'critical'],
  ['Rare', 'db', 'debug'],
];

/** Takes one event for each tuple, each line its own text. */
function take(kept: KeptEvents, tuples: number[], text: (at: number) => string): void {
  const lines = tuples.map((_, at) => Buffer.from(text(at)));
  const batch: Batch = {
    lines: lines.length,
    tuple: Int32Array.from(tuples),
    time: Float64Array.from(lines, (_, at) => at),
    start: new Int32Array(lines.length),
    end: new Int32Array(lines.length),
  };
  let at = 0;
  for (const [index, line] of lines.entries()) {
    batch.start[index] = at;
    at += line.length;
    batch.end[index] = at;
  }
  const bytes = Buffer.concat(lines);
  kept.take(batch, bytes, (tuple) => SERIES[tuple]!);
  // The batch's memory is used again at once.
  bytes.fill(0);
}

test('noise pushes out neither what is grave nor the last of a series', () => {
  const kept = new KeptEvents();
  take(kept, [0, 1, 2], (at) => `first ${at}`);
  for (let batch = 0; batch < 30; batch++) take(kept, Array(1000).fill(0), (at) => `noise ${batch} ${at}`);
  const list = kept.list();
  assert.deepEqual(
    list.slice(0, 2).map(({ id, line, labels }) => ({ id, line, labels })),
    [
      { id: 1, line: 'first 1', labels: SERIES[1] },
      { id: 2, line: 'first 2', labels: SERIES[2] },
    ],
  );
  assert.equal(list.at(-1)!.line, 'noise 29 999');
  assert.equal(list.at(-1)!.id, kept.next - 1);
  const ids = list.map(({ id }) => id);
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  assert.equal(list.length, 502);
  assert.deepEqual(
    kept.list(2, 3).map(({ id }) => id),
    [kept.next - 3, kept.next - 2, kept.next - 1],
  );
});

test('the last hundred of a priority stay, in their order, whatever the size of a batch', () => {
  const kept = new KeptEvents();
  take(kept, Array(150).fill(1), (at) => `grave ${at}`);
  take(kept, Array(2000).fill(0), (at) => `noise ${at}`);
  const grave = kept.list().filter(({ labels }) => labels === SERIES[1]);
  assert.deepEqual(
    grave.map(({ line }) => line),
    Array.from({ length: 100 }, (_, at) => `grave ${at + 50}`),
  );
});

test('the last ones of series are bounded in bytes', () => {
  const kept = new KeptEvents();
  for (let at = 0; at < 100; at++) take(kept, [0, 2], () => 'x'.repeat(60_000));
  const size = kept.list().reduce((sum, { line }) => sum + (line?.length ?? 0), 0);
  assert.ok(size <= 3 * 1024 * 1024, String(size));
});
