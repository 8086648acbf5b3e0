/** The files of some inputs, followed as the process does it, but step by step. */
import { Following, type FollowingOptions } from '../../src/source/follow/following.ts';
import { PathInput } from '../../src/source/inputs/path-input.ts';
import { bufferSize } from '../../src/source/read/cursor.ts';

type Given = Pick<FollowingOptions, 'maxLine' | 'clock' | 'halt' | 'sink' | 'reports'> &
  Partial<FollowingOptions> & { files: readonly string[] };

/** One process's following. */
export class Files extends Following {
  readonly #halt: AbortSignal;

  constructor({ files, ...given }: Given) {
    super({
      start: 'beginning',
      buffer: Buffer.alloc(bufferSize(given.maxLine)),
      grace: 5000,
      retention: 21 * 86_400_000,
      mostOpen: 10_000,
      secure: async () => undefined,
      hint: () => undefined,
      progress: () => undefined,
      saved: undefined,
      inputs: files.map((file) => new PathInput(file, given.reports.notice)),
      ...given,
    });
    this.#halt = given.halt;
  }

  /** Looks and searches until nothing is left to do. @param together whether both go on at the same time */
  async settle(together = false): Promise<void> {
    const searchAll = async () => {
      while (this.busy && (await this.search()) && !this.#halt.aborted);
    };
    for (let turns = 0; turns < 50 && !this.#halt.aborted; turns++) {
      const before = this.#text();
      const looking = this.look();
      if (!together) await looking;
      await searchAll();
      const more = await looking;
      await this.look();
      await searchAll();
      if (!more && before === this.#text()) return;
    }
  }

  #text(): string {
    return JSON.stringify([this.positions(), this.statuses()]);
  }
}
