/**
 * The image's exact files as a real process, in a memory cgroup of the size that docker-compose.yml gives it, where this
 * machine lets tests make one (Linux as root; version 1 or 2). DOOR_NODE: another Node to run it under.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { layImage } from '../shipped/image.ts';
import { Exporter, pause, temporary } from '../support/exporter.ts';

const MIB = 1024 * 1024;
/** As docker-compose.yml gives it; MiB. */
const LIMIT = 192;
/** What it may hold whatever its neighbours do; MiB. */
const BAR = 160;
const NODE = process.env.DOOR_NODE ?? process.execPath;

/** Where cgroups of memory are made, and how their files are called; undefined where none can be made. */
const KIND = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', ooms: 'memory.oom_control', anon: 'rss' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', ooms: 'memory.events', anon: 'anon' },
].find(({ root, limit }) => {
  const probe = join(root, `door-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    const fits = existsSync(join(probe, limit));
    rmdirSync(probe);
    return fits;
  } catch {
    return false;
  }
});

const image = temporary();
const MAIN = layImage(image.path);
process.once('exit', () => image.remove());
let made = 0;

export class Cell {
  readonly directory: string;
  readonly input: string;
  exporter!: Exporter;
  readonly #group: string | undefined;
  /** Most that its processes held for themselves at once, of what was looked at twenty times a second; bytes. */
  #peak = 0;
  readonly #looking: NodeJS.Timeout;

  private constructor(directory: string) {
    this.directory = directory;
    this.input = join(directory, 'events.json');
    writeFileSync(this.input, '');
    if (KIND) {
      this.#group = join(KIND.root, `door-${process.pid}-${made++}`);
      mkdirSync(this.#group);
      writeFileSync(join(this.#group, KIND.limit), String(LIMIT * MIB));
    }
    this.#looking = setInterval(() => this.#look(), 50);
  }

  /** A cell, empty as yet; it ends with the test. */
  static of(t: TestContext): Cell {
    const directory = temporary();
    const cell = new Cell(directory.path);
    t.after(async () => {
      clearInterval(cell.#looking);
      await cell.exporter?.end('SIGKILL');
      // The kernel takes a moment to see that it is empty.
      for (let time = 0; cell.#group && existsSync(cell.#group) && time < 50; time++) {
        try {
          rmdirSync(cell.#group);
        } catch {
          await pause(20);
        }
      }
      directory.remove();
    });
    return cell;
  }

  /** Starts the exporter in it; again, where it was ended. */
  async start(
    args: readonly string[] = [],
    options: Parameters<typeof Exporter.start>[1] = {},
  ): Promise<Exporter> {
    this.exporter = await Exporter.start([...this.args, ...args], { program: this.program, ...options });
    return this.exporter;
  }

  get args(): string[] {
    return [`--input.file=${this.input}`, `--state.dir=${join(this.directory, 'state')}`];
  }

  /** Runs it within the cell. */
  get program(): [string, ...string[]] {
    if (this.#group === undefined) return [NODE, MAIN];
    return ['/bin/sh', '-c', `echo $$ > ${this.#group}/cgroup.procs && exec "$@"`, 'sh', NODE, MAIN];
  }

  /**
   * Most memory of its own that it held so far, in MiB: what of the cgroup can't be taken back, so what a kernel kills
   * for. Pages of files are left out. Where there is no cgroup, its resident set.
   */
  get peak(): number {
    this.#look();
    return Math.round(this.#peak / MIB);
  }

  /** How often the kernel killed in it. */
  get kills(): number {
    if (!this.#group) return 0;
    return Number(/^oom_kill (\d+)/m.exec(readFileSync(join(this.#group, KIND!.ooms), 'utf8'))?.[1] ?? 0);
  }

  #look(): void {
    const pid = this.exporter?.process.pid;
    if (this.#group) {
      const stat = readFileSync(join(this.#group, 'memory.stat'), 'utf8');
      const bytes = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(stat)?.[1] ?? 0);
      this.#peak = Math.max(this.#peak, bytes(KIND!.anon) + bytes('shmem'));
    } else if (pid !== undefined && existsSync(`/proc/${pid}/status`)) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      this.#peak = Math.max(this.#peak, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    }
  }
}

/**
 * A case in a cell: whatever it does to the exporter there, that stays below the bar, and is never killed. Its figures
 * are printed.
 */
export function cell(name: string, body: (cell: Cell, t: TestContext) => Promise<string | undefined>): void {
  test(name, { timeout: 600_000 }, async (t) => {
    const cell = Cell.of(t);
    const figures = await body(cell, t);
    const { peak, kills } = cell;
    t.diagnostic(
      `${figures === undefined ? '' : `${figures}; `}at most ${peak} MiB${KIND ? '' : ' (no cgroup)'}`,
    );
    if (kills > 0) throw new Error(`the kernel killed it ${kills} times at ${LIMIT} MiB`);
    if (peak > BAR) throw new Error(`${peak} MiB, and ${BAR} are the bar`);
  });
}
