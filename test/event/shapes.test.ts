/** Each of a hundred shapes gives what it should, by both scanners. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Framing } from '../../src/event/framing/framing.ts';
import { KernelScanner, withKernel } from '../../src/event/scan/kernel.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { OUTCOME, type Scanner } from '../../src/event/scan/scanner.ts';
import { rows } from './shapes.ts';

const MAX_LINE = 64 * 1024;
const WORDS: Record<number, string> = {
  [OUTCOME.text]: 'text',
  [OUTCOME.malformed]: 'malformed',
  [OUTCOME.internal]: 'internal',
};

function told(scanner: Scanner, bytes: Buffer): string[] {
  const { payload } = new Framing(MAX_LINE).push(bytes, 0);
  const { lines, tuple, start, end } = scanner.scan(payload);
  return Array.from({ length: lines }, (_, line) => {
    const number = tuple[line]!;
    if (number < 0) return WORDS[number]!;
    const event = JSON.parse(Buffer.from(payload).toString('utf8', start[line]!, end[line]!));
    assert.equal(event.rule, scanner.tuple(number).rule, 'the event stands where the batch says');
    return event.rule as string;
  });
}

const scanners = {
  plain: new PlainScanner([], MAX_LINE),
  kernel: new KernelScanner(withKernel((module) => module)!, [], MAX_LINE, 1024 * 1024),
};
for (const { name, rule, line, gives } of rows())
  test(`${name}: ${gives}`, () => {
    for (const scanner of Object.values(scanners))
      assert.deepEqual(told(scanner, Buffer.concat([line, Buffer.from('\n')])), [
        gives === 'event' ? rule : gives,
      ]);
  });
