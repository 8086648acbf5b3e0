/**
 * One path and the files that it named, one after another.
 *
 * Promises: every whole line of every file is handed on exactly once, through rename, rename chains, dated names, gzip,
 * copytruncate, delete and recreate, several rotations between looks, and restarts from a position. Rotated files are
 * told by their content: whatever is not known to have been read is read. A renamed file is read on until the writer
 * has gone over to a newer one and it has not grown for the grace time, since writers finish late.
 *
 * Loses, and says so by counting a gap: what was written to a file that was truncated without a copy, or deleted while
 * nobody here had it open. Loses without a word, as nobody can know: a file that came and went between two looks, a
 * link's target that did, and what copytruncate itself loses between its copy and its truncation, with the line that it
 * cuts in two.
 */
import { beginAgain, beginAnew } from './begin.ts';
import { inputFault } from './fault.ts';
import type { FileOptions } from './file-options.ts';
import type { Followed, Stats } from './followed.ts';
import { Kinship } from './kinship.ts';
import { Opener } from './opener.ts';
import { PROOF_BYTES, proveHead } from './position.ts';
import type { Incident, InputStatus, PathPositions, Source } from './source.ts';
import { Succession } from './succession.ts';

export class FileInput implements Source {
  readonly #options: FileOptions;
  readonly #opener: Opener;
  readonly #kinship: Kinship;
  readonly #succession: Succession;
  #begun = false;

  constructor(options: FileOptions) {
    const { path, halt, saved, since, clock } = options;
    this.#options = options;
    this.#opener = new Opener(options);
    this.#kinship = new Kinship(options);
    this.#succession = new Succession({
      path,
      halt,
      opener: this.#opener,
      kinship: this.#kinship,
      since: saved?.since ?? since ?? clock.now(),
      finished: saved?.finished ?? [],
      incident: (incident, details) => this.#incident(incident, details),
    });
  }

  async catchUp(): Promise<void> {
    await this.#begin();
    for (const followed of this.#succession.files) {
      const size = Number((await followed.file.stat()).size);
      await this.#drain(followed, size);
    }
  }

  async look(): Promise<void> {
    const { halt, clock } = this.#options;
    const succession = this.#succession;
    await this.#begin();
    succession.notAfter(clock.now());
    // A change of files may uncover another: each turn reads what the last one found.
    for (let again = this.#begun; again && !halt.aborted; ) {
      again = await succession.follow();
      for (const followed of succession.files)
        if ((await this.#drain(followed)) === 'truncated')
          again = (await succession.truncated(followed)) || again;
      again = (await succession.search()) || again;
    }
    if (!halt.aborted) await this.#letGo();
  }

  status(): InputStatus {
    const { files, fault } = this.#succession;
    const lag = files.reduce((sum, followed) => sum + followed.lag, 0);
    return { input: this.#options.input, up: !fault, fault, lag };
  }

  positions(): PathPositions[] {
    const { input, path, saved } = this.#options;
    if (!this.#begun) return saved ? [saved] : [];
    return [{ input, path, ...this.#succession.state() }];
  }

  async close(): Promise<void> {
    for (const { file } of this.#succession.files) await file.close();
  }

  /** Whether its last file was deleted and is read to its end, and neither another nor a rotated one is there. */
  async gone(): Promise<boolean> {
    const { grace, clock } = this.#options;
    const { files, fault } = this.#succession;
    if (!this.#begun || !fault) return false;
    for (const { file } of files) if (!file.grows || (await file.stat()).nlink > 0n) return false;
    if (!files.every((followed) => followed.isFinished(clock.monotonic(), grace))) return false;
    return !(await this.#succession.hasKin());
  }

  /** Counts what is left of a path that is gone, and lets its files go. */
  async retire(): Promise<void> {
    for (const followed of this.#succession.files) await this.#finish(followed);
  }

  /** Whether one of the files followed is this one. */
  holds(stats: Stats): boolean {
    return this.#succession.holds(stats);
  }

  async #begin(): Promise<void> {
    const { saved, since, start, halt } = this.#options;
    const first = since === undefined;
    while (!this.#begun && !halt.aborted) {
      const beginning = saved
        ? await beginAgain(this.#opener, this.#kinship, saved, this.#succession.finished, halt)
        : await beginAnew(this.#opener, this.#kinship, first ? start : 'beginning', first);
      if (!beginning) continue;
      this.#succession.begin(beginning);
      this.#begun = true;
    }
  }

  async #drain(followed: Followed, limit?: number): Promise<'end' | 'truncated'> {
    try {
      return await followed.drain(this.#options.clock.monotonic(), limit);
    } catch (error) {
      const { file } = followed;
      this.#succession.fault = inputFault(file.path, error);
      if (!file.grows) {
        // A compressed file that is damaged will not mend; what could be read of it is counted.
        this.#succession.drop(followed, followed.position().head);
        this.#incident('gaps', { unreadable: file.path, error: String(error) });
        await file.close();
      }
      return 'end';
    }
  }

  async #letGo(): Promise<void> {
    const { clock, grace } = this.#options;
    const { files } = this.#succession;
    for (const [index, followed] of files.entries()) {
      if (!files.slice(index + 1).some(({ begun }) => begun)) continue;
      followed.leave(clock.monotonic());
      if (followed.isFinished(clock.monotonic(), grace)) await this.#finish(followed);
    }
  }

  async #finish(followed: Followed): Promise<void> {
    const { cursor, file } = followed;
    const head = proveHead(await file.bytes(0, PROOF_BYTES));
    const rest = await file.bytes(cursor.offset, cursor.capacity);
    // What a compressed file gives then is cut short.
    if (this.#options.halt.aborted) return;
    // From here to the snapshot nothing waits: the count and the position go together.
    cursor.finish(rest);
    this.#succession.drop(followed, head);
    await this.#options.secure();
    await file.close();
  }

  #incident(incident: Incident, details: Record<string, unknown>): void {
    this.#options.reports.incident(this.#options.input, incident, details);
  }
}
