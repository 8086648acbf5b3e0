/** Who asks for /metrics, and for which view: by what authentication has proven, and by the connection. Headers prove nothing. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Client } from '../metrics/scrapes.ts';
import type { Authentication } from './authentication/authentication.ts';

/** Prometheus servers, and agents that speak like them, send this with each scrape. */
const SCRAPE_HEADER = 'x-prometheus-scrape-timeout-seconds';
/** Longest User-Agent that tells scrapers at one address apart, in characters. */
const MOST_AGENT = 100;

/**
 * @param request one that authentication has let in
 * @returns undefined where it asks for a view that there isn't
 */
export function clientOf(request: IncomingMessage, authentication: Authentication): Client | undefined {
  const view = viewOf(request);
  if (view === undefined) return undefined;
  const { socket, headers } = request;
  return {
    view,
    user: authentication.config.users.size > 0 ? userOf(headers.authorization) : undefined,
    certificate: authentication.proves(socket) ? certificateOf(socket as TLSSocket) : undefined,
    address: socket.remoteAddress ?? '',
    agent: (headers['user-agent'] ?? '').slice(0, MOST_AGENT),
    connection: socket,
  };
}

/** `?view=shown` is for scrapers that can't send the header, `?view=counted` for people who send it by hand. */
function viewOf(request: IncomingMessage): Client['view'] | undefined {
  const asked = new URLSearchParams(request.url?.split('?', 2)[1]).getAll('view');
  if (asked.length === 0) return request.headers[SCRAPE_HEADER] === undefined ? 'counted' : 'shown';
  const [view, ...more] = asked;
  return more.length === 0 && (view === 'shown' || view === 'counted') ? view : undefined;
}

/** The name in Basic credentials. */
function userOf(authorization: string | undefined): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded, 'base64').toString().split(':', 1)[0];
}

/** The subject of a client certificate that a configured CA vouches for: it stays when the certificate is renewed. */
function certificateOf(socket: TLSSocket): string {
  return JSON.stringify(socket.getPeerCertificate().subject);
}
