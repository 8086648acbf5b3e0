/** `serve`: the exporter as a process, from its configuration to its signals. */
import { App } from './app.ts';
import { systemClock } from './clock.ts';
import { type GivenFlags, loadConfig } from './config/load.ts';
import { followedInput } from './config/schema.ts';
import { createLogger, logFault } from './log.ts';

/** A stop that takes longer is cut off; milliseconds. */
const STOP_LIMIT = 4800;

/**
 * Runs until a signal ends it; SIGHUP reads configuration and rules again.
 * @throws what `loadConfig` and `App.start` throw
 */
export async function serve(flags: GivenFlags, build: { version: string; revision: string }): Promise<void> {
  const config = loadConfig(flags, process.env);
  const log = createLogger(config.log);
  const app = await App.start({
    config,
    clock: systemClock,
    log,
    build,
    environment: process.env,
    stdin: process.stdin,
    fatal: (error) => {
      logFault(log, error);
      process.exit(1);
    },
  });
  log.info({ input: followedInput(config) ?? 'http', port: app.port, version: build.version }, 'listening');
  const stop = async (signal: string) => {
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_LIMIT).unref();
    await app.stop();
    process.exit(0);
  };
  process.on('SIGHUP', () => void app.reload(() => loadConfig(flags, process.env)));
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
}
