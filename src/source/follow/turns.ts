import type { Clock } from '../../clock.ts';

/** So many that are quiet are looked at each time. */
const QUIET = 128;
/** What was lively is looked at each time for so long; milliseconds. */
const LIVELY = 60_000;

/** Which of many things have their turn: those where something happens each time, the others one after another. */
export class Turns<T> {
  readonly #clock: Clock;
  readonly #all = new Map<string, T>();
  readonly #lively = new Map<string, number>();
  #rest: IterableIterator<[string, T]> = [][Symbol.iterator]();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string, thing: T): void {
    this.#all.set(key, thing);
    this.lively(key);
  }

  delete(key: string): void {
    this.#all.delete(key);
    this.#lively.delete(key);
  }

  lively(key: string): void {
    if (this.#all.has(key)) this.#lively.set(key, this.#clock.monotonic() + LIVELY);
  }

  due(): T[] {
    if (this.#all.size <= QUIET) return [...this.#all.values()];
    const due = new Map<string, T>();
    const now = this.#clock.monotonic();
    for (const [key, until] of this.#lively) {
      due.set(key, this.#all.get(key)!);
      if (now >= until) this.#lively.delete(key);
    }
    for (let n = 0; n < QUIET; n++) {
      const next = this.#rest.next();
      if (next.done) {
        this.#rest = this.#all.entries();
        break;
      }
      due.set(...next.value);
    }
    return [...due.values()];
  }
}
