/**
 * Bcrypt in a thread of its own. It takes 50 ms to a second, and bcryptjs in the main thread would hold up reading for
 * 100 ms at a time. This file is both ends of that thread. The thread ends when nobody asked for a while.
 */
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';

interface Question {
  password: string;
  hash: string;
}

const ROLE = 'bcrypt';
/** Milliseconds without a question after which the thread ends. */
const IDLE = 30_000;

if (parentPort && workerData === ROLE) {
  const port = parentPort;
  const { compareSync } = await import('bcryptjs');
  port.on('message', ({ password, hash }: Question) => port.postMessage(compareSync(password, hash)));
}

export class BcryptThread {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** One at a time: the caller must wait for the answer before it asks again. */
  async compare(password: string, hash: string): Promise<boolean> {
    clearTimeout(this.#idle);
    this.#worker ??= new Worker(fileURLToPath(import.meta.url), { workerData: ROLE });
    const worker = this.#worker;
    try {
      return await new Promise<boolean>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the bcrypt thread ended')));
        worker.postMessage({ password, hash } satisfies Question);
      });
    } catch (error) {
      this.#worker = undefined;
      throw error;
    } finally {
      worker.removeAllListeners();
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
