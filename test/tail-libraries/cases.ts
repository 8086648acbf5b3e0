/** What happens to a file in the cases of docs/tail-libraries.md, and what each follower makes of it. */
import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, temporary } from '../support/exporter.ts';
import { type Follower, line } from './followers.ts';

/** A follower has so long to give what it will give, in milliseconds. */
const PATIENCE = 5000;
const LONG = 20_000;

class Case {
  readonly path: string;
  readonly follower: Follower;
  readonly written = new Set<string>();

  constructor(path: string, follower: Follower) {
    this.path = path;
    this.follower = follower;
  }

  write(name: string, path = this.path): void {
    this.written.add(line(name));
    appendFileSync(path, `${line(name)}\n`);
  }

  rotate(to = '.1'): void {
    renameSync(this.path, this.path + to);
  }

  /** Until it has given a line; a follower that never will has its time. */
  async given(name: string, patience = PATIENCE): Promise<void> {
    const limit = Date.now() + patience;
    while (!(await this.follower.lines()).has(line(name)) && Date.now() < limit) await pause(30);
  }

  /** A line, and the beginning of one: once it has given the first it has read the other, as both came at once. */
  async writeWith(beginning: Buffer): Promise<void> {
    this.written.add(line('before'));
    appendFileSync(this.path, Buffer.concat([Buffer.from(`${line('before')}\n`), beginning]));
    await this.given('before');
  }

  /** Nobody looks while this happens. */
  async unseen(change: () => void): Promise<void> {
    this.follower.stop(true);
    change();
    this.follower.stop(false);
  }
}

export const CASES: Record<string, (it: Case) => Promise<void>> = {
  'a UTF-8 character split over two writes': async (it) => {
    const bytes = Buffer.from(`${line('schön')}\n`);
    const cut = bytes.indexOf(0xc3) + 1;
    it.written.add(line('schön'));
    await it.writeWith(bytes.subarray(0, cut));
    appendFileSync(it.path, bytes.subarray(cut));
  },
  'truncate, then grow past the old size between looks': async (it) => {
    await it.unseen(() => {
      truncateSync(it.path, 0);
      for (const name of ['a', 'b', 'c', 'd']) it.write(name);
    });
  },
  'rename and create': async (it) => {
    it.rotate();
    it.write('a');
    await it.given('a');
    it.write('b');
  },
  'late write to the renamed file': async (it) => {
    it.rotate();
    it.write('a');
    await it.given('a');
    it.write('late', `${it.path}.1`);
    it.write('b');
  },
  'two rotations between looks': async (it) => {
    await it.unseen(() => {
      it.rotate('.2');
      it.write('middle');
      it.rotate('.1');
      it.write('a');
    });
  },
  'file absent for 8 s': async (it) => {
    it.rotate();
    await pause(8000);
    it.write('a');
    await it.given('a');
    it.write('b');
  },
  'partial line, then rotation': async (it) => {
    await it.writeWith(Buffer.from('{"rule":"broken'));
    it.rotate();
    it.write('a');
    await it.given('a');
    it.write('b');
  },
  'copytruncate with what was not read': async (it) => {
    await it.unseen(() => {
      it.write('unread');
      copyFileSync(it.path, `${it.path}.1`);
      truncateSync(it.path, 0);
      it.write('a');
    });
  },
  'kill -9, more lines, and a start': async (it) => {
    await it.follower.again();
    it.write('a');
    await it.given('a', LONG);
    it.write('b');
  },
  'rotated while it is killed': async (it) => {
    it.follower.stop(true);
    it.write('unread');
    it.rotate();
    it.write('a');
    await it.follower.again();
    await it.given('a', LONG);
    it.write('b');
  },
};

/** What a follower makes of a case: `ok`, or what is wrong, in the table's words. */
export async function result(
  follow: (path: string, state: string) => Promise<Follower>,
  happens: (it: Case) => Promise<void>,
): Promise<string> {
  const directory = temporary();
  const path = join(directory.path, 'events.json');
  writeFileSync(path, '');
  const follower = await follow(path, join(directory.path, 'state'));
  try {
    const it = new Case(path, follower);
    it.write('first');
    it.write('second');
    // A program may take long to start; without its first lines nothing can be told of it.
    await it.given('second', LONG);
    if (!(await follower.lines()).has(line('second'))) return 'does not start';
    await happens(it);
    const wanted = [...it.written];
    const limit = Date.now() + PATIENCE;
    const all = async () => {
      const lines = await follower.lines();
      return wanted.every((each) => lines.has(each));
    };
    while (!(await all()) && Date.now() < limit) await pause(30);
    return verdict(await follower.lines(), wanted);
  } finally {
    await follower.close();
    directory.remove();
  }
}

function verdict(lines: Map<string, number>, wanted: readonly string[]): string {
  const missing = wanted.filter((each) => !lines.has(each));
  if (wanted.some((each) => (lines.get(each) ?? 0) > 1))
    return missing.length > 0 ? 'lost, and twice' : 'twice';
  if (missing.length === 0) return 'ok';
  const others = [...lines.keys()].filter((each) => !wanted.includes(each));
  if (others.some((each) => each.includes('\ufffd'))) return 'corrupted';
  if (others.some((each) => each.includes('broken{'))) return 'joined to the next line';
  return 'lost';
}
