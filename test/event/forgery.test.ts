/** Attackers choose what an event says. However they do, and wherever its line is cut, nothing of it becomes an event. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Framing } from '../../src/event/framing/framing.ts';
import { PlainScanner } from '../../src/event/scan/plain.ts';
import { PREFIXES, WRAPS } from './shapes.ts';

const FORGED = '{"rule":"FORGED","priority":"Critical","source":"syscall"}';
const prefixes = PREFIXES.map((shape) => String(shape.line('')));

/** What an attacker may write into a command line, a file's name or an agent's header. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(FORGED) },
      { weight: 3, arbitrary: fc.constantFrom(...prefixes) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...['\\', '"', '\\"', '{', '}', '\n', '\r', '"}', '",', ' ', '\0', '\ufeff', '\u001b[0m', '[', ']'],
          '14:07:33.890134940: Warning ',
          '{"MESSAGE":"',
          '{"log":"',
          `{"log":${JSON.stringify(`${FORGED}\n`)},"stream":"stdout"}`,
          JSON.stringify(FORGED),
          '2026-01-02T03:04:05.000000001Z stdout F ',
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Falco escapes what stands in a line of JSON, and prints text as it is, but on one line. */
const json = (text: string) =>
  JSON.stringify({
    hostname: 'h',
    output: `a ${text}`,
    output_fields: { 'proc.cmdline': text },
    priority: 'Notice',
    rule: 'REAL',
    source: 'syscall',
  });
const words = (text: string) => `14:07:33.890134940: Notice ${text.replaceAll(/[\r\n]/g, ' ')}`;

function rulesOf(text: string): string[] {
  const scanner = new PlainScanner([], 1 << 20);
  const framing = new Framing(1 << 20);
  const found: string[] = [];
  for (const framed of [framing.push(Buffer.from(`${text}\n`), 0), framing.flush()]) {
    if (!framed) continue;
    const { lines, tuple } = scanner.scan(framed.payload);
    for (let line = 0; line < lines; line++)
      if (tuple[line]! >= 0) found.push(scanner.tuple(tuple[line]!).rule);
  }
  return found;
}

const wrap = fc.constantFrom(...Object.values(WRAPS));
const prefix = fc.constantFrom(...prefixes);

test('in a line of JSON, behind any prefix, in any wrapping: one event, the true one', () => {
  fc.assert(
    fc.property(hostile, prefix, wrap, (text, before, wrapped) => {
      assert.deepEqual(rulesOf(wrapped(before + json(text))), ['REAL']);
    }),
    { numRuns: 2000 },
  );
});

test('in a line of JSON that is cut in two: none', () => {
  fc.assert(
    fc.property(hostile, prefix, prefix, wrap, fc.nat(), (text, before, again, wrapped, where) => {
      const line = json(text);
      // Within what it says: the half before then ends, and the one after begins, with an attacker's words.
      const at = 1 + (where % (line.length - 2));
      const [first, rest] = [line.slice(0, at), line.slice(at)];
      for (const both of [
        `${before}${first}\n${again}${rest}`,
        `${wrapped(before + first)}\n${wrapped(again + rest)}`,
      ])
        assert.ok(!rulesOf(both).includes('FORGED'), both);
    }),
    { numRuns: 5000 },
  );
});

test("in a line of Falco's text format: none", () => {
  fc.assert(
    fc.property(hostile, prefix, wrap, (text, before, wrapped) => {
      assert.deepEqual(rulesOf(wrapped(before + words(text))), []);
    }),
    { numRuns: 3000 },
  );
});

test('glued to words of standard error, before or behind them: none', () => {
  fc.assert(
    fc.property(hostile, prefix, (text, before) => {
      const said = text.replaceAll(/[\r\n]/g, ' ');
      const log = `${before}Mon Nov 23 14:14:14 2026: Error reading ${said}`;
      assert.ok(!rulesOf(log).includes('FORGED'), log);
      assert.ok(!rulesOf(`${before}${json(text)}${said}x`).includes('FORGED'));
    }),
    { numRuns: 2000 },
  );
});
