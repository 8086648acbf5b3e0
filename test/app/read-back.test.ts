import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readBack } from '../../src/app/read-back.ts';
import { systemClock } from '../../src/clock.ts';
import { configSchema } from '../../src/config/schema.ts';
import { digestOf, fingerprint, type Position } from '../../src/source/rotated/position.ts';
import { LiveEvents } from '../../src/web/events/live-events.ts';
import { temporary } from '../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const LINE = `${JSON.stringify({ time: '2026-11-26T01:00:00.000000001Z', rule: 'R', priority: 'Error', source: 'syscall', output_fields: { 'container.name': 'web' } })}\n`;

function position(path: string): Position {
  const bytes = Buffer.from(LINE);
  const [head, tail] = [fingerprint(bytes), digestOf(bytes)];
  return {
    input: path,
    live: path,
    target: path,
    path,
    device: '1',
    inode: '1',
    head,
    tail,
    offset: bytes.length,
    seen: 0,
  };
}

test('what stood before the positions is shown; a FIFO in the place of a file keeps nobody waiting', async () => {
  const file = join(directory.path, 'events.json');
  const fifo = join(directory.path, 'fifo');
  writeFileSync(file, LINE);
  execFileSync('mkfifo', [fifo]);
  const live = new LiveEvents(() => [], systemClock);
  await readBack([position(fifo), position(file)], [], configSchema.parse({}), live);
  assert.deepEqual(
    live.events.list().map(({ labels, earlier }) => [labels, earlier]),
    [[['R', 'web', 'error'], true]],
  );
});
