/** Programs beside Node that a test needs. */
import { spawnSync } from 'node:child_process';

/**
 * For a test's `skip`: why it can't run, or false. On CI nothing is skipped: there a missing program fails the test.
 */
export function without(program: string, ...asked: string[]): string | false {
  const { error } = spawnSync(program, asked.length > 0 ? asked : ['--version']);
  if (!error) return false;
  if (process.env.CI) throw new Error(`${program} is missing, and CI installs it: ${error.message}`);
  return `${program} is not installed`;
}
