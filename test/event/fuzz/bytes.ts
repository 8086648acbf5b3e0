/** Mutations of a line's bytes, that know nothing of JSON. */
import type { Random } from './random.ts';

/** Bytes at which a scanner's way parts. */
const TURNS = Buffer.from(
  '"\\{}[]:,.-+0123456789eEtTzZu/ \t\r\n\0\x01\x1f\x7f\x80\xbf\xc3\xe2\xef\xf0\xff',
  'latin1',
);

const WORDS = [
  '"rule":',
  '"priority":',
  '"source":"internal",',
  '"time":"2026-11-23T14:06:27.5Z",',
  '"output_fields":{',
  '"output_fields":[],',
  '"container.name":',
  '"container.id":"host"',
  '"\\u0072ule":"x",',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\u00',
  'null',
  'true',
  'false',
  'nul',
  '-0',
  '1e5',
  '1.',
  '01',
  '""',
  '"<NA>"',
  '\xef\xbb\xbf',
  'falco  | ',
  '\x1b[0m',
  '<5>',
  '\xc0\xaf',
  '\xed\xa0\x80',
  '\xf4\x90\x80\x80',
].map((word) => Buffer.from(word, 'latin1'));

/** One change of a line: bytes flipped, set, put in, taken out, doubled, moved, or taken from another line. */
export function mutateBytes(line: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(line.length + 1);
  const length = random.below(random.once(4) ? line.length - at + 1 : Math.min(9, line.length - at + 1));
  const [before, piece, after] = [
    line.subarray(0, at),
    line.subarray(at, at + length),
    line.subarray(at + length),
  ];
  switch (random.below(8)) {
    case 0: {
      const flipped = Buffer.from(line);
      if (at < line.length) flipped[at]! ^= 1 << random.below(8);
      return flipped;
    }
    case 1: {
      const set = Buffer.from(line);
      if (at < line.length) set[at] = random.once(2) ? random.pick(TURNS) : random.below(256);
      return set;
    }
    case 2:
      return Buffer.concat([before, Buffer.of(random.pick(TURNS)), piece, after]);
    case 3:
      return Buffer.concat([before, random.pick(WORDS), piece, after]);
    case 4:
      return Buffer.concat([before, after]);
    case 5:
      return Buffer.concat([before, piece, piece, after]);
    case 6:
      return Buffer.concat([before, after, piece]);
    default:
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
  }
}
