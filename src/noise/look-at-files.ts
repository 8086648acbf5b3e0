/** One look at the noise of what an exporter follows, as careful as the command is by default. */
import { Readable } from 'node:stream';
import { listNames } from '../rules/load.ts';
import { noiseFiles } from './files.ts';
import { findNoise, type Noise } from './noise.ts';

/** Plain values, which go to a thread as they are. */
export interface LookOptions {
  /** Paths and patterns, as they are configured. */
  inputs: readonly string[];
  /** Bytes. */
  maxLine: number;
  rules: { file: readonly string[]; falco_config?: string | undefined };
}

export const DEFAULT_CARE = { minEvents: 20, minDays: 2 };
/** In characters; an eighth of what the command may hold. */
const HELD = 8 * 1024 * 1024;

/** @throws ExporterError: a file can't be read, or rules can't */
export async function lookAtFiles(options: LookOptions): Promise<{ noise: Noise; more: boolean }> {
  const { inputs, maxLine, rules } = options;
  const { files, more } = await noiseFiles(inputs);
  const noise = await findNoise({
    ...DEFAULT_CARE,
    files,
    stdin: Readable.from([]),
    config: { input: { max_line_bytes: maxLine } },
    lists: await listNames(rules),
    held: HELD,
  });
  return { noise, more };
}
