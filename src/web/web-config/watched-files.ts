import { readFileSync, statSync } from 'node:fs';
import { systemCode } from '../../errors.ts';

/** Files that are read now, and looked at later. */
export class WatchedFiles {
  readonly #seen = new Map<string, string>();

  /** @param read reads it; how the file stood is kept from before, so that no change is missed */
  read<T>(file: string, read: (file: string) => T): T {
    this.#seen.set(file, stand(file));
    return read(file);
  }

  /** @throws what the system says */
  text(file: string): string {
    return this.read(file, () => readFileSync(file, 'utf8'));
  }

  /** Whether one was written, replaced, made or deleted since, or can no longer be looked at. */
  get changed(): boolean {
    return [...this.#seen].some(([file, before]) => stand(file) !== before);
  }
}

function stand(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return systemCode(error) ?? 'fault';
  }
}
