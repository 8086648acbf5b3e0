/** Environment variables that look like ours and are none: most likely misspelt. */
import { CONFIG_FILE_FLAG, environmentName, FLAGS } from '../config/flags.ts';
import { ExporterError } from '../errors.ts';
import { Nearest } from '../rules/names/nearest.ts';

const PREFIX = environmentName('');
const KNOWN = new Set([
  ...[CONFIG_FILE_FLAG, ...FLAGS.map(({ name }) => name)].map(environmentName),
  environmentName('revision'),
]);
/** Kubernetes and Docker's links set these for a service of our name. */
const SERVICE_LINK =
  /^(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|NAME|ENV_.*)$/;

/** One CONFIG_ENVIRONMENT for each, with the name that was most likely meant. It is a warning: the value has no effect. */
export function strangeVariables(environment: NodeJS.ProcessEnv): ExporterError[] {
  const known = new Nearest(KNOWN);
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.has(name))
    .filter((name) => !SERVICE_LINK.test(name.slice(PREFIX.length)))
    .sort()
    .map((name) => {
      const meant = known.find(name);
      return new ExporterError(
        'CONFIG_ENVIRONMENT',
        `the environment variable ${name} has no effect: there is no such flag`,
        { advice: meant ? `Did you mean ${meant}?` : 'falco-event-exporter --help lists the flags.' },
      );
    });
}
