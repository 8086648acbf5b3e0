/** Who may see and send events if no users are configured: this machine alone. */
import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { hostname } from 'node:os';

/**
 * What proxies, load balancers and content networks add to what they pass on: how the names begin. A request with one of
 * them comes from elsewhere, whatever its connection says. Browsers, curl and Falco send none of them.
 */
const PROXY_HEADERS = new RegExp(
  `^(?:${[
    ...['forwarded', 'via', 'max-forwards', 'client-ip', 'true-client', 'proxy-', 'wl-proxy', 'front-end'],
    ...['cf-', 'cdn-', 'fastly-', 'fly-', 'akamai-', 'incap-', 'do-connecting', 'surrogate-'],
    ...['traceparent', 'tracestate', 'b3$', 'uber-trace'],
    ...['forwarded', 'original', 'real', 'client', 'cluster', 'remote', 'envoy', 'proxy', 'request-id'].map(
      x,
    ),
    ...['request-start', 'scheme', 'host', 'server', 'url-', 'ssl', 'tls', 'https', 'rewrite', 'backend'].map(
      x,
    ),
    ...['amzn', 'amz-cf', 'azure', 'arr', 'ms-', 'appengine', 'cloud', 'goog', 'gateway', 'varnish'].map(x),
    ...['b3', 'ot-', 'akamai', 'sucuri', 'vercel', 'nf-', 'iisnode', 'nginx', 'haproxy'].map(x),
  ].join('|')})`,
);

function x(name: string): string {
  return `x-${name}`;
}

/**
 * Whether a request was made on this machine. The name asked for counts too, since a web page elsewhere can have its
 * own name resolved to 127.0.0.1 and its visitor's browser ask us.
 */
export function isFromHere(request: IncomingMessage): boolean {
  const { headers, socket, httpVersion } = request;
  if (httpVersion === '1.0' || isOfNginx(request)) return false;
  if (Object.keys(headers).some((name) => PROXY_HEADERS.test(name))) return false;
  return isLoopback(socket.remoteAddress ?? '') && isOurName(headers.host ?? '');
}

/**
 * nginx adds nothing unless it is configured to. It speaks HTTP/1.0, as nobody else does today, or where it is configured to
 * speak 1.1 it writes these two first, and what its client said behind them.
 */
function isOfNginx({ rawHeaders = [] }: IncomingMessage): boolean {
  const [host, connection, close] = [rawHeaders[0], rawHeaders[2], rawHeaders[3]].map((text) =>
    text?.toLowerCase(),
  );
  return host === 'host' && connection === 'connection' && close === 'close' && rawHeaders.length > 4;
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
  // The system is asked for its name last: that takes longer than all the rest.
  return name === 'localhost' || isLoopback(name) || name === hostname().toLowerCase();
}
