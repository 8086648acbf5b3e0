/** Does what the command line says. */
import { buildInfo } from '../build.ts';
import { complain } from './faults.ts';
import { createProgram } from './program.ts';

/** Sets the exit code. @param done what was begun before this was loaded, instead of what the command line says */
export async function run(done?: Promise<void>): Promise<void> {
  // Who reads what we say may be gone.
  process.stderr.on('error', () => undefined);
  const program = createProgram(buildInfo(process.env));
  try {
    await (done ?? program.parseAsync());
  } catch (error) {
    process.exitCode = complain(error, program);
  }
}
