import type { Clock } from '../clock.ts';
import type { PathPositions, Reports, Sink } from './source.ts';

/** What following one path needs. */
export interface FileOptions {
  /** The configured text, the metrics' label. */
  input: string;
  path: string;
  /** Where to begin at the very first start, if the file is there. */
  start: 'beginning' | 'end';
  /** Longest line in bytes. */
  maxLine: number;
  /** What reads go into, `bufferSize(maxLine)` long; shared, as looks never overlap. */
  buffer: Buffer;
  /** How long a renamed file may be silent before it is let go, in milliseconds. */
  grace: number;
  clock: Clock;
  /** Aborted when the process is to end: a look then ends with the piece at hand, and lets nothing go. */
  halt: AbortSignal;
  sink: Sink;
  reports: Reports;
  /** Called before a file is let go: what was counted from it must be safe then. */
  secure(): Promise<void>;
  /** Called when something may have changed; another look is due. */
  hint(): void;
  /** Where an earlier process stood. */
  saved?: PathPositions;
  /** Of a path that comes later than the input's very first look: the time of that, in milliseconds since the epoch. */
  since?: number;
}
