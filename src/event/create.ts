import { canTell, KernelScanner, loadKernel } from './kernel.ts';
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
  const kernel = canTell(wanted) ? loadKernel() : undefined;
  if (kernel === undefined) return new PlainScanner(wanted, maxLine);
  return new KernelScanner(kernel, wanted, maxLine, Math.max(READ, maxLine) + MORE);
}
