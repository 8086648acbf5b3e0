#!/usr/bin/env node
/** The process's beginning: reads the command line and does what it says. */
// First: it listens to signals before anything else is loaded.
import './signals.ts';
import { buildInfo } from './build.ts';
import { complain } from './cli/faults.ts';
import { createProgram } from './cli/program.ts';

// Who reads what we say may be gone.
process.stderr.on('error', () => undefined);
const program = createProgram(buildInfo(process.env));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error, program);
}
