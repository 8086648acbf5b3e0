import { statfs } from 'node:fs/promises';

/** An answer that takes longer holds up everything else for too long. Milliseconds. */
const SLOW = 20;

/** File systems of this machine, by the system's numbers (statfs(2)); of others an answer may never come. */
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0x858458f6, 0xca451a4e,
]);

/** Whether a directory, or file, stands on a file system of this machine: one that always answers. */
export async function isLocal(path: string): Promise<boolean> {
  return LOCAL.has((await statfs(path).catch(() => ({ type: 0 }))).type);
}

/**
 * Whether one thing is asked of the system in this thread. While the answers are quick that takes a fraction of what
 * waiting for another thread does, and bytes that were read stay in the cache that needs them; a slow disk, or a server
 * that is gone, must not hold up everything else.
 */
export class Pace {
  readonly #local: boolean;
  #quick = true;
  #since = 0;

  /** @param local whether the file system is of this machine */
  constructor(local: boolean) {
    this.#local = local;
  }

  /** Before it is asked. @returns whether to ask in this thread */
  begin(): boolean {
    this.#since = performance.now();
    return this.#local && this.#quick;
  }

  /** After the answer, for every caller. */
  end(): void {
    this.#quick = performance.now() - this.#since <= SLOW;
  }
}
