/** Where to listen. `host` undefined means all addresses. */
export interface Address {
  host: string | undefined;
  port: number;
}

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
