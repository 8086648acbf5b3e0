/** The files that live paths name: opened, recognised by their content, and read. */
import type { BigIntStats } from 'node:fs';
import { ExporterError } from '../../errors.ts';
import { inputFault } from '../inputs/fault.ts';
import type { Cursor } from '../read/cursor.ts';
import { LiveFile, type LiveOptions } from '../read/live.ts';
import { type Drained, idOf } from '../read/open-file.ts';
import { isLocal } from '../read/pace.ts';
import { isCompressed, MAGIC_BYTES } from '../read/rotated-file.ts';
import { targetOf } from '../rotated/listing.ts';
import { readHead, tells } from '../rotated/position.ts';
import { Followed, HOLD, type LivePath } from './followed.ts';
import { closeQuiet } from './open-limit.ts';
import { type Plan, planFor } from './plan.ts';
import type { FilesOptions, Reading } from './reading.ts';
import type { Registry } from './registry.ts';
import type { Search } from './search.ts';

/** A compressed file is read when it was not written to for so long; milliseconds. */
const QUIET = 1000;

export class LiveFiles {
  readonly #options: FilesOptions;
  readonly #opening: LiveOptions;
  readonly #registry: Registry;
  readonly #reading: Reading;
  readonly #search: Search;
  #reported = false;

  constructor(
    options: FilesOptions,
    opening: LiveOptions,
    registry: Registry,
    reading: Reading,
    search: Search,
  ) {
    this.#options = options;
    this.#opening = opening;
    this.#registry = registry;
    this.#reading = reading;
    this.#search = search;
  }

  /** Follows whatever file a path names now. */
  async open(live: LivePath): Promise<void> {
    if (this.#registry.followed.size >= this.#options.mostOpen && !(await this.#makeRoom(live))) return;
    const target = await targetOf(live.path);
    // What a link leads to may be elsewhere by the next look.
    live.local = target === live.path && (await isLocal(target));
    let file: LiveFile | undefined;
    try {
      file = await LiveFile.open(live.path, live.local, this.#opening);
      await this.#follow(live, file, target);
    } catch (error) {
      live.fault = inputFault(live.path, error);
      this.leave(live);
      await file?.close();
    }
  }

  async #follow(live: LivePath, file: LiveFile, target: string): Promise<void> {
    const stats = await file.stat();
    const known = this.#registry.followed.get(idOf(stats));
    // Whatever else a pattern matches is no file of its.
    live.fault = stats.isFile() || live.matched ? undefined : notAFile(live.path);
    if (known || !stats.isFile()) {
      if (known) this.name(live, known);
      await file.close();
      return;
    }
    if (isCompressed(await file.bytes(0, MAGIC_BYTES))) {
      await file.close();
      this.#takeCompressed(live, target, stats);
      return;
    }
    const cursor = this.#reading.cursor(live);
    const followed = new Followed(file, live, target, cursor, stats, this.#options.clock.monotonic());
    const before = live.latest ?? live.current;
    live.latest = undefined;
    const follows = before !== undefined || this.#registry.waitingAt({ path: live.path, target }).length > 0;
    this.#retarget(live, target);
    if (follows) this.#hold(followed, before);
    this.#registry.follow(followed);
    this.name(live, followed);
  }

  /** Once it has been quiet: a program that still writes it would leave its end out. */
  #takeCompressed(live: LivePath, target: string, stats: BigIntStats): void {
    const { clock, start } = this.#options;
    const { aside } = live;
    const [id, { size, mtimeNs }] = [idOf(stats), stats];
    this.leave(live);
    live.current = undefined;
    const isSame = aside?.id === id && aside.size === size && aside.mtimeNs === mtimeNs;
    const now = clock.monotonic();
    const since = (isSame ? aside.since : undefined) ?? now;
    // The file system's clock may be another one: then it must have been seen for so long as it is.
    const isQuiet = clock.now() - Number(mtimeNs / 1_000_000n) >= QUIET || now - since >= QUIET;
    const unknown = { copyOf: undefined, parked: undefined, epoch: 0 };
    live.aside = { id, size, mtimeNs, since, compressed: isQuiet, ...unknown };
    if (!isQuiet) return;
    const named = start === 'beginning' || live.known;
    const rotated = { number: undefined, date: undefined };
    this.#search.takeNamed({ path: live.path, name: live.path, id, stats, live, target, named, rotated });
  }

  /** Where a path leads that names no file. */
  async retarget(live: LivePath): Promise<void> {
    this.#retarget(live, await targetOf(live.path));
  }

  #retarget(live: LivePath, target: string): void {
    if (target === live.target) return;
    live.formers.add(live.target);
    live.target = target;
    this.#search.ask(live);
  }

  /** A path names a file that is followed. */
  name(live: LivePath, followed: Followed): void {
    if (live.current !== followed) this.leave(live);
    live.current = followed;
    live.aside = undefined;
    live.fault = undefined;
    followed.names.add(live);
    this.#search.ask(live);
  }

  /** A path does not name the file any more that it named last. */
  leave(live: LivePath): void {
    if (live.current?.names.delete(live)) this.#search.ask(live);
  }

  /** Reads on. @param limit offset to read up to */
  async drain(followed: Followed, limit?: number): Promise<Drained> {
    const { begun, live, file } = followed;
    const now = this.#options.clock.monotonic();
    if (!this.#registry.isFollowed(followed)) return 'end';
    try {
      const isRead = (await this.begin(followed)) && !this.#isHeld(followed);
      if (!this.#registry.isFollowed(followed)) return 'end';
      if (!isRead) {
        await followed.measure(now);
        return 'end';
      }
      const drained = await followed.drain(now, limit);
      // What copytruncate moved away before this was looked at shows only now.
      if (!begun && followed.begun) this.#search.askBeside(followed);
      if (drained === 'truncated') this.#truncated(followed);
      return drained;
    } catch (error) {
      if (this.#registry.isFollowed(followed)) live.fault = inputFault(file.path, error);
      return 'end';
    }
  }

  // ---- which file it is

  /** Tells a file by its first line, once that is there. @returns whether it may be read */
  async begin(followed: Followed): Promise<boolean> {
    if (followed.head) return true;
    const { file, live } = followed;
    for (;;) {
      const { version } = this.#registry;
      const head = await readHead(file);
      if (!tells(head)) {
        followed.looked = true;
        return false;
      }
      const plan = await planFor(followed, head, this.#registry, this.#options.start);
      const cursor = plan.at && (await this.#reading.cursorAt(live, file, plan.at, plan.position));
      if (this.#options.halt.aborted || !this.#registry.isFollowed(followed)) return false;
      if (version !== this.#registry.version) continue;
      // From here to the end of the step nothing waits.
      followed.looked = true;
      if (!plan.aside) {
        this.#settle(followed, head, plan, cursor);
        return true;
      }
      for (const name of followed.names) name.aside = plan.aside;
      this.#registry.drop(followed);
      await file.close();
      return false;
    }
  }

  #settle(followed: Followed, head: Buffer, plan: Plan, cursor: Cursor | undefined): void {
    const { recognised, position, instead } = plan;
    const { live } = followed;
    if (cursor) {
      followed.cursor.close();
      followed.cursor = cursor;
    } else followed.cursor.expected = head;
    if (position) {
      this.#registry.found(position, live);
      live.known = true;
    } else if (recognised.is === 'unknown' || recognised.is === 'part') this.#announce(followed);
    if (recognised.is === 'finished') this.#registry.unfinish(recognised.finished);
    if (instead) {
      this.#registry.drop(instead);
      instead.file.close().catch(() => undefined);
    }
    this.#registry.recognised(followed, head);
  }

  // ---- what came before

  /** A next file is reported once, when it is known to be none of those before. */
  #announce(followed: Followed): void {
    if (followed.held && !followed.announced)
      this.#reading.incident(followed.live, 'rotations', { path: followed.file.path });
    followed.announced = true;
  }

  /** A wrapped line may begin in a file that came before and that is not found yet. */
  #hold(followed: Followed, before: Followed | undefined): void {
    const until = this.#options.clock.monotonic() + HOLD;
    followed.held = { until, before, passes: this.#search.passes };
    followed.cursor.before = before?.cursor.framing;
  }

  #isHeld({ held, begun }: Followed): boolean {
    if (!held || begun || this.#options.clock.monotonic() >= held.until) return false;
    const { before, passes } = held;
    if (this.#search.passes === passes) return true;
    return this.#registry.isUnread(before);
  }

  /** copytruncate, or a plain truncation. What was not yet read of the old content waits for its copy to be found. */
  #truncated(followed: Followed): void {
    const { live, begun, file } = followed;
    if (begun) this.#registry.wait(followed.position(this.#registry.time));
    if (begun) this.#reading.incident(live, 'truncations', { path: file.path });
    this.#registry.forget(followed);
    followed.begin(this.#reading.cursor(live));
    followed.announced = true;
    if (begun) this.#hold(followed, undefined);
    this.#search.askBeside(followed);
  }

  // ---- more files than may be open

  /** Makes room for one more, as far as there is a file that need not stay open. */
  async #makeRoom(live: LivePath): Promise<boolean> {
    if (!this.#reported)
      this.#options.reports.notice('too many files to keep open: quiet ones are closed meanwhile', {
        input: live.input,
        most: this.#options.mostOpen,
      });
    this.#reported = true;
    if (await closeQuiet(this.#registry, this.#reading)) return true;
    live.fault = new ExporterError('INPUT_UNREADABLE', `${live.path} is not read: too many files are open`, {
      advice: 'Let more files be open (ulimit -n, LimitNOFILE=), or name fewer.',
    });
    return false;
  }
}

function notAFile(path: string): ExporterError {
  return new ExporterError('INPUT_NOT_A_FILE', `${path} is not a regular file`, {
    advice: 'Name a file, a glob of files, or - for standard input.',
  });
}
