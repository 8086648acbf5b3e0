import { canTell, KernelScanner, withKernel } from './kernel.ts';
import { PlainScanner } from './plain.ts';
import type { Scanner, WantedField } from './scanner.ts';

/** Sources read about a MiB at once, or one line where that is longer. In bytes. */
const READ = 1024 * 1024;
const MORE = 4096;

/**
 * The fastest scanner that this machine can run.
 * @param maxLine longest line in bytes
 */
export function createScanner(wanted: readonly WantedField[], maxLine: number): Scanner {
  const room = Math.max(READ, maxLine) + MORE;
  const fast = canTell(wanted) && withKernel((kernel) => new KernelScanner(kernel, wanted, maxLine, room));
  return fast || new PlainScanner(wanted, maxLine);
}
