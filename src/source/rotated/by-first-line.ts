import { DIGEST_BYTES, digestOf, type Fingerprint, firstLine } from './position.ts';

/**
 * Contents, found by a file's first bytes: what was counted and let go, and what waits for its file. Files whose first
 * line is the same, and their first KiB, are taken for one, as events carry their time in nanoseconds. A look-up costs
 * the same among ten thousand.
 */
export class ByFirstLine<T extends { head: Fingerprint }> {
  /** By the first line, then by the length of the fingerprint, then by the fingerprint. */
  readonly #entries = new Map<string, Map<number, Map<string, Set<T>>>>();
  readonly #all = new Set<T>();

  get size(): number {
    return this.#all.size;
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#all.values();
  }

  has(entry: T): boolean {
    return this.#all.has(entry);
  }

  add(entry: T): void {
    const { line, length, sha256 } = entry.head;
    this.#all.add(entry);
    const lengths = this.#entries.get(line.sha256) ?? new Map<number, Map<string, Set<T>>>();
    const those = lengths.get(length) ?? new Map<string, Set<T>>();
    this.#entries.set(line.sha256, lengths.set(length, those));
    those.set(sha256, (those.get(sha256) ?? new Set()).add(entry));
  }

  delete(entry: T): boolean {
    const { line, length, sha256 } = entry.head;
    const lengths = this.#entries.get(line.sha256);
    const those = lengths?.get(length);
    const same = those?.get(sha256);
    same?.delete(entry);
    if (same?.size === 0) those!.delete(sha256);
    if (those?.size === 0) lengths!.delete(length);
    if (lengths?.size === 0) this.#entries.delete(line.sha256);
    return this.#all.delete(entry);
  }

  /**
   * Those whose content begins as a file does: it may have been shorter when they were made, or the file be a shorter
   * copy.
   * @param head the file's first bytes, see `headOf`
   */
  *alike(head: Buffer): Generator<T> {
    const line = firstLine(head);
    yield* this.#alike(line, head);
    // What 0.1.0 wrote knows no more of a line.
    if (line.length > DIGEST_BYTES) yield* this.#alike(line.subarray(0, DIGEST_BYTES), head);
  }

  *#alike(line: Uint8Array, head: Buffer): Generator<T> {
    const lengths = this.#entries.get(digestOf(line).sha256);
    for (const [length, those] of lengths ?? [])
      if (length > head.length) for (const same of those.values()) yield* same;
      else yield* those.get(digestOf(head.subarray(0, length)).sha256) ?? [];
  }
}
