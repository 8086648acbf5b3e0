/**
 * The journal's file: a line for each record, each with a checksum, appended and synced to the disk. A process that is
 * killed leaves at most one torn line, the last, which was never acted on and is cut off. At a start, and when it has
 * grown, what it adds up to is written as one record into a new file that takes its place.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { ExporterError, systemCode, systemReason } from '../../errors.ts';
import { type JournalRecord, record as recordSchema } from './records.ts';
import { ResponderState } from './state.ts';
import { type Boot, Steady } from './steady.ts';

export const JOURNAL_FILE = 'journal.jsonl';
const FORMAT = 'falco-event-exporter responder journal';
const VERSION = 1;
/** When it has grown by so many bytes it is begun anew. */
const GROWTH = 8 * 1024 * 1024;
const CHECKSUM = 16;

export class Journal {
  readonly state: ResponderState;
  /** Its records' time. */
  readonly clock: Steady;
  readonly #directory: string;
  #file: number | undefined;
  #waiting: string[] = [];
  #written = 0;

  private constructor(directory: string, state: ResponderState, clock: Steady) {
    this.#directory = directory;
    this.state = state;
    this.clock = clock;
  }

  /**
   * Reads what earlier processes left, and begins the file anew.
   * @param setAside called for a journal that can't be read: it is kept under another name, and no event that is older than
   * now is acted on
   * @throws RESPOND_JOURNAL where it can't be read or written
   */
  static open(
    directory: string,
    clock: Clock,
    boot: Boot,
    setAside: (fault: ExporterError) => void,
  ): Journal {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, JOURNAL_FILE);
    const state = read(path, clock.now(), setAside);
    const steady = new Steady(clock, boot, state.anchor, state.latest);
    state.anchor = steady.anchor;
    const journal = new Journal(directory, state, steady);
    journal.#begin();
    return journal;
  }

  /** Takes a record; it is on the disk after the next `sync`. */
  add(record: JournalRecord): void {
    this.#waiting.push(line(record));
    this.state.apply(record);
  }

  /**
   * Brings what was added to the disk. Nothing may be done before.
   * @throws RESPOND_JOURNAL: this process must end, since what it knows is not on the disk
   */
  sync(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    try {
      writeWhole(this.#file!, bytes);
      fdatasyncSync(this.#file!);
    } catch (error) {
      throw unusable(join(this.#directory, JOURNAL_FILE), error);
    }
    this.#written += bytes.length;
    if (this.#written > GROWTH) this.#begin();
  }

  /** One record, at once. */
  write(record: JournalRecord): void {
    this.add(record);
    this.sync();
  }

  close(): void {
    this.sync();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #begin(): void {
    const path = join(this.#directory, JOURNAL_FILE);
    const fresh = `${path}.new`;
    try {
      const file = openSync(fresh, 'w', 0o600);
      const head = `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`;
      const bytes = Buffer.from(
        `${head}${line({ kind: 'state', at: this.clock.now(), state: this.state.saved() })}`,
      );
      writeWhole(file, bytes);
      fsyncSync(file);
      renameSync(fresh, path);
      const directory = openSync(this.#directory, 'r');
      fsyncSync(directory);
      closeSync(directory);
      if (this.#file !== undefined) closeSync(this.#file);
      this.#file = file;
      this.#written = 0;
    } catch (error) {
      throw unusable(path, error);
    }
  }
}

/** What a journal adds up to. */
function read(path: string, now: number, setAside: (fault: ExporterError) => void): ResponderState {
  const state = new ResponderState();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return state;
    throw unusable(path, error);
  }
  const lines = text.split('\n');
  // What follows the last newline is a line that was being written.
  lines.pop();
  try {
    const [head, ...records] = lines;
    const { format, version } = JSON.parse(head ?? '') as { format?: unknown; version?: unknown };
    if (format !== FORMAT || version !== VERSION) throw new Error('it is of another format or version');
    for (const each of records) state.apply(parsed(each));
    return state;
  } catch (error) {
    const aside = `${path}.set-aside-${now}`;
    try {
      renameSync(path, aside);
    } catch (failed) {
      throw unusable(path, failed);
    }
    setAside(
      new ExporterError('STATE_TORN', `the responder's journal can't be read: ${(error as Error).message}`, {
        place: { file: path },
        advice: `It was kept as ${aside}. No event from before now is acted on, and the budget counts as spent.`,
        cause: error,
      }),
    );
    const fresh = new ResponderState();
    fresh.floor = now;
    fresh.unknownUntil = now;
    return fresh;
  }
}

function line(record: JournalRecord): string {
  const text = JSON.stringify(record);
  return `${checksum(text)} ${text}\n`;
}

/** @throws where it is none */
function parsed(text: string): JournalRecord {
  const body = text.slice(CHECKSUM + 1);
  if (checksum(body) !== text.slice(0, CHECKSUM)) throw new Error('a checksum does not match');
  return recordSchema.parse(JSON.parse(body));
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CHECKSUM);
}

function writeWhole(file: number, bytes: Buffer): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
}

function unusable(file: string, error: unknown): ExporterError {
  return new ExporterError('RESPOND_JOURNAL', `the journal can't be kept: ${systemReason(error)}`, {
    place: { file },
    advice: 'Nothing is done without it: make room on the disk, or name a directory that can be written.',
    cause: error,
  });
}
