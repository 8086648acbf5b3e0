/** --web.scrapers: which addresses belong to scrapers. */
import { BlockList, isIP } from 'node:net';

/** An address or a network, as the configuration has it. */
export interface KnownScraper {
  text: string;
  list: BlockList;
}

/** @returns undefined where it is neither `10.0.0.5` nor `10.0.0.0/8`, of IPv4 or IPv6 */
export function parseScraper(text: string): KnownScraper | undefined {
  const [address, prefix, ...more] = text.split('/') as [string, string?, ...string[]];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  if (family === 0 || more.length > 0) return undefined;
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix === undefined ? longest : Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return { text, list };
}

/** An address without what a socket for both families puts before it, and without its interface. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

/** The entry that has an address. */
export function knownScraper(known: readonly KnownScraper[], address: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  return known.find(({ list }) => list.check(address, family === 4 ? 'ipv4' : 'ipv6'))?.text;
}
