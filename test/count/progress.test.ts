import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Progress } from '../../src/count/progress.ts';
import { temporary } from '../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());
const files = ['a\u001b[2J', 'b'].map((name) => {
  const path = join(directory.path, name);
  writeFileSync(path, Buffer.alloc(1024 ** 2));
  return path;
});

function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, columns: 200, write: (text: string) => written.push(text) };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
}

test('how far it is stands on one line, and is gone at the end', () => {
  const { stream, written } = terminal(true);
  const progress = new Progress(files, stream);
  progress.read(files[0]!, 512 * 1024);
  progress.read(files[0]!, 1024 * 1024);
  assert.deepEqual(written.length, 1, 'no more than a few times a second');
  assert.match(written[0]!, /^\r\u001b\[K25 %, 1 MiB {2}[^\u001b\n]*a\\u001b\[2J$/);
  progress.end();
  assert.equal(written.at(-1), '\r\u001b[K');
});

test('where standard error is no terminal nothing is written', () => {
  const { stream, written } = terminal(false);
  const progress = new Progress(files, stream);
  progress.read(files[0]!, 1);
  progress.done(files[0]!);
  progress.end();
  assert.deepEqual(written, []);
});
