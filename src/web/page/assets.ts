/** The page's style, script and icon: small files of our own, read once and served from memory. */
import { readFileSync } from 'node:fs';

export const ASSETS = [
  { path: '/style.css', type: 'text/css; charset=utf-8', body: read('style.css') },
  { path: '/script.js', type: 'text/javascript; charset=utf-8', body: read('script.js') },
  { path: '/icon.svg', type: 'image/svg+xml', body: read('icon.svg') },
] as const;

function read(name: string): Buffer {
  return readFileSync(new URL(`./static/${name}`, import.meta.url));
}
