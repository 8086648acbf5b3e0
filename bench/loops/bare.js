/** The bare loop: readSync, a line at a time, JSON.parse, Map. Nothing faster can be had from JSON.parse. */
import { openSync, readSync } from 'node:fs';
import { count } from './count.js';

const NEWLINE = 10;
const buffer = Buffer.alloc(1024 * 1024);
const file = openSync(process.argv[2], 'r');
let held = 0;
for (;;) {
  const read = readSync(file, buffer, held, buffer.length - held, null);
  if (read === 0) break;
  const end = held + read;
  let from = 0;
  for (
    let newline = buffer.indexOf(NEWLINE);
    newline >= 0 && newline < end;
    newline = buffer.indexOf(NEWLINE, from)
  ) {
    count(buffer.toString('utf8', from, newline));
    from = newline + 1;
  }
  buffer.copyWithin(0, from, end);
  held = end - from;
}
