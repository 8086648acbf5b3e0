/** The rotated files that were found and are read: in turns, oldest first, to their end. */

import type { RotatedOptions } from '../read/open-file.ts';
import { Moved, openRotated } from '../read/rotated-file.ts';
import { byAge } from '../rotated/names.ts';
import { digestOf, firstLine, type Position, readHead } from '../rotated/position.ts';
import { canTell, recognise } from '../rotated/recognise.ts';
import type { Examined } from './examine.ts';
import { Followed, HOLD } from './followed.ts';
import type { FilesOptions, Reading } from './reading.ts';
import type { Finished, Registry } from './registry.ts';

/** Bytes of one file that are read before others have their turn. */
const TURN = 4 * 1024 * 1024;

export class RotatedFiles {
  readonly #options: FilesOptions;
  readonly #opening: RotatedOptions;
  readonly #registry: Registry;
  readonly #reading: Reading;
  readonly #dropped: (followed: Followed) => void;
  readonly #files = new Set<Followed>();

  /** @param dropped called with a file beside which is to be searched again */
  constructor(
    options: FilesOptions,
    opening: RotatedOptions,
    registry: Registry,
    reading: Reading,
    dropped: (followed: Followed) => void,
  ) {
    this.#dropped = dropped;
    this.#options = options;
    this.#opening = opening;
    this.#registry = registry;
    this.#reading = reading;
  }

  get size(): number {
    return this.#files.size;
  }

  /**
   * Follows them: of one content the file that holds the most.
   * @param there the ids of all files that stand beside the paths
   * @returns false where one was renamed or compressed meanwhile: list again
   */
  async take(examined: readonly Examined[], there: ReadonlySet<string>): Promise<boolean> {
    const chosen = [...bestOfKnown(examined), ...bestOfUnknown(examined)].sort(
      (a, b) =>
        Number(a.recognised.is === 'unknown') - Number(b.recognised.is === 'unknown') ||
        byAge({ ...a.sibling.rotated!, ...a.sibling.stats }, { ...b.sibling.rotated!, ...b.sibling.stats }),
    );
    for (const each of chosen) if (!(await this.#follow(each, there))) return false;
    return true;
  }

  /** Reads on. @returns whether there is more to read */
  async read(): Promise<boolean> {
    let more = false;
    for (const followed of this.#files) {
      if (this.#options.halt.aborted) return false;
      if (!this.#registry.isFollowed(followed)) this.#files.delete(followed);
      else if (!this.#isHeld(followed) && (await this.#begin(followed)))
        more = (await this.#drain(followed)) || more;
    }
    if (!this.#options.halt.aborted) await this.#reading.letGo([...this.#files]);
    return more;
  }

  #isHeld({ held, begun }: Followed): boolean {
    if (!held || begun || this.#options.clock.monotonic() >= held.until) return false;
    return this.#registry.isUnread(held.before);
  }

  /** A file whose first line has not identified it yet. @returns whether it is to be read */
  async #begin(followed: Followed): Promise<boolean> {
    const { file, cursor } = followed;
    while (!followed.head) {
      const { version } = this.#registry;
      const head = await readHead(file);
      const { is } = canTell(file, head) ? await recognise(this.#registry, file, head) : { is: undefined };
      if (!this.#registry.isFollowed(followed) || this.#options.halt.aborted) return false;
      if (version !== this.#registry.version) continue;
      if (!is) return false;
      if (is !== 'unknown') {
        // It is found again by its content.
        await this.#drop(followed);
        return false;
      }
      cursor.expected = head;
      this.#registry.recognised(followed, head);
    }
    return true;
  }

  async #drain(followed: Followed): Promise<boolean> {
    const { file, cursor, live } = followed;
    try {
      const drained = await followed.drain(this.#options.clock.monotonic(), cursor.readAt + TURN);
      if (drained !== 'truncated') return drained === 'more';
      if (followed.begun) this.#registry.wait(followed.position(this.#registry.time));
      if (followed.begun) this.#reading.incident(live, 'truncations', { path: file.path });
      await this.#drop(followed);
      return true;
    } catch (error) {
      if (!this.#registry.isFollowed(followed)) return false;
      // A damaged file will not mend; what could be read of it is counted.
      cursor.finish(await file.rest(cursor).catch(() => Buffer.alloc(0)));
      this.#reading.end(followed, cursor.content());
      this.#reading.incident(live, 'gaps', { unreadable: file.path, error: String(error) });
      await file.close();
      return false;
    }
  }

  async #drop(followed: Followed): Promise<void> {
    this.#files.delete(followed);
    this.#registry.drop(followed);
    this.#dropped(followed);
    await followed.file.close();
  }

  async #follow(
    { sibling, recognised: before, length, other }: Examined,
    there: ReadonlySet<string>,
  ): Promise<boolean> {
    const { live, target, stats, path } = sibling;
    let file: Awaited<ReturnType<typeof openRotated>>;
    try {
      file = await openRotated(path, stats, this.#opening);
    } catch (error) {
      if (error instanceof Moved) return false;
      throw error;
    }
    for (;;) {
      const { version } = this.#registry;
      const head = await readHead(file);
      const isTold = canTell(file, head);
      const recognised = isTold ? await recognise(this.#registry, file, head) : before;
      const at = recognised.is === 'waited for' || recognised.is === 'finished' ? recognised.at : undefined;
      const position = recognised.is === 'waited for' ? recognised.position : undefined;
      const cursor = at ? await this.#reading.cursorAt(live, file, at, position) : this.#reading.cursor(live);
      if (version !== this.#registry.version && !this.#options.halt.aborted) continue;
      // From here on nothing waits.
      if (
        this.#options.halt.aborted ||
        recognised.is !== before.is ||
        this.#registry.followed.has(sibling.id)
      ) {
        await file.close();
        return recognised.is === before.is;
      }
      const followed = new Followed(file, live, target, cursor, stats, this.#options.clock.monotonic());
      followed.copied = other !== undefined;
      followed.outgrown = other !== undefined && other > length;
      if (recognised.is === 'waited for') this.#registry.found(recognised.position, live);
      else if (recognised.is === 'finished') this.#registry.unfinish(recognised.finished);
      else {
        if (isTold) cursor.expected = head;
        // Of a file of which nothing was counted only the inode tells. Compressed since, it may be any that is not there.
        const isBlank = ({ head, device, inode }: Position) =>
          head.length === 0 && !there.has(`${device}:${inode}`);
        const blank = !file.grows && this.#registry.waitingAt(live).find(isBlank);
        if (blank) this.#registry.found(blank, live);
        if (!sibling.named) this.#reading.incident(live, 'rotations', { path: file.path });
      }
      this.#registry.follow(followed);
      if (isTold) this.#registry.recognised(followed, head);
      this.#files.add(followed);
      this.#chain(followed);
      return true;
    }
  }

  /** A wrapped line may begin in one file and end in the next: the live one, if it waits, comes after this one. */
  #chain(followed: Followed): void {
    const { live, begun, cursor } = followed;
    const { current, latest } = live;
    const waits = current?.held && !current.begun && current !== followed ? current.held : undefined;
    if (!waits && current?.names.size) return;
    const before = waits ? waits.before : (latest ?? current);
    if (before && !begun) {
      followed.held = { until: this.#options.clock.monotonic() + HOLD, passes: 0, ...waits, before };
      cursor.before = before.cursor.framing;
    }
    if (waits) {
      waits.before = followed;
      current!.cursor.before = cursor.framing;
    } else live.latest = followed;
  }
}

/** Of the files that go on where a content ended the very file, or the longest. */
function bestOfKnown(examined: readonly Examined[]): Examined[] {
  const best = new Map<Position | Finished, Examined>();
  for (const each of examined) {
    const { recognised } = each;
    const known = recognised.is === 'waited for' ? recognised.position : undefined;
    const key = known ?? (recognised.is === 'finished' ? recognised.finished : undefined);
    if (!key) continue;
    const other = best.get(key);
    const isSame = (e: Examined) => String(e.sibling.stats.ino) === known?.inode;
    const isBetter = !other || isSame(each) || (!isSame(other) && each.length > other.length);
    best.set(key, isBetter ? chosen(each, other) : chosen(other, each));
  }
  return [...best.values()];
}

function chosen(each: Examined, other: Examined | undefined): Examined {
  return other ? { ...each, other: Math.max(other.length, each.other ?? 0, other.other ?? 0) } : each;
}

/** Of a file and its copies the longest; what may still be compressed is none while the plain one is there. */
function bestOfUnknown(examined: readonly Examined[]): Examined[] {
  const groups = new Map<string, Examined[]>();
  for (const each of examined) {
    if (each.recognised.is !== 'unknown') continue;
    const key = digestOf(firstLine(each.head)).sha256;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    const index = group.findIndex(({ head }) => beginsAlike(head, each.head));
    const other = group[index];
    if (!other) group.push(each);
    else {
      const isBetter = each.compressed === other.compressed ? each.length > other.length : other.compressed;
      group[index] = isBetter ? chosen(each, other) : chosen(other, each);
    }
  }
  return [...groups.values()].flat();
}

function beginsAlike(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return a.subarray(0, length).equals(b.subarray(0, length));
}
