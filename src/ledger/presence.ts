/**
 * Fields that the configuration names and no event has: most often the name is misspelt, or Falco doesn't print the field.
 * They are logged once, after enough events that one should have had it.
 */

/** So many events must lack a field. */
export const ENOUGH = 1000;

export class Presence {
  readonly #absent: Set<string>;
  #left = ENOUGH;

  constructor(fields: Iterable<string>) {
    this.#absent = new Set(fields);
  }

  /** An event had this field. */
  met(field: string): void {
    this.#absent.delete(field);
  }

  /** Counts events. @returns the fields that none had, once they are enough */
  count(events: number): string[] {
    if (this.#left <= 0) return [];
    this.#left -= events;
    return this.#left <= 0 ? [...this.#absent] : [];
  }
}
