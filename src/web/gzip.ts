/**
 * Texts as gzip, each made once for all who ask for it, beside the event loop. One at a time, and after it a rest as
 * long as it took, since anybody can ask for it.
 */
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { rest } from './traffic/pace.ts';

const compress = promisify(gzip);
/** The quickest: of /metrics it leaves a sixteenth, and the usual one a twentieth more of that in three times the time. */
const level = constants.Z_BEST_SPEED;

export class Gzip {
  readonly #made = new WeakMap<Buffer, Promise<Buffer>>();
  #last: Promise<void> = Promise.resolve();

  /** @param text never changed. @returns to be shared, and never changed */
  of(text: Buffer): Promise<Buffer> {
    const known = this.#made.get(text);
    if (known) return known;
    const before = this.#last;
    const made = before.then(() => compress(text, { level }));
    this.#made.set(text, made);
    this.#last = before.then(async () => {
      const began = performance.now();
      await made.catch(() => undefined);
      await rest(performance.now() - began);
    });
    return made;
  }
}
