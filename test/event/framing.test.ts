import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Framing } from '../../src/event/framing/framing.ts';
import { Carry } from '../../src/source/read/carry.ts';
import { Cursor } from '../../src/source/read/cursor.ts';

const MAX_LINE = 2000;
const TIME = '2026-11-23T14:11:55.137513955Z';

type Stream = 'stdout' | 'stderr';
interface Printed {
  stream: Stream;
  text: string;
  /** Where the runtime cuts it. */
  cuts: number[];
}

/** What programs print: no newlines inside, and nothing that looks wrapped itself. */
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }) },
  { weight: 3, arbitrary: fc.json().map((json) => `{"rule":"r","priority":"Error","x":${json}}`) },
  { weight: 1, arbitrary: fc.integer({ min: MAX_LINE - 2, max: MAX_LINE + 2 }).map((n) => 'y'.repeat(n)) },
);
const printed: fc.Arbitrary<Printed> = fc.record({
  stream: fc.constantFrom<Stream>('stdout', 'stdout', 'stdout', 'stderr'),
  text: text.map((each) => each.replaceAll(/[\r\n\u2028\u2029]/g, ' ').trim() || 'z'),
  cuts: fc.array(fc.nat(100), { maxLength: 4 }),
});

/** The pieces of the lines, those of the two streams mixed as they may be. */
function pieces(
  lines: readonly Printed[],
  mix: readonly boolean[],
): { stream: Stream; text: string; last: boolean }[] {
  const queues = {
    stdout: [] as { text: string; last: boolean }[],
    stderr: [] as { text: string; last: boolean }[],
  };
  for (const { stream, text, cuts } of lines) {
    let from = 0;
    for (const cut of cuts.map((each) => Math.min(each, text.length)).sort((a, b) => a - b)) {
      // A runtime cuts bytes; characters of two units are left whole here.
      if (cut <= from || /[\udc00-\udfff]/.test(text[cut] ?? '')) continue;
      queues[stream].push({ text: text.slice(from, cut), last: false });
      from = cut;
    }
    queues[stream].push({ text: text.slice(from), last: true });
  }
  const mixed = [];
  for (let n = 0; queues.stdout.length + queues.stderr.length > 0; n++) {
    const first: Stream = mix[n % mix.length] ? 'stdout' : 'stderr';
    const stream: Stream = queues[first].length > 0 ? first : first === 'stdout' ? 'stderr' : 'stdout';
    mixed.push({ stream, ...queues[stream].shift()! });
  }
  return mixed;
}

const docker = (stream: Stream, text: string, last: boolean) =>
  JSON.stringify({ log: last ? `${text}\n` : text, stream, time: TIME });
const cri = (stream: Stream, text: string, last: boolean) => `${TIME} ${stream} ${last ? 'F' : 'P'} ${text}`;

function result(bytes: Buffer, cuts: readonly number[]) {
  const found = { payload: '', text: 0, oversized: 0 };
  const cursor = new Cursor(MAX_LINE, ({ payload, text, oversized }) => {
    found.payload += Buffer.from(payload).toString();
    found.text += text;
    found.oversized += oversized;
  });
  const carry = new Carry(cursor);
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = at + cuts[n % cuts.length]!;
    carry.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return found;
}

for (const [name, wrap] of [
  ['Docker', docker],
  ['CRI', cri],
] as const) {
  test(`${name}: pieces are joined, however the bytes come`, () => {
    fc.assert(
      fc.property(
        fc.array(printed, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        (lines, mix, cuts) => {
          const entries = pieces(lines, mix);
          const bytes = Buffer.from(
            entries.map((each) => `${wrap(each.stream, each.text, each.last)}\n`).join(''),
          );
          const isLong = (line: Printed) => Buffer.byteLength(line.text) > MAX_LINE;
          const out = lines.filter((line) => line.stream === 'stdout' && !isLong(line));
          const found = result(bytes, cuts);
          assert.equal(found.payload, out.map((line) => `${line.text}\n`).join(''));
          assert.equal(found.oversized, lines.filter(isLong).length);
          assert.equal(found.text, lines.filter((line) => line.stream === 'stderr' && !isLong(line)).length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test(`${name}: after a restart in the middle of a line it is whole all the same`, () => {
    fc.assert(
      fc.property(fc.array(printed, { minLength: 1, maxLength: 8 }), fc.nat(), (lines, where) => {
        const entries = pieces(lines, [true]).map((each) => `${wrap(each.stream, each.text, each.last)}\n`);
        const stop = where % (entries.length + 1);
        const [before, after] = [entries.slice(0, stop), entries.slice(stop)].map((part) =>
          Buffer.from(part.join('')),
        );
        const first = new Framing(MAX_LINE);
        let payload = Buffer.from(first.push(before!, 0).payload).toString();
        const second = new Framing(MAX_LINE);
        if (first.pending !== undefined) second.rejoin(before!.subarray(first.pending), first.pending);
        payload += Buffer.from(second.push(after!, before!.length).payload).toString();
        const whole = Buffer.from(
          new Framing(MAX_LINE).push(Buffer.concat([before!, after!]), 0).payload,
        ).toString();
        assert.equal(payload, whole);
        assert.equal(second.pending, undefined);
      }),
      { numRuns: 500 },
    );
  });
}

for (const [what, line] of Object.entries({
  'an escaped newline in its middle': '{"log":"a\\u000ab\\n","stream":"stdout","time":"t"}',
  'an escaped character of two bytes': '{"log":"a\\u00e9b\\n","stream":"stdout","time":"t"}',
  'an escape that is none': '{"log":"a\\u00g0b\\n","stream":"stdout","time":"t"}',
  'an escaped backslash before a u': '{"log":"a\\\\u2028\\n","stream":"stdout","time":"t"}',
  'every escape': '{"log":"\\"\\\\\\/\\b\\f\\r\\t\\u0000\\u007F\\n","stream":"stdout","time":"t"}',
  'keys in another order': '{"log":"a\\n","time":"t","stream":"stdout"}',
  'a time that is not there': '2026-11-23T stdout F a',
  'a date that is none': '2026-1-123T10:00:00Z stdout F a',
  'blanks at its end': `${TIME} stdout F a \r`,
  'nothing in it': `${TIME} stdout F `,
}))
  test(`a wrapped line with ${what} is the same, unwrapped by the kernel or not`, () => {
    const bytes = Buffer.from(`${line}\n${line}\n`);
    const [fast, slow] = [true, false].map((kernel) => new Framing(MAX_LINE, kernel).push(bytes, 0));
    assert.deepEqual(
      { ...fast, payload: String(fast!.payload) },
      { ...slow, payload: String(slow!.payload) },
    );
  });

test('of a line that is too long nothing is kept, also where its end never comes', () => {
  const framing = new Framing(MAX_LINE);
  const piece = Buffer.from(`${cri('stdout', 'x'.repeat(1500), false)}\n`);
  framing.push(Buffer.concat([piece, piece, piece]), 0);
  const { payload, oversized } = framing.flush()!;
  assert.deepEqual([String(payload).trim(), oversized], ['', 1]);
});

/** What a line whose end never comes leaves, and the whole line after it. */
const lost = '{"rule":"lost","output":"';
const good = '{"rule":"good","output_fields":{"a":{"b":1}}}';
const cut = [good.slice(0, 20), good.slice(20)] as const;
for (const [kind, wrap] of Object.entries({ Docker: docker, CRI: cri })) {
  const framed = (...pieces: [text: string, last: boolean][]) => {
    const framing = new Framing(MAX_LINE);
    const lines = pieces.map(([text, last]) => `${wrap('stdout', text, last)}\n`).join('');
    const { payload, oversized } = framing.push(Buffer.from(lines), 0);
    return { payload: Buffer.from(payload).toString(), oversized, pending: framing.pending };
  };

  test(`${kind}: a line whose end never comes takes no good event with it`, () => {
    const wanted = { payload: `${lost}\n${good}\n`, oversized: 0, pending: undefined };
    assert.deepEqual(framed([lost, false], [good, true]), wanted);
    assert.deepEqual(framed([lost, false], [cut[0], false], [cut[1], true]), wanted);
    assert.deepEqual(framed([lost, false], [lost, false], [good, true]), {
      ...wanted,
      payload: `${lost}${lost}\n${good}\n`,
    });
  });

  test(`${kind}: a piece of a whole line that begins as an event does is none`, () => {
    const pieces = ['{"rule":"a","x":[', '{"rule":"b"},', '{"rule":"c"}]}'] as const;
    assert.equal(
      framed([pieces[0], false], [pieces[1], false], [pieces[2], true]).payload,
      `${pieces.join('')}\n`,
    );
  });

  test(`${kind}: an event behind a line that is too long and has no end is counted`, () => {
    const { payload, oversized } = framed(['x'.repeat(MAX_LINE), false], [good, true]);
    assert.deepEqual([payload, oversized], [`${good}\n`, 1]);
  });
}

test('bare lines pass as they are, the same bytes', () => {
  const bytes = Buffer.from('{"rule":"a"}\n\nEvents detected: 3\n');
  assert.equal(new Framing(MAX_LINE).push(bytes, 0).payload, bytes);
});

test('hostile bytes never throw', () => {
  const mark = fc.constantFrom(
    '{"log":"',
    `${TIME} stdout P `,
    `${TIME} stderr F `,
    '\n',
    '{',
    '"',
    '\\',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(mark, fc.string({ unit: 'binary' })), { maxLength: 40 }), (parts) => {
      const framing = new Framing(MAX_LINE);
      framing.push(Buffer.from(`${parts.join('')}\n`), 0);
      framing.flush();
    }),
    { numRuns: 1000 },
  );
});

test('pieces that hold nothing cost nothing, however many wait, and the line is whole at its end', () => {
  const framing = new Framing(1024);
  const time = '2026-11-26T01:00:00.137513955Z stdout';
  const empty = Buffer.from(`${time} P \n`.repeat(1000));
  const size = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
  framing.push(Buffer.from(`${time} P {"rule":\n`), 0);
  const before = size();
  // A thousand thousand: as one buffer each they take more than 90 MiB.
  for (let n = 0; n < 1000; n++) framing.push(empty, 100);
  assert.ok(size() - before < 64 * 1024 * 1024, `${size() - before} bytes`);
  const { payload } = framing.push(Buffer.from(`${time} F "R"}\n`), 200);
  assert.equal(Buffer.from(payload).toString(), '{"rule":"R"}\n');
});
