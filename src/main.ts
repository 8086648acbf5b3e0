#!/usr/bin/env node
/** The process's beginning. What `health` can do without is loaded only where it is needed. */
// First: it listens to signals before anything else is loaded.
import { releaseSignals } from './signals.ts';

const [command, ...rest] = process.argv.slice(2);
let asking: Promise<void> | undefined;
if (command === 'health') {
  const { plainlyAsked } = await import('./plain-health.ts');
  const asked = plainlyAsked(rest, process.env);
  if (asked) {
    releaseSignals();
    const { health } = await import('./health.ts');
    asking = health(asked);
  }
}
const lives = await asking?.then(
  () => true,
  () => false,
);
if (!lives) {
  const { run } = await import('./cli/run.ts');
  await run(asking);
}
