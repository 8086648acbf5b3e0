/** Where to listen, and where people find what listens. */
/** Where to listen. `host` undefined means all addresses. */
export interface Address {
  host: string | undefined;
  port: number;
}

/** What a route can be made of. */
export const ROUTE = /^[\w./~%-]*$/;

/** As it is written in a configuration. */
export function addressText({ host = '', port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `HOST:PORT`, `:PORT` or `[IPV6]:PORT`, as exporters write it; undefined if it is none. Port 0 asks for a free one. */
export function parseAddress(text: string): Address | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (!found || port > 65535) return undefined;
  return { host: found[1] ?? (found[2] || undefined), port };
}

/** In Prometheus's words, with its defaults and meaning. */
export interface Web {
  external_url?: string | undefined;
  route_prefix: string;
  listen_address: readonly Address[];
}

/**
 * The path below which everything is answered: "" or one like "/falco". Without `route_prefix` it is the path of
 * `external_url`.
 */
export function routePrefix({ external_url, route_prefix }: Omit<Web, 'listen_address'>): string {
  const path = route_prefix || (external_url === undefined ? '/' : new URL(external_url).pathname);
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `/${trimmed}`;
}

/** The address for people, without a slash at its end. Where none is configured: this machine's name and the port. */
export function externalUrl({ external_url, listen_address }: Web, hostname: string): string {
  if (external_url !== undefined) {
    const { origin, pathname } = new URL(external_url);
    return origin + pathname.replace(/\/+$/, '');
  }
  return `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${listen_address[0]?.port ?? 0}`;
}

/** Where to ask who listens there; all addresses are reached on loopback. */
export function reachable(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
