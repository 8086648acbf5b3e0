import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { StreamInput } from '../../src/source/stdin.ts';

test('an end is one, whatever comes after it: the rest of the last line is counted once', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const input = new StreamInput({
    input: '-',
    stream,
    maxLine: 1000,
    sink: ({ payload }) => lines.push(...Buffer.from(payload).toString().split('\n').filter(Boolean)),
  });
  input.start();
  assert.equal(input.status().up, true);
  stream.write('one\ntwo');
  await new Promise((resolve) => setImmediate(resolve));
  stream.emit('end');
  stream.emit('error', new Error('gone'));
  assert.deepEqual(lines, ['one', 'two']);
  const { up, fault } = input.status();
  assert.deepEqual([up, fault?.code], [false, 'INPUT_ENDED']);
  assert.match(fault!.message, /end/, 'what came first is what is told');
});
