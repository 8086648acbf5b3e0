/**
 * What protection a reload would take away. An empty, half-written or shrunken file must not open what was closed: the
 * file must take away each protection in words, by its key with a value.
 */

import type { TlsSource } from '../tls/tls.ts';
import type { WebConfig } from './web-config.ts';

export interface Loss {
  what: string;
  /** How the file may say that this is meant. */
  say: string;
}

type Rules = Omit<TlsSource, 'cert' | 'key'>;

/** Each protection that `next` would take away without saying so. */
export function takenAway(now: WebConfig, next: WebConfig): Loss[] {
  const losses: Loss[] = [];
  const lost = (what: string, keys: readonly string[], say: string) => {
    if (!keys.some((key) => next.said.has(key))) losses.push({ what, say });
  };
  if (now.users.size > 0 && next.users.size === 0)
    lost('users', ['basic_auth_users'], 'basic_auth_users: {}');
  if (now.rateLimit && !next.rateLimit)
    lost('the rate limit', ['rate_limit', 'rate_limit.interval'], 'rate_limit: {}');
  if (now.tls && !next.tls) lost('TLS', ['tls_server_config'], 'tls_server_config: {}');
  if (now.tls && next.tls) losses.push(...ofHandshakes(now.tls.rules, next.tls.rules, next.said));
  return losses;
}

function ofHandshakes(now: Rules, next: Rules, said: ReadonlySet<string>): Loss[] {
  const asks = next.clientAuth !== 'NoClientCert';
  const authority = ['client_ca_file', 'client_ca'];
  const lost: [boolean, string, string[], string][] = [
    [
      !asks && now.clientAuth !== next.clientAuth,
      'client certificates',
      ['client_auth_type'],
      'NoClientCert',
    ],
    [verifiesBy(next) === 'system' && verifiesBy(now) === 'given', "the clients' authority", authority, '""'],
    [
      asks && now.allowedSans !== undefined && next.allowedSans === undefined,
      "the list of clients' names",
      ['client_allowed_sans'],
      'null',
    ],
    [now.minVersion > next.minVersion, 'the lowest TLS version', ['min_version'], next.minVersion],
    [isList(now.cipherSuites) && !isList(next.cipherSuites), 'the list of ciphers', ['cipher_suites'], '[]'],
    [isList(now.curves) && !isList(next.curves), 'the list of curves', ['curve_preferences'], '[]'],
  ];
  return lost
    .filter(([is, , keys]) => is && !keys.some((key) => said.has(`tls_server_config.${key}`)))
    .map(([, what, [key], value]) => ({ what, say: `${key}: ${value}` }));
}

function verifiesBy({ clientAuth, clientCa }: Rules): 'given' | 'system' | undefined {
  if (!clientAuth.includes('Verify')) return undefined;
  return clientCa === undefined ? 'system' : 'given';
}

function isList(list: readonly string[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
