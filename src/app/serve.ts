/** `serve`: the exporter as a process, from its configuration to its signals. */

import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { addressText, externalUrl } from '../config/address.ts';
import { type GivenFlags, loadConfig } from '../config/load.ts';
import { followedInputs } from '../config/schema.ts';
import type { ExporterError } from '../errors.ts';
import { createLogger, type Logger, logFault } from '../log/log.ts';
import { handleSignals } from '../signals.ts';
import { App } from './app.ts';

/** A stop that takes longer is cut off; milliseconds. */
const STOP_LIMIT = 4800;
/** Exit code of an error that nobody foresaw: EX_SOFTWARE of sysexits.h. */
const UNFORESEEN = 70;
/** Of its stack, what tells where it was. */
const FRAMES = 6;

/**
 * Runs until a signal ends it; SIGHUP reads configuration and rules again.
 * @param warnings of the command line and the environment, for the log
 * @throws what `loadConfig` and `App.start` throw
 */
export async function serve(
  flags: GivenFlags,
  build: { version: string; revision: string },
  warnings: readonly ExporterError[] = [],
): Promise<void> {
  let app: App | undefined;
  let log: Logger | undefined;
  let hangUp = false;
  let stopping = false;
  const hurry = new AbortController();
  handleSignals((signal) => {
    if (signal === 'SIGHUP') {
      hangUp = true;
      void app?.reload(() => loadConfig(flags, process.env));
      return;
    }
    log?.info({ signal }, 'stopping');
    // What is being started has counted nothing yet.
    if (!app) process.exit(0);
    // A second signal ends the lingering.
    if (stopping) hurry.abort();
    else void stop(app, log!, hurry.signal);
    stopping = true;
  });
  const config = loadConfig(flags, process.env);
  log = createLogger(config.log);
  for (const warning of warnings) logFault(log, warning);
  process.on(
    'uncaughtException',
    lastResort(log, () => app),
  );
  app = await App.start({
    config,
    clock: systemClock,
    log,
    build,
    environment: process.env,
    stdin: process.stdin,
  });
  void app.lost.then((error) => {
    logFault(log, error);
    process.exit(1);
  });
  const input = followedInputs(config).join(', ') || 'http';
  log.info(
    {
      input,
      address: app.addresses.map(addressText).join(', '),
      page: `${externalUrl(config.web, hostname())}/`,
      version: build.version,
    },
    'listening',
  );
  // One that came while it was starting may be of a file that was read before.
  if (hangUp) void app.reload(() => loadConfig(flags, process.env));
}

/** Ends the process: at once, or with `--web.linger` when scrapers have seen all counts. */
async function stop(app: App, log: Logger, hurry: AbortSignal): Promise<void> {
  const why = await app.linger((milliseconds) => pause(milliseconds, undefined, { signal: hurry }));
  if (why !== undefined) log.info({ why }, 'lingered');
  setTimeout(() => process.exit(1), STOP_LIMIT).unref();
  await app.stop();
  process.exit(0);
}

/**
 * For an unexpected error: after it only what was written before can be trusted. So it is said in
 * one line, the state is kept if it is whole, and the process ends; who started it starts it again.
 */
function lastResort(log: Logger, app: () => App | undefined): (error: unknown) => void {
  let ending = false;
  return (error) => {
    if (ending) return;
    ending = true;
    const { stack = String(error) } = error instanceof Error ? error : {};
    const [what, ...frames] = stack.split('\n');
    const at = frames.slice(0, FRAMES).map((frame) => frame.trim());
    log.fatal(
      { code: 'UNFORESEEN', error: what, stack: at.join(' < ') },
      'ending because of an unexpected error: please report it',
    );
    void (app()?.rescue() ?? Promise.resolve()).finally(() => process.exit(UNFORESEEN));
  };
}
