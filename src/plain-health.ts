/**
 * `health` where no configuration file says where to ask. It runs every few seconds, all day long, and most of what it
 * took was loading the schema, YAML and the command line's parser.
 */
import { parseAddress, ROUTE } from './config/address.ts';
import { CONFIG_FILE_FLAG, environmentName } from './config/flags.ts';
import type { Asked } from './health.ts';

const NAMES = ['web.listen-address', 'web.external-url', 'web.route-prefix'] as const;
/** Narrower than what a configuration may have. */
const PLAIN_URL = /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./~-]*)?$/;

/**
 * Where to ask. What other variables say is nothing to it: the exporter has looked at them when it started.
 * @param args what follows `health`
 * @returns undefined where that takes more than is done here, if only to say what is wrong
 */
export function plainlyAsked(args: readonly string[], environment: NodeJS.ProcessEnv): Asked | undefined {
  if (environment[environmentName(CONFIG_FILE_FLAG)]) return undefined;
  const flags = new Map<string, string>();
  for (const arg of args) {
    const [, name = '', text = ''] = /^--([a-z.-]+)=(.*)$/s.exec(arg) ?? [];
    if (!(NAMES as readonly string[]).includes(name) || flags.has(name)) return undefined;
    flags.set(name, text);
  }
  const [listen = ':9376', url, prefix = ''] = NAMES.map(
    (name) => flags.get(name) ?? environment[environmentName(name)],
  );
  // Of several the first is asked.
  const address = parseAddress(flags.has('web.listen-address') ? listen : listen.split(',')[0]!);
  if (!address || !ROUTE.test(prefix) || (url !== undefined && !PLAIN_URL.test(url))) return undefined;
  return { listen_address: [address], route_prefix: prefix, external_url: url };
}
