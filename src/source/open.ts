/** Which source an input's text asks for. */
import type { Readable } from 'node:stream';
import { bufferSize } from './cursor.ts';
import { FileInput } from './file.ts';
import type { FileOptions } from './file-options.ts';
import { GlobInput, isGlob } from './glob.ts';
import type { PathPositions, Source } from './source.ts';
import { StreamInput } from './stdin.ts';

/** How long a renamed file may be silent before it is let go: writers finish late. Milliseconds. */
const GRACE = 5000;

/** The input's text that means standard input. */
export const STANDARD_INPUT = '-';

export interface OpenOptions
  extends Pick<
    FileOptions,
    'input' | 'start' | 'maxLine' | 'clock' | 'halt' | 'sink' | 'reports' | 'secure' | 'hint'
  > {
  stdin: Readable;
  /** What reads go into, at least `bufferSize(maxLine)` long; undefined: one is made. */
  buffer: Buffer | undefined;
  /** Where an earlier process stood, of any input. */
  saved: readonly PathPositions[];
}

export function openSource(options: OpenOptions): Source {
  const { stdin, input, maxLine, sink, saved: _, ...rest } = options;
  if (input === STANDARD_INPUT) return new StreamInput({ input, stream: stdin, maxLine, sink });
  const saved = options.saved.filter((position) => position.input === input);
  const file = {
    ...rest,
    input,
    maxLine,
    sink,
    buffer: options.buffer ?? Buffer.alloc(bufferSize(maxLine)),
    grace: GRACE,
  };
  if (isGlob(input)) return new GlobInput({ ...file, saved });
  return new FileInput({ ...file, path: input, ...(saved[0] && { saved: saved[0] }) });
}
