import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Framing } from '../../src/event/framing/framing.ts';
import { mutateBytes } from './fuzz/bytes.ts';
import { makeLine } from './fuzz/grammar.ts';
import { Random } from './fuzz/random.ts';

/** More with `npm run test:fuzz`. A seed that failed comes back with FUZZ_SEED. */
const lines = Number(process.env.FUZZ_LINES ?? 100_000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));

const MAX_LINE = 600;
const LINES_AT_ONCE = 100;

/** What Docker and the runtimes print, and what looks nearly so. */
function wrap(line: string, random: Random): Buffer {
  const stream = random.once(20) ? 'stderr' : 'stdout';
  const time = random.once(20) ? '2026-11-23T14:11:55+01:00' : '2026-11-23T14:11:55.137513955Z';
  const cut = random.once(20);
  if (random.once(2)) {
    const frame = { log: cut ? line : `${line}\n`, stream, time };
    const text = JSON.stringify(random.once(20) ? { ...frame, attrs: { tag: 'x' } } : frame);
    // Go escapes what may be HTML.
    return Buffer.from(random.once(2) ? text : text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'));
  }
  return Buffer.from(`${time} ${stream} ${cut ? 'P' : 'F'}${random.once(20) ? ':tag' : ''} ${line}`);
}

test(`the kernel unwraps ${lines} mutated lines as it is done without`, (t) => {
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = new Random(seed);
  const fast = new Framing(MAX_LINE);
  const slow = new Framing(MAX_LINE, false);
  let unwrapped = 0;
  for (let done = 0, offset = 0; done < lines; done += LINES_AT_ONCE) {
    const wrapped = Array.from({ length: LINES_AT_ONCE }, () =>
      wrap(makeLine(random, ['container.name']), random),
    );
    const some = wrapped.map((line) =>
      random.once(3) ? mutateBytes(line, wrapped[random.below(LINES_AT_ONCE)]!, random) : line,
    );
    const bytes = Buffer.concat(some.flatMap((line) => [line, Buffer.from('\n')]));
    const [a, b] = [fast.push(bytes, offset), slow.push(bytes, offset)];
    const same =
      Buffer.compare(a.payload, b.payload) === 0 && a.text === b.text && a.oversized === b.oversized;
    assert.ok(same && fast.pending === slow.pending, `FUZZ_SEED=${seed}, lines ${done} on`);
    unwrapped += b.payload === bytes ? 0 : b.payload.length;
    offset += bytes.length;
  }
  assert.ok(unwrapped > lines * 10);
});
