/** Finds the name that was most likely meant. */

/** Names compared in all; beyond it nothing is suggested. Hostile files alone come near it. */
const MAX_COMPARISONS = 200_000;

export class Nearest {
  readonly #names: readonly string[];
  #comparisons = 0;

  constructor(names: Iterable<string>) {
    this.#names = [...names];
  }

  /** A name that differs in no more than two letters, the nearest first; undefined where none does. */
  find(word: string): string | undefined {
    let best: string | undefined;
    let least = 3;
    if (word.length > 100) return undefined;
    for (const name of this.#names) {
      if (Math.abs(name.length - word.length) >= least) continue;
      if (++this.#comparisons > MAX_COMPARISONS) return best;
      const found = distance(name, word);
      if (found < least) [best, least] = [name, found];
    }
    return best;
  }
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
