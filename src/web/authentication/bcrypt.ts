/**
 * Bcrypt in a thread of its own. It takes 50 ms to a second; bcryptjs in the main thread would delay reading by 100 ms at
 * a time. The thread ends after a while without work.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Milliseconds without a question after which the thread ends. */
const IDLE = 30_000;

/** Beside this file, here and in dist/, where it is bundled with what it needs. */
const THREAD = new URL('./bcrypt-thread.js', import.meta.url);

export class BcryptThread {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** One at a time: the caller must wait for the answer before it asks again. */
  async compare(password: string, hash: string): Promise<boolean> {
    clearTimeout(this.#idle);
    this.#worker ??= new Worker(THREAD);
    const worker = this.#worker;
    const answered = new AbortController();
    const { signal } = answered;
    try {
      worker.ref();
      worker.postMessage({ password, hash });
      const [right] = await Promise.race([
        once(worker, 'message', { signal }),
        once(worker, 'exit', { signal }).then(() => Promise.reject(new Error('the bcrypt thread ended'))),
      ]);
      return right === true;
    } catch (error) {
      this.#worker = undefined;
      throw error;
    } finally {
      answered.abort();
      worker.unref();
      this.#idle = setTimeout(() => void this.close(), IDLE).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
