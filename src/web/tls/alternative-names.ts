/** Subject alternative names: those that Go compares. */
import { isIPv6 } from 'node:net';

const KINDS = /^(?:DNS|email|IP Address|URI)$/;

/** The names in OpenSSL's text form: `DNS:a.example, IP Address:10.0.0.1`; odd ones are quoted, as JSON. */
export function alternativeNames(text: string): string[] {
  const names: string[] = [];
  for (const [, kind, value] of text.matchAll(/(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy))
    if (KINDS.test(kind!))
      names.push(canonical(value!.startsWith('"') ? (JSON.parse(value!) as string) : value!));
  return names;
}

/** IPv6 addresses have many spellings, and OpenSSL's is its own. */
export function canonical(name: string): string {
  return isIPv6(name) && !name.includes('%') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
