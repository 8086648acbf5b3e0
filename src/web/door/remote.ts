/** Who may see and send events where no users are configured: this machine alone. */
import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { hostname } from 'node:os';

/** What proxies add: a request with one of them comes from elsewhere, whatever its connection says. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Whether a request was made on this machine. The name asked for counts too, since a web page elsewhere can have its
 * own name resolved to 127.0.0.1 and its visitor's browser ask us.
 */
export function isFromHere(request: IncomingMessage): boolean {
  if (PROXY_HEADERS.some((name) => request.headers[name] !== undefined)) return false;
  return isLoopback(request.socket.remoteAddress ?? '') && isOurName(request.headers.host ?? '');
}

function isLoopback(address: string): boolean {
  const v4 = address.replace(/^::ffff:/i, '');
  return address === '::1' || (isIPv4(v4) && v4.startsWith('127.'));
}

function isOurName(host: string): boolean {
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name === hostname().toLowerCase() || isLoopback(name);
}
