/**
 * A directory with a live file that is written, rotated and lost in every way, and the truth about it: which lines there
 * were, which of them nobody can have read, and whether a gap may be counted.
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** One action of the writer, in steps between which the reader may look. Those of one step are plain functions. */
export type Steps = Generator<void, void, void>;

/** What the world must know of the reader. */
export interface Reader {
  /** Whether it is alive and has this file open. */
  holds(stats: fs.BigIntStats): boolean;
  /** Whether a line is counted now; whether a snapshot on disk holds it. */
  counted(line: string): boolean;
  saved(line: string): boolean;
  /** Whether a snapshot on disk knows of a file that the link named: what it named since stands between that and now. */
  knowsATarget(): boolean;
  /** Milliseconds of the injected clock. */
  now(): number;
}

export class World {
  readonly path: string;
  /** Every whole line, and the content that it stood in. */
  readonly lines = new Map<string, number>();
  /** Lines that were there in rotated files before the very first start: never counted. */
  readonly old = new Set<string>();
  /** Lines that may be missing. */
  readonly lossy = new Set<string>();
  /** Those of them of whose loss nobody can know. */
  readonly unknowable = new Set<string>();
  /** Whether a gap may be counted, as some content went away. */
  mayGap = false;
  reader: Reader | undefined;
  readonly grace: number;
  readonly #linked: boolean;
  readonly #late: boolean;
  #target: string;
  #fd: number | undefined;
  #partial: { rest: string; line: string } | undefined;
  #number = 0;
  #content = 0;
  /** Which content a file holds, by its inode. */
  readonly #contents = new Map<bigint, number>();
  #suffix = 0;
  /** Counted, but in no snapshot yet, and gone: a kill loses them. */
  readonly #atRisk = new Set<string>();
  /** When the writer was left with a file that is not the path's any more. */
  #staleSince: number | undefined;

  /** @param late whether the lines differ only behind their first KiB, as Docker's may */
  constructor(directory: string, linked: boolean, grace: number, late = false) {
    this.#late = late;
    this.path = join(directory, 'log', 'events.json');
    this.#linked = linked;
    this.grace = grace;
    fs.mkdirSync(dirname(this.path));
    this.#target = this.path;
    if (linked) {
      fs.mkdirSync(join(directory, 'pods'));
      this.#target = join(directory, 'pods', '0.log');
      fs.symlinkSync(this.#target, this.path);
    }
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** The file that a link names now, or the path. */
  get target(): string {
    return this.#target;
  }

  /** A kill: what was gone from disk, and counted since the last snapshot, is lost. */
  killed(): void {
    for (const line of this.#atRisk) if (!this.reader!.saved(line)) this.lossy.add(line);
    this.#atRisk.clear();
  }

  // ---- actions

  *write(count: number, size: number, byPath: boolean): Steps {
    if (byPath) this.#reopen();
    for (let n = 0; n < count; n++) {
      this.#write(this.#line(size));
      yield;
    }
  }

  /** The first half of a line; its end comes with the next write. */
  writePartly(size: number): void {
    if (this.#partial) return;
    const line = this.#line(size);
    const cut = 1 + Math.floor(line.length / 2);
    this.#write(line.slice(0, cut));
    this.#partial = { rest: line.slice(cut), line };
  }

  reopen(): void {
    this.#reopen();
  }

  /** Shifts the chain and renames the live file to `.1`. @param lazy leaves the compressed ones where they are */
  *rotate(create: boolean, lazy: boolean): Steps {
    if (!this.#isThere()) return;
    yield* this.#shift(lazy);
    this.#rename(this.#target, `${this.#target}.1`);
    yield;
    if (create && !this.#isThere()) this.#create();
  }

  *rotateDated(infix: boolean, create: boolean): Steps {
    if (!this.#isThere()) return;
    const date = String(20261123_000000 + ++this.#suffix).replace(/^(\d{8})/, '$1-');
    const extension = /\.\w+$/.exec(this.#target)![0];
    const stem = this.#target.slice(0, -extension.length);
    this.#rename(this.#target, infix ? `${stem}-${date}${extension}` : `${this.#target}-${date}`);
    yield;
    if (create && !this.#isThere()) this.#create();
  }

  /** To a name that says nothing: what a snapshot knows of it is found by its content. */
  *rotateOdd(create: boolean): Steps {
    if (!this.#isThere()) return;
    const lines = fs.readFileSync(this.#target, 'latin1').split('\n').slice(0, -1);
    if (!lines.some((line) => this.reader!.saved(line))) return;
    const extension = /\.\w+$/.exec(this.#target)![0];
    const word = `q${String(++this.#suffix).replace(/\d/g, (digit) => 'bcdfghjklm'[Number(digit)]!)}q`;
    this.#rename(this.#target, `${this.#target.slice(0, -extension.length)}-${word}${extension}`);
    yield;
    if (create && !this.#isThere()) this.#create();
  }

  *copytruncate(): Steps {
    if (!this.#isThere()) return;
    yield* this.#shift(false);
    const copy = `${this.#target}.1`;
    if (fs.existsSync(copy) || !this.#isThere()) return;
    const content = fs.readFileSync(this.#target);
    fs.writeFileSync(copy, content.subarray(0, content.length / 2));
    yield;
    fs.writeFileSync(copy, content);
    yield;
    this.#destroying(() => fs.truncateSync(this.#target, 0), true);
  }

  /** As gzip does it: beside the file, then the file goes. */
  *gzip(which: number): Steps {
    const plain = this.#kin().filter((name) => !name.endsWith('.gz') && !fs.existsSync(`${name}.gz`));
    const path = plain[which % plain.length];
    if (path === undefined) return;
    const zipped = gzipSync(fs.readFileSync(path));
    fs.writeFileSync(`${path}.gz`, zipped.subarray(0, zipped.length / 2));
    yield;
    if (!fs.existsSync(path) || !fs.existsSync(`${path}.gz`)) return;
    fs.writeFileSync(`${path}.gz`, gzipSync(fs.readFileSync(path)));
    yield;
    if (!fs.existsSync(path) || !fs.existsSync(`${path}.gz`)) return;
    const { atime, mtime } = fs.statSync(path);
    fs.utimesSync(`${path}.gz`, atime, mtime);
    yield;
    if (fs.existsSync(`${path}.gz`)) this.#destroying(() => fs.rmSync(path, { force: true }), true);
  }

  /** What an administrator does before touching a log. */
  backUp(): void {
    if (this.#isThere()) this.#destroying(() => fs.copyFileSync(this.#target, `${this.#target}.bak`), true);
  }

  /** A file is put there that nobody has seen, however old its time says that it is. */
  bringBack(): void {
    const path = `${this.#target}.${90 + this.#suffix++}`;
    const line = this.#line(40);
    this.lines.set(line, this.#content++);
    fs.writeFileSync(path, `${line}\n`);
    fs.utimesSync(path, 1e9, 1e9);
  }

  truncate(): void {
    if (!this.#isThere()) return;
    this.mayGap = true;
    this.#destroying(() => fs.truncateSync(this.#target, 0), this.#isCopied());
  }

  remove(): void {
    this.#staleSince = this.reader!.now();
    this.mayGap = true;
    this.#destroying(() => fs.rmSync(this.#target, { force: true }), this.#isCopied());
  }

  removeOldest(): void {
    const path = this.#kin().at(-1);
    if (path === undefined) return;
    this.mayGap = true;
    this.#destroying(() => fs.rmSync(path), this.#isCopied());
  }

  /** The link comes to name another file, as when a container is started anew. */
  *retarget(): Steps {
    if (!this.#linked || !this.reader!.knowsATarget()) return;
    this.#target = join(dirname(this.#target), `${Number.parseInt(basename(this.#target), 10) + 1}.log`);
    this.#create();
    yield;
    fs.symlinkSync(this.#target, `${this.path}.new`);
    fs.renameSync(`${this.path}.new`, this.path);
    this.#reopen();
  }

  /** Lines in rotated files that were there before anybody looked. */
  putOld(names: readonly string[]): void {
    for (const name of names) {
      const line = this.#line(60);
      this.old.add(line);
      const bytes = Buffer.from(`${line}\n`);
      fs.writeFileSync(`${this.#target}${name}`, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
      fs.utimesSync(`${this.#target}${name}`, 1.7e9, 1.7e9);
    }
  }

  // ---- steps

  *#shift(lazy: boolean): Steps {
    const numbered = this.#kin()
      .map((path) => ({ path, found: /\.(\d+)(\.gz)?$/.exec(path) }))
      .filter(({ found }) => found !== null && Number(found[1]) < 50 && !(lazy && found[2]))
      .sort((a, b) => Number(b.found![1]) - Number(a.found![1]));
    for (const { path, found } of numbered) {
      const to = `${path.slice(0, found!.index)}.${Number(found![1]) + 1}${found![2] ?? ''}`;
      if (!fs.existsSync(path)) continue;
      this.#rename(path, to);
      yield;
    }
  }

  #rename(from: string, to: string): void {
    if (from === this.#target) this.#staleSince = this.reader?.now() ?? 0;
    this.#destroying(() => fs.renameSync(from, to), true);
  }

  /** Beside a copy that somebody made, a loss looks like a rotation. */
  #isCopied(): boolean {
    return this.#kin().some((path) => path.includes('.bak'));
  }

  #isThere(): boolean {
    return fs.existsSync(this.#target);
  }

  #create(): void {
    fs.closeSync(fs.openSync(this.#target, 'a'));
    this.#contents.set(fs.statSync(this.#target, { bigint: true }).ino, this.#content++);
  }

  #reopen(): void {
    this.close();
    this.#partial = undefined;
    if (!this.#isThere()) this.#create();
    this.#fd = fs.openSync(this.#target, 'a');
    this.#staleSince = undefined;
  }

  #line(size: number): string {
    const id = `L${this.#number++}`;
    return this.#late ? `${'x'.repeat(2 * size)} ${id} E` : `${id} ${'x'.repeat(size)} E`;
  }

  #write(text: string): void {
    // After the grace time nobody may write to a renamed file any more.
    const late = this.#staleSince !== undefined && this.reader!.now() - this.#staleSince >= this.grace;
    if (this.#fd === undefined || late) this.#reopen();
    if (this.#partial) {
      const { rest, line } = this.#partial;
      this.#partial = undefined;
      this.#append(rest, line);
    }
    const whole = text.endsWith(' E');
    this.#append(text, whole ? text : undefined);
  }

  #append(text: string, line: string | undefined): void {
    const fd = this.#fd!;
    fs.writeSync(fd, line === undefined ? text : `${text}\n`);
    if (line === undefined) return;
    const stats = fs.fstatSync(fd, { bigint: true });
    // Written to a file that is deleted, or compressed and deleted: nobody finds it again.
    if (stats.nlink === 0n) this.mayGap = true;
    const content = fs.readFileSync(`/proc/self/fd/${fd}`, 'latin1');
    // Torn by copytruncate in its middle: no line of anybody.
    if (!`\n${content}`.includes(`\n${line}\n`)) return;
    this.lines.set(line, this.#contents.get(stats.ino)!);
    if (stats.nlink === 0n) this.#gone([line], this.reader?.holds(stats) === true, true);
  }

  /** All rotated files, newest first. */
  #kin(): string[] {
    return fs
      .readdirSync(dirname(this.#target))
      .filter((name) => name !== basename(this.#target) && !name.endsWith('.new'))
      .filter((name) => !/^\d+\.log$/.test(name))
      .map((name) => join(dirname(this.#target), name))
      .sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs || (a < b ? -1 : 1));
  }

  /** All files with their whole lines. */
  #present(): { stats: fs.BigIntStats; lines: Set<string> }[] {
    return fs.readdirSync(dirname(this.#target)).map((name) => {
      const path = join(dirname(this.#target), name);
      const stats = fs.statSync(path, { bigint: true });
      let bytes = fs.readFileSync(path);
      if (name.endsWith('.gz'))
        try {
          bytes = gunzipSync(bytes);
        } catch {
          bytes = Buffer.alloc(0);
        }
      return { stats, lines: new Set(bytes.toString('latin1').split('\n').slice(0, -1)) };
    });
  }

  /** @param rotation whether what goes away with this was lost by the rotation itself: nobody can know */
  #destroying(step: () => void, rotation: boolean): void {
    const before = this.#present();
    step();
    const after = this.#present();
    if (!rotation) this.mayGap = true;
    for (const { stats, lines } of before) {
      const same = after.find((each) => each.stats.ino === stats.ino && each.stats.dev === stats.dev);
      const truncated = same !== undefined && same.stats.size < stats.size;
      if (truncated) this.#contents.set(stats.ino, this.#content++);
      const held = !truncated && this.reader?.holds(stats) === true;
      const gone = [...lines].filter((line) => !after.some((each) => each.lines.has(line)));
      this.#gone(gone, held, rotation);
    }
  }

  #gone(lines: readonly string[], held: boolean, unknowable: boolean): void {
    for (const line of lines) {
      if (!this.lines.has(line)) continue;
      this.mayGap = true;
      if (unknowable) this.unknowable.add(line);
      if (this.reader?.saved(line)) continue;
      if (held || this.reader?.counted(line)) this.#atRisk.add(line);
      else this.lossy.add(line);
    }
  }
}
