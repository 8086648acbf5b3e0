/** Texts of now, each made once for all who ask for it in the same turn of the event loop. */
export class Moments {
  readonly #coming = new Map<string, Promise<Buffer>>();

  /** @param key what makes texts equal. @returns in UTF-8; to be shared, and never changed */
  text(key: string, make: () => string): Promise<Buffer> {
    const coming = this.#coming.get(key);
    if (coming) return coming;
    const text = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#coming.delete(key);
      return Buffer.from(make());
    });
    this.#coming.set(key, text);
    return text;
  }
}
