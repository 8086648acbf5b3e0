/** What the rooms after the source know of it: lines come in, and what it can say of itself goes out. */
import type { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing.ts';
import type { Head, Position } from './position.ts';

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

/** How far one followed path is read. */
export interface PathPositions {
  input: string;
  path: string;
  /** The path's real ones, now and of the files below; others where the path is a link. */
  targets: string[];
  /** When this input was first looked at, in milliseconds since the epoch: rotated files last written before are old. */
  since: number;
  /** Of the files that may still grow or are not read yet, oldest first. */
  files: Position[];
  /** First bytes of the rotated files that need not be read any more. */
  finished: readonly Head[];
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
