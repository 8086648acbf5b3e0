/**
 * Rotated files that need not be read any more, known by their first bytes: whatever they are renamed to, compressed or
 * copied. Files whose first KiB is the same are taken for one: events carry their time in nanoseconds.
 */
import { firstLine, type Head, type Proof, proves } from './position.ts';

export class Heads {
  #proofs: readonly Head[];

  constructor(proofs: readonly Head[] = []) {
    this.#proofs = proofs;
  }

  get proofs(): readonly Head[] {
    return this.#proofs;
  }

  /** @returns the proof; undefined of an empty file, which could be any */
  add(proof: Head): Head | undefined {
    if (proof.length === 0) return undefined;
    this.#proofs = [...this.#proofs.filter((each) => !isSame(each, proof)), proof];
    return proof;
  }

  /** The proof that a file with these first bytes is known: it may be longer now than it was then, or a shorter copy. */
  find(head: Buffer): Head | undefined {
    return this.#proofs.find((proof) =>
      proof.length <= head.length
        ? proves(proof, head.subarray(0, proof.length))
        : proves(proof.line, firstLine(head)),
    );
  }

  /**
   * Forgets the files that are not among those found in their directory. Where none was found it may be another
   * directory, or one whose volume is not mounted: then nothing is forgotten.
   */
  prune(found: ReadonlySet<Head>): void {
    if (found.size > 0) this.#proofs = this.#proofs.filter((proof) => found.has(proof));
  }
}

function isSame(a: Proof, b: Proof): boolean {
  return a.length === b.length && a.sha256 === b.sha256;
}
