/** The headers that exporter-toolkit's configuration may set. */
import type { Section } from './go-yaml.ts';

/** By name, with the values that there are where not every one is allowed. */
const HEADERS = new Map<string, readonly string[] | undefined>([
  ['Content-Security-Policy', undefined],
  ['Strict-Transport-Security', undefined],
  ['X-Content-Type-Options', ['nosniff']],
  ['X-Frame-Options', ['deny', 'sameorigin']],
  ['X-XSS-Protection', undefined],
]);

/** Of `http_server_config`; we speak HTTP/1.1, whatever `http2` says. */
export function readHeaders(section: Section): Record<string, string> {
  section.flag('http2', true);
  const names = [...HEADERS.keys()];
  const headers = section.section('headers', names);
  const found: Record<string, string> = {};
  for (const name of names) {
    if (!headers.has(name)) continue;
    const allowed = HEADERS.get(name);
    // Go's server does the same with line breaks and sends the bytes of UTF-8.
    const text = headers
      .text(name)
      .replace(/[\r\n]/g, ' ')
      .trim();
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) headers.wrong(name, 'expected text that a header can hold');
    else if (allowed && !allowed.includes(text) && !(text === '' && headers.says(name)))
      headers.wrong(name, `expected one of ${allowed.join(', ')}`);
    else if (headers.says(name)) found[name] = Buffer.from(text, 'utf8').toString('latin1');
  }
  return found;
}
