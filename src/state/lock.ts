/**
 * Who keeps the state: one process at a time. A socket in the state directory shows that its owner lives: it accepts connections
 * as long as that process exists, in any container. After a kill -9 nobody answers on it, and the next process takes its
 * place. On network file systems the sockets of other machines look dead; there, and where no socket can be made, only
 * the check before each write remains (see `SnapshotStore`).
 *
 * Two that start at once over a dead one: each looks again after it took the place, and the last to take it has it.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ExporterError, systemCode } from '../errors.ts';
import { makeDirectory } from './directory.ts';

export const LOCK_FILE = 'lock';
/** Longest path that the system takes for a socket, in bytes. */
const LONGEST = 107;
/** Who took a dead one's place looks again so much later; milliseconds. */
const SETTLE = 100;
/** A process that starts listens after less; milliseconds. */
const YOUNG = 60_000;
/** A living owner's system answers at once, even where the process is stopped. Milliseconds. */
const PATIENCE = 2000;

export class StateLock {
  readonly #server: Server;
  readonly #path: string;
  readonly #inode: bigint;

  private constructor(server: Server, path: string, inode: bigint) {
    this.#server = server;
    this.#path = path;
    this.#inode = inode;
  }

  /**
   * Takes the state for this process.
   * @param unlocked called with why it can't be locked here
   * @returns undefined where it can't
   * @throws STATE_NOT_OURS where another process has it
   */
  static async take(directory: string, unlocked: (reason: string) => void): Promise<StateLock | undefined> {
    // Its own name first: the lock is made with its owner already listening.
    const own = `${LOCK_FILE}.${randomUUID()}`;
    const server = createServer((socket) => socket.destroy());
    await makeDirectory(directory).catch(() => undefined);
    // Long paths are reached through the open directory.
    const handle = await open(directory).catch(() => undefined);
    const at = (name: string) => {
      const path = join(directory, name);
      return Buffer.byteLength(path) > LONGEST && handle ? `/proc/self/fd/${handle.fd}/${name}` : path;
    };
    try {
      await listen(server, at(own));
      const { ino, mtimeMs } = await stat(at(own), { bigint: true });
      const lock = new StateLock(server, join(directory, LOCK_FILE), ino);
      await lock.#settle(at(own), at(LOCK_FILE));
      await sweep(directory, at, Number(mtimeMs));
      return lock;
    } catch (error) {
      server.close();
      if (error instanceof ExporterError) throw error;
      unlocked((error as Error).message);
      return undefined;
    } finally {
      await rm(at(own), { force: true }).catch(() => undefined);
      await handle?.close();
    }
  }

  async #settle(own: string, path: string): Promise<void> {
    try {
      await link(own, path);
      return;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const found = await inodeOf(path);
    if (await answers(path)) throw this.#taken();
    // Another one may have come meanwhile; rename would take its place.
    if ((await inodeOf(path)) !== found) throw this.#taken();
    await rename(own, path);
    await pause(SETTLE);
    if (!(await this.isHeld())) throw this.#taken();
  }

  /** Whether the lock in the directory is still this one. */
  async isHeld(): Promise<boolean> {
    return (await inodeOf(this.#path)) === this.#inode;
  }

  /** Gives it back. */
  async release(): Promise<void> {
    if (await this.isHeld()) await rm(this.#path, { force: true }).catch(() => undefined);
    this.#server.close();
  }

  #taken(): ExporterError {
    return new ExporterError('STATE_NOT_OURS', 'a running exporter keeps its state here', {
      place: { file: this.#path },
      advice: 'Stop that one, or give each exporter a --state.dir of its own.',
    });
  }
}

/**
 * What processes that were killed while they started left behind. A young one may be of a process that is just about to
 * listen. @param now by the clock of the file system, milliseconds
 */
async function sweep(directory: string, at: (name: string) => string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${LOCK_FILE}.`)) continue;
    const made = await stat(at(name)).catch(() => undefined);
    if (made && made.mtimeMs < now - YOUNG && !(await answers(at(name)))) await rm(at(name), { force: true });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve();
    });
  });
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

/** Whether a living process listens there. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = (answer: () => void) => {
      socket.destroy();
      answer();
    };
    // Nobody takes its connections, but somebody has it.
    socket.setTimeout(PATIENCE, () => end(() => resolve(true)));
    socket.once('connect', () => end(() => resolve(true)));
    socket.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') end(() => resolve(false));
      else if (code === 'EAGAIN') end(() => resolve(true));
      else end(() => reject(error));
    });
  });
}
