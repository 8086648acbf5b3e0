import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isLocal, Pace } from '../read/pace.ts';

/** So many are asked each time, one after another. */
const EACH_TIME = 64;

/** Which directories have changed: names came, went or were changed in them. */
export class DirectoryTimes {
  readonly #times = new Map<string, string>();
  readonly #local = new Map<string, boolean>();
  readonly #pace = new Pace(true);
  #rest: IterableIterator<string> = [][Symbol.iterator]();

  add(directory: string): void {
    if (!this.#times.has(directory)) this.#times.set(directory, '');
  }

  async changed(): Promise<string[]> {
    const changed: string[] = [];
    for (let n = 0; n < Math.min(EACH_TIME, this.#times.size); n++) {
      let next = this.#rest.next();
      if (next.done) {
        this.#rest = this.#times.keys();
        next = this.#rest.next();
        if (next.done) break;
      }
      const time = await this.#time(next.value);
      if (time !== this.#times.get(next.value)) changed.push(next.value);
      this.#times.set(next.value, time);
    }
    return changed;
  }

  async #time(directory: string): Promise<string> {
    let local = this.#local.get(directory);
    local ??= await isLocal(directory);
    this.#local.set(directory, local);
    const here = this.#pace.begin() && local;
    const text = ({ dev, ino, mtimeNs }: BigIntStats) => `${dev} ${ino} ${mtimeNs}`;
    try {
      return text(here ? statSync(directory, { bigint: true }) : await stat(directory, { bigint: true }));
    } catch (error) {
      this.#local.delete(directory);
      return String((error as NodeJS.ErrnoException).code);
    } finally {
      this.#pace.end();
    }
  }
}
