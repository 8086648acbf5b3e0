#!/usr/bin/env node
/** The process's beginning. What `health` can do without is loaded only where it is needed. */
// First: it listens to signals before anything else is loaded.
import { releaseSignals } from './signals.ts';

const [command, ...args] = process.argv.slice(2);
let lives = false;
if (command === 'health') {
  const { plainlyAsked, livesPlainly } = await import('./plain-health.ts');
  const asked = plainlyAsked(args, process.env);
  if (asked) {
    releaseSignals();
    lives = await livesPlainly(asked);
  }
}
if (!lives) {
  const { run } = await import('./cli/run.ts');
  await run();
}
