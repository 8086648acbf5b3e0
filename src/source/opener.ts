/** Opens the files of one path, each with a cursor at the place where reading begins. */
import { stat } from 'node:fs/promises';
import { ExporterError } from '../errors.ts';
import type { Framed } from '../event/framing.ts';
import { Cursor } from './cursor.ts';
import { inputFault } from './fault.ts';
import type { FileOptions } from './file-options.ts';
import { Followed } from './followed.ts';
import { LiveFile } from './live.ts';
import type { OpenFile } from './opened.ts';
import { type Position, PROOF_BYTES } from './position.ts';
import type { Found } from './search.ts';

const NEWLINE = 10;

type OpenerOptions = Pick<
  FileOptions,
  'input' | 'path' | 'maxLine' | 'buffer' | 'clock' | 'halt' | 'sink' | 'hint'
>;

export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** The file that the path names. @throws ExporterError where there is none that can be read */
  async live(): Promise<LiveFile> {
    const { path, buffer, hint } = this.#options;
    try {
      if (!(await stat(path)).isFile())
        throw new ExporterError('INPUT_NOT_A_FILE', `${path} is not a regular file`, {
          advice: 'Name a file, a glob of files, or - for standard input.',
        });
      return await LiveFile.open(path, buffer, hint);
    } catch (error) {
      throw inputFault(path, error);
    }
  }

  cursor(): Cursor {
    const { maxLine, sink, input, halt } = this.#options;
    return new Cursor(maxLine, (framed: Framed, bytes: number) => sink(framed, input, bytes), halt);
  }

  /** @param target see `Followed.target` */
  async fromStart(file: OpenFile, target: string): Promise<Followed> {
    return this.#followed(file, target, this.cursor());
  }

  /** After the last whole line that is there. */
  async fromEnd(file: OpenFile, target: string): Promise<Followed> {
    const cursor = this.cursor();
    const size = await file.length();
    const from = Math.max(0, size - cursor.capacity);
    const offset = from + (await file.bytes(from, size - from)).lastIndexOf(NEWLINE) + 1;
    const proof = Math.min(offset, PROOF_BYTES);
    cursor.restore(offset, await file.bytes(0, proof), await file.bytes(offset - proof, proof));
    return this.#followed(file, target, cursor);
  }

  /** Where a position says, which the file was found to prove. */
  async from(
    position: Position,
    { file, head, tail }: Omit<Found, 'candidate'>,
    target: string,
  ): Promise<Followed> {
    const cursor = this.cursor();
    cursor.restore(position.offset, head, tail);
    if (position.pending !== undefined) {
      const waiting = await file.bytes(position.pending, position.offset - position.pending);
      cursor.framing.rejoin(waiting, position.pending);
    }
    return this.#followed(file, target, cursor);
  }

  async #followed(file: OpenFile, target: string, cursor: Cursor): Promise<Followed> {
    return new Followed(file, target, cursor, await file.stat(), this.#options.clock.monotonic());
  }
}
