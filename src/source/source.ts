/** What the modules after the source know of it: lines come in, and what it can say of itself goes out. */
import type { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing/framing.ts';
import type { Position } from './rotated/position.ts';

/**
 * Takes lines, in one synchronous step: when it returns they are counted, and the source moves its position past them
 * before anything else runs. So a snapshot, whenever it is taken, holds both or neither.
 * @param bytes of the input that these lines were, uncompressed
 */
export type Sink = (framed: Framed, input: string, bytes: number) => void;

/** What happened to an input that the ledger counts. */
export type Incident = 'rotations' | 'truncations' | 'gaps';

/** Where a source reports to. None of these may throw. */
export interface Reports {
  incident(input: string, incident: Incident, details: Record<string, unknown>): void;
  /** Something that a person may want to know, and that nobody counts. */
  notice(message: string, details: Record<string, unknown>): void;
}

export interface InputStatus {
  /** The configured text: path, glob, `-`, `http`. Never a matched file's name. */
  input: string;
  up: boolean;
  /** Why it is not up, and what to do; undefined while it is. */
  fault: ExporterError | undefined;
  /** Bytes that are known to be there and not yet counted. */
  lag: number;
  /** When it was last looked at to the end, in milliseconds since the epoch; undefined where nobody has to look. */
  looked?: number | undefined;
}

/** How far the files of all inputs are read: what a restart needs to go on. */
export interface FilePositions {
  /** How long all processes together have run, in milliseconds: the clock by which positions grow old. */
  time: number;
  /** Inputs and paths whose first look is over: what is rotated there since is new. */
  begun: string[];
  /** Of the files that are followed, and of those that can't be seen now. */
  files: Position[];
  /** Contents that need not be read any more, one a line. */
  finished: string;
}

/** What brings lines by itself. */
export interface Stream {
  start(): void;
  status(): InputStatus;
  close(): Promise<void>;
}
