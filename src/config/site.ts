/** Where the exporter's own address begins, as people and proxies see it; in Prometheus's words, defaults and meaning. */
import type { Config } from './schema.ts';

type Web = Pick<Config['web'], 'external_url' | 'route_prefix' | 'listen_address'>;

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
