/** Looks into files beside the followed ones, once for each content: what is known is not opened again. */
import type { OpenFile, RotatedOptions } from '../read/open-file.ts';
import { openRotated, Unsupported } from '../read/rotated-file.ts';
import type { Sibling } from '../rotated/listing.ts';
import { digestOf, fingerprint, readHead, tells } from '../rotated/position.ts';
import { afterLastLine, canTell, type Recognised, recognise } from '../rotated/recognise.ts';
import type { Reports } from '../source.ts';
import type { Followed, LivePath } from './followed.ts';
import { type Finished, FOREIGN, type Registry, WHOLE } from './registry.ts';

/** Siblings whose content is remembered. */
const MOST_SEEN = 200_000;
/** What stands behind an end is looked for a newline so far. */
const MOST_LINE = 1024 * 1024;
const NEWLINE = 10;

/** What a file was found to be, as long as it doesn't change. */
interface Seen {
  size: bigint;
  mtimeNs: bigint;
  /** Good until another position waits. */
  epoch: number;
  finished?: Finished;
  copyOf?: Followed;
  /** Whether it is compressed, and holds no whole line. */
  lineless?: boolean;
  /** Whether it is compressed, and nobody knew it: then it is to be read. */
  stranger?: boolean;
}

/** A file that is to be read: its position waits, or nobody knows it. */
export interface Examined {
  sibling: Sibling;
  head: Buffer;
  /** Uncompressed. */
  length: number;
  /** Whether it is compressed. */
  compressed: boolean;
  recognised: Recognised;
  /** The length of another file of the same content that is left aside for this one, and may hold more. */
  other?: number;
}

export class Examiner {
  readonly #registry: Registry;
  readonly #reports: Reports;
  readonly #options: RotatedOptions;
  readonly #seen = new Map<string, Seen>();
  /** Where names differ of rotated files that were recognised by their content alone, for each path. */
  readonly #places = new Map<LivePath, Set<string>>();
  /** What stood beside a path the last time. */
  readonly #last = new Map<LivePath, Set<string>>();

  constructor(registry: Registry, reports: Reports, options: RotatedOptions) {
    this.#registry = registry;
    this.#reports = reports;
    this.#options = options;
  }

  /** Whether a file need not be opened: it was, and nothing that matters has changed since. */
  knows({ id, stats }: Sibling): boolean {
    const seen = this.#seen.get(id);
    if (!seen || seen.size !== stats.size || seen.mtimeNs !== stats.mtimeNs) return false;
    const { finished, copyOf, stranger, epoch } = seen;
    if (finished) this.#registry.see(finished);
    if (finished) return this.#registry.finished.has(finished);
    if (copyOf && !(copyOf.begun && this.#registry.isFollowed(copyOf))) return false;
    return !stranger && epoch === this.#registry.epoch;
  }

  /**
   * Whether it is a compressed file that may be one of which nothing was counted: it is just found, it holds no whole line,
   * or nobody knew it, and it is a copy of another file that is just found.
   */
  mayBeBlank({ id }: Sibling): boolean {
    const followed = this.#registry.followed.get(id);
    if (followed) return !followed.file.grows;
    const seen = this.#seen.get(id);
    return seen?.lineless === true || (seen?.stranger === true && seen.epoch >= this.#registry.blankEpoch);
  }

  /** @returns undefined where it need not be read @throws Moved; Unsupported; the system's own error */
  async examine(sibling: Sibling): Promise<Examined | undefined> {
    const file = await openRotated(sibling.path, sibling.stats, this.#options);
    try {
      const head = await readHead(file);
      this.#options.progress();
      // An empty file says nothing; it is looked at again when it has changed.
      if (head.length === 0) this.#note(sibling, { lineless: !file.grows });
      if (head.length === 0 || this.#options.halt.aborted) return undefined;
      const copied = tells(head) ? undefined : await this.#copied(sibling, head);
      if (copied) this.#note(sibling, { copyOf: copied, lineless: !file.grows });
      if (copied) return undefined;
      const recognised: Recognised = canTell(file, head)
        ? await recognise(this.#registry, file, head)
        : { is: 'unknown' };
      if (recognised.is === 'unknown' && !file.grows) this.#note(sibling, { stranger: true });
      if (recognised.is === 'waited for' || recognised.is === 'finished') this.isOurs(sibling);
      const isLonger = recognised.is === 'finished' && (await this.#hasMore(file, recognised.at?.offset));
      if (recognised.is === 'finished' && !isLonger) this.#note(sibling, { finished: recognised.finished });
      else if (recognised.is === 'copy') {
        const { of } = recognised;
        // Compressed, and the file itself removed.
        if (of.names.size === 0 && (await of.file.stat()).nlink === 0n) this.isOurs(sibling);
        of.copied = true;
        of.outgrown ||= await this.#hasMore(file, of.size);
        this.#note(sibling, { copyOf: of });
      } else if (recognised.is === 'part' || (recognised.is === 'unknown' && this.#isOld(sibling)))
        await this.#leave(sibling, file, head, recognised);
      else return { sibling, head, length: await file.length(), compressed: !file.grows, recognised };
      return undefined;
    } finally {
      await file.close();
    }
  }

  /** Whether whole lines stand behind what was read to its end: of this file, or of a copy that was shorter. */
  async #hasMore(file: OpenFile, offset: number | undefined): Promise<boolean> {
    if (offset === undefined || (await file.length()) <= offset) return false;
    return (await file.bytes(offset, MOST_LINE)).includes(NEWLINE);
  }

  /** Of a file without a whole line: the followed one that begins so, as far as it goes. */
  async #copied({ live }: Sibling, head: Buffer): Promise<Followed | undefined> {
    for (const each of this.#registry.followed.values())
      if (each.live.input === live.input && (await each.file.bytes(0, head.length)).equals(head)) return each;
    return undefined;
  }

  /** What was there before the path was looked at for the first time. */
  #isOld({ live, ...sibling }: Sibling): boolean {
    return !(sibling.named || live.known) || this.#registry.unreadable.get(keyOf(sibling))?.old === true;
  }

  async #leave(sibling: Sibling, file: OpenFile, head: Buffer, { is }: Recognised): Promise<void> {
    this.#note(sibling);
    if (is === 'part' || !canTell(file, head)) return;
    const at = sibling.rotated && file.grows ? await afterLastLine(file) : undefined;
    if (at && at.offset >= head.length)
      this.#registry.finish({ head: fingerprint(head), tail: digestOf(at.tail), offset: at.offset });
    else this.#registry.pass(head, sibling.rotated ? WHOLE : FOREIGN);
  }

  /** It was rotated here, whatever its name looks like: so may others be that differ in the same place. */
  isOurs({ live, rotated, named, place }: Sibling): void {
    if (rotated || named || !place) return;
    this.#places.set(live, (this.#places.get(live) ?? new Set()).add(place));
  }

  /** Whether a file that nobody knows is to be read. If its name is no rotated file's, that is logged once. */
  isNew({ sibling, head, recognised }: Examined): boolean {
    const { live, rotated, named, place, name } = sibling;
    if (rotated || named || recognised.is !== 'unknown') return true;
    const isForeign = [...this.#registry.finished.alike(head)].some(({ offset }) => offset === FOREIGN);
    if (!isForeign && this.#places.get(live)?.has(place ?? '')) return true;
    this.#note(sibling);
    if (isForeign) return false;
    this.#registry.pass(head, FOREIGN);
    const why = "nobody's rotated file by its name, and its content is not known";
    this.#reports.notice('a file beside the input is not read', { file: name, input: live.input, why });
    return false;
  }

  /**
   * Tells once of a file that can't be read, unless what it holds was read before it was compressed.
   * @returns whether it may hold what is looked for, and whether that can be recognised
   */
  cannotRead(sibling: Sibling, error: unknown, siblings: readonly Sibling[]): boolean {
    const { rotated, live, name } = sibling;
    const compressed = error instanceof Unsupported;
    const key = compressed ? digestOf(error.raw).sha256 : keyOf(sibling);
    const known = this.#registry.unreadable.get(key);
    if (known) this.#registry.see(known);
    if (known || !rotated) return known?.old === false;
    // While the plain file is there a program may be at work on the compressed one.
    if (siblings.some((other) => name.startsWith(`${other.name}.`))) return true;
    const explained = compressed && this.#takeVanished(live, siblings);
    this.#registry.cannotRead(key, !live.known || explained);
    if (!live.known || explained) return false;
    this.#reports.incident(live.input, 'gaps', { unreadable: name, error: String(error) });
    return true;
  }

  /** One of the files that were there the last time, and are not any more: compressed since. */
  #takeVanished(live: LivePath, siblings: readonly Sibling[]): boolean {
    const last = this.#last.get(live);
    if (!last) return this.#registry.waitingAt(live).length > 0;
    for (const id of last) {
      if (siblings.some((sibling) => sibling.id === id)) continue;
      last.delete(id);
      return true;
    }
    return false;
  }

  /** A search is over. */
  searched(live: LivePath, siblings: readonly Sibling[]): void {
    const followed = [...this.#registry.followed.values()].filter((each) => each.live === live);
    const ids = [...siblings.filter((each) => each.live === live), ...followed].map(({ id }) => id);
    this.#last.set(live, new Set(ids));
  }

  /** @param what it is; undefined: not to be read, as far as is known now */
  #note({ id, stats }: Sibling, what: Omit<Seen, 'size' | 'mtimeNs' | 'epoch'> = {}): void {
    if (this.#seen.size > MOST_SEEN) this.#seen.clear();
    const { size, mtimeNs } = stats;
    this.#seen.set(id, { size, mtimeNs, epoch: this.#registry.epoch, ...what });
  }
}

/** Tells a file that can't be opened, whatever it is renamed to. */
function keyOf({ id, stats }: Pick<Sibling, 'id' | 'stats'>): string {
  return digestOf(Buffer.from(`${id} ${stats.mtimeNs} ${stats.size}`)).sha256;
}
