/** `respond`: the responder as a process, from its configuration to its signals. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../clock.ts';
import { addressText } from '../config/address.ts';
import { type GivenFlags, loadConfig } from '../config/load.ts';
import { followedInputs } from '../config/schema.ts';
import { ExporterError } from '../errors.ts';
import { createLogger, type Logger, logFault } from '../log/log.ts';
import { handleSignals } from '../signals.ts';
import { ResponderApp } from './app.ts';
import { loadPolicy, readToken } from './policy/load.ts';

/** A stop that takes longer is cut off; milliseconds. */
const STOP_LIMIT = 4800;
/** Exit code of an error that nobody foresaw: EX_SOFTWARE of sysexits.h. */
const UNFORESEEN = 70;

/**
 * Runs until a signal ends it; SIGHUP reads the policy and the token again.
 * @param warnings of the command line and the environment, for the log
 * @throws what `loadConfig`, `loadPolicy` and `ResponderApp.start` throw
 */
export async function respond(
  policyFile: string,
  flags: GivenFlags,
  build: { version: string; revision: string },
  warnings: readonly ExporterError[] = [],
): Promise<void> {
  let app: ResponderApp | undefined;
  let log: Logger | undefined;
  let hangUp = false;
  const load = () => {
    const policy = loadPolicy(policyFile);
    return { policy, token: readToken(policy) };
  };
  handleSignals((signal) => {
    if (signal === 'SIGHUP') {
      hangUp = true;
      app?.reload(load);
      return;
    }
    log?.info({ signal }, 'stopping');
    if (!app) process.exit(0);
    setTimeout(() => process.exit(1), STOP_LIMIT).unref();
    void app.stop().then(() => process.exit(0));
  });
  const loaded = loadConfig(flags, process.env);
  // Events come from files alone: what is posted could be anybody's.
  const config = { ...loaded, input: { ...loaded.input, http: false } };
  const { policy, token } = load();
  const logger = createLogger(config.log);
  log = logger;
  for (const warning of warnings) logFault(logger, warning);
  const lost = (error: unknown) => end(logger, error);
  process.on('uncaughtException', lost);
  app = await ResponderApp.start({
    ...{ config, policy, token, build, lost, clock: systemClock, log: logger, own: ownContainer() },
    environment: process.env,
    stdin: process.stdin,
  });
  const { acts, per } = policy.budget;
  logger.info(
    {
      ...{ input: followedInputs(config).join(', '), address: addressText(app.address) },
      ...{ dry_run: policy.dry_run, responses: policy.responses.length, version: build.version },
      budget: `${acts} in ${per / 60_000}m`,
    },
    policy.dry_run ? 'listening; dry run: nothing is done but looking' : 'listening',
  );
  // One that came while it was starting may be of a file that was read before.
  if (hangUp) app.reload(load);
}

/** What is known may not be on the disk: the next process begins from what is. */
function end(log: Logger, error: unknown): never {
  if (error instanceof ExporterError) {
    logFault(log, error);
    process.exit(1);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.fatal(
    { code: 'UNFORESEEN', error: stack.split('\n').slice(0, 7).join(' < ') },
    'ending because of an error that nobody foresaw: please report it',
  );
  process.exit(UNFORESEEN);
}

/** Docker names a container's host after its id, and mounts files from a directory of its id. */
function ownContainer(): string[] {
  const own = /^[0-9a-f]{12,64}$/.test(hostname()) ? [hostname()] : [];
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const [, id] = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)/.exec(mounts) ?? [];
    if (id !== undefined) own.push(id);
  } catch {
    // No Linux.
  }
  return own;
}
