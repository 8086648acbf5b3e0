/**
 * Standard error, even if its reader is gone or doesn't read, or the disk is full. What can't be written is lost and
 * counted; logging never blocks the exporter.
 */
import { fstatSync, writeSync } from 'node:fs';

/** What may wait for a reader that is slow; bytes. */
const MOST_WAITING = 1024 * 1024;
const STANDARD_ERROR = 2;

export class LogOutput {
  /** Lines that could not be written, since the last one that could. */
  lost = 0;
  readonly #file = isFile();

  constructor() {
    // A pipe that broke stays broken, and says so for each line.
    if (!this.#file) process.stderr.on('error', () => this.lost++);
  }

  /** @returns whether it was taken; a pipe's reader may still never get it */
  write(line: string): boolean {
    const written = this.#write(line);
    if (!written) this.lost++;
    return written;
  }

  #write(line: string): boolean {
    try {
      // A file may be full for a while only; the stream would never try again.
      if (this.#file) return writeSync(STANDARD_ERROR, line) > 0;
      const { stderr } = process;
      if (stderr.destroyed || stderr.writableLength > MOST_WAITING) return false;
      stderr.write(line);
      return true;
    } catch {
      return false;
    }
  }
}

function isFile(): boolean {
  try {
    // Devices are written to like files: /dev/full is one.
    const stat = fstatSync(STANDARD_ERROR);
    return stat.isFile() || (stat.isCharacterDevice() && !process.stderr.isTTY);
  } catch {
    return false;
  }
}
