/** The engine's framing of a container's log: for each piece its stream and its length, then its bytes. */

const HEADER = 8;
const STREAMS = ['stdin', 'stdout', 'stderr'];

/**
 * A log as lines, each with its stream before it. Of a container with a terminal there is no framing: its bytes as they
 * are.
 */
export function logText(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const stream = STREAMS[bytes[at]!];
    if (stream === undefined || bytes.readUIntBE(at + 1, 3) !== 0) return bytes;
    const from = at + HEADER;
    const to = Math.min(from + bytes.readUInt32BE(at + 4), bytes.length);
    parts.push(Buffer.from(`${stream} `), bytes.subarray(from, to));
    if (bytes[to - 1] !== 10) parts.push(Buffer.from('\n'));
    at = to;
  }
  return Buffer.concat(parts);
}
