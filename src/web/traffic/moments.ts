import type { Pace } from './pace.ts';

/** Texts of now, each made once for all who wait for it. */
export class Moments {
  readonly #pace: Pace;
  readonly #coming = new Map<string, Promise<Buffer>>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @param key what makes texts equal. @returns in UTF-8; to be shared, and never changed */
  text(key: string, make: () => string): Promise<Buffer> {
    const coming = this.#coming.get(key);
    if (coming) return coming;
    const text = this.#pace.do(async () => {
      this.#coming.delete(key);
      return Buffer.from(make());
    });
    this.#coming.set(key, text);
    return text;
  }
}
