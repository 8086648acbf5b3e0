import type { Asker, Pace } from './pace.ts';

/** Texts of now, each made once for all who wait for it. */
export class Moments {
  readonly #pace: Pace;
  readonly #coming = new Map<string, Promise<Buffer>>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /**
   * @param asker in whose turn it is made, where nobody has asked for it yet
   * @param key what makes texts equal
   * @returns in UTF-8; to be shared, and never changed
   */
  text(asker: Asker, key: string, make: () => string | Promise<Buffer>): Promise<Buffer> {
    const coming = this.#coming.get(key);
    if (coming) return coming;
    const text = this.#pace.do(asker, async () => {
      this.#coming.delete(key);
      const made = make();
      return typeof made === 'string' ? Buffer.from(made) : made;
    });
    this.#coming.set(key, text);
    return text;
  }
}
