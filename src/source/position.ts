/**
 * A position says which file, by content, and how far it was counted. Inodes are reused and sizes come back, so
 * neither proves that a file is the same: the bytes at its beginning and those just before the offset do.
 */
import { createHash } from 'node:crypto';

/** How many bytes each of the two proofs takes at most. */
export const PROOF_BYTES = 1024;

/** A proof of some bytes: how many, and their SHA-256 in hex. */
export interface Proof {
  length: number;
  sha256: string;
}

/** A proof of a file's first bytes, at most `PROOF_BYTES`. */
export interface Head extends Proof {
  /** Of the first line alone, or of all of them if that is longer: by it a copy is told that is shorter. */
  line: Proof;
}

export interface Position {
  /** Where the file was opened; told to people, no proof. */
  path: string;
  /** Device and inode as decimal text (they can be larger than 2^53); hints for the search. */
  device: string;
  inode: string;
  /** Of the file's first bytes, none beyond what was counted. */
  head: Head;
  /** The bytes just before the offset. */
  tail: Proof;
  /** In bytes of the uncompressed file, after the last whole line that was counted. */
  offset: number;
  /** Where the first piece of a wrapped line begins that waits for its end; undefined where none waits. */
  pending?: number;
}

export function prove(bytes: Uint8Array): Proof {
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** @param bytes of a file's beginning, at most `PROOF_BYTES` */
export function proveHead(bytes: Uint8Array): Head {
  return { ...prove(bytes), line: prove(firstLine(bytes)) };
}

/** With its newline; all of the bytes where they hold none. */
export function firstLine(bytes: Uint8Array): Uint8Array {
  const newline = bytes.indexOf(10);
  return newline < 0 ? bytes : bytes.subarray(0, newline + 1);
}

export function proves(proof: Proof, bytes: Uint8Array): boolean {
  return bytes.length === proof.length && prove(bytes).sha256 === proof.sha256;
}
