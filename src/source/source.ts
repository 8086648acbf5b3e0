/** What the rooms after the source know of it: lines come in, and what it can say of itself goes out. */
import type { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing.ts';
import type { Position } from './position.ts';

/**
 * Takes lines, in one synchronous step: when it returns they are counted, and the source moves its position past them
 * before anything else runs. So a snapshot, whenever it is taken, holds both or neither.
 * @param bytes of the input that these lines were, uncompressed
 * @returns the time of the last event in them, in milliseconds since the epoch; NaN where there is none
 */
export type Sink = (framed: Framed, input: string, bytes: number) => number;

/** What happened to an input that the ledger counts. */
export type Incident = 'rotations' | 'truncations' | 'gaps';

/** Where a source reports to. None of these may throw. */
export interface Reports {
  incident(input: string, incident: Incident, details: Record<string, unknown>): void;
}

export interface InputStatus {
  /** The configured text: path, glob, `-`, `http`. Never a matched file's name. */
  input: string;
  up: boolean;
  /** Why it is not up, and what to do; undefined while it is. */
  fault: ExporterError | undefined;
  /** Bytes that are known to be there and not yet counted. */
  lag: number;
}

/** Positions of the files of one followed path, oldest file first; the last is the newest, never let go. */
export interface PathPositions {
  input: string;
  path: string;
  files: Position[];
}

export interface Source {
  /**
   * Reads what the input holds now, and no byte more: up to the sizes found at the call. What comes later is news, and
   * Prometheus must see it as such.
   */
  catchUp(): Promise<void>;
  /** Reads all that is there, through rotations. Calls never overlap. */
  look(): Promise<void>;
  status(): InputStatus;
  positions(): PathPositions[];
  close(): Promise<void>;
}
