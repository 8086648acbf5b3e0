/**
 * `health` where no configuration file says where to ask, and where that is answered without TLS. It runs every few
 * seconds, all day long, and most of what it took was loading the schema, YAML, the command line's parser and node:http.
 */
import { connect } from 'node:net';
import { parseAddress, ROUTE, reachable, routePrefix, type Web } from './config/address.ts';
import { CONFIG_FILE_FLAG, environmentName } from './config/flags.ts';

/** A health check's own limit is mostly 3 to 5 s. Milliseconds, for each of two tries. */
export const PATIENCE = 1200;
/** Longest answer; what we say is short. Characters. */
const MOST = 16_384;
/** Who asks for a password, or for fewer requests, lives. */
export const ALIVE: ReadonlySet<number> = new Set([200, 401, 429]);
const STATUS = /^HTTP\/1\.1 (\d{3}) /;

const NAMES = ['web.listen-address', 'web.external-url', 'web.route-prefix'] as const;
/** Narrower than what a configuration may have. */
const PLAIN_URL = /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./~-]*)?$/;

/**
 * Where to ask. What other variables say is nothing to it: the exporter has looked at them when it started.
 * @param args what follows `health`
 * @returns undefined where that takes more than is done here, if only to say what is wrong
 */
export function plainlyAsked(args: readonly string[], environment: NodeJS.ProcessEnv): Web | undefined {
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

/** @returns whether it lives; false: not, or that takes more to tell */
export function livesPlainly(web: Web): Promise<boolean> {
  const { host, port } = web.listen_address[0]!;
  return new Promise((resolve) => {
    const socket = connect({ host: reachable(host), port, timeout: PATIENCE });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('connect', () =>
      socket.write(
        `GET ${routePrefix(web)}/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      ),
    );
    socket.on('data', (piece: string) => {
      answer += piece;
      if (answer.length > MOST) socket.destroy();
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(ALIVE.has(Number(STATUS.exec(answer)?.[1]))));
  });
}
