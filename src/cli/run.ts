/** Does what the command line says. */
import { buildInfo } from '../build.ts';
import { complain } from './faults.ts';
import { createProgram } from './program.ts';

/** Sets the exit code. */
export async function run(): Promise<void> {
  // Who reads what we say may be gone.
  process.stderr.on('error', () => undefined);
  const program = createProgram(buildInfo(process.env));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = complain(error, program);
  }
}
