/** The page's styles, scripts and icons: small files of our own, read once and served from memory. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const STATIC = new URL('./static/', import.meta.url);
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Asset {
  /** Below the page. */
  path: string;
  type: string;
  body: Buffer;
}

export const ASSETS: readonly Asset[] = ['', 'script/'].flatMap((folder) =>
  readdirSync(new URL(folder, STATIC))
    .filter((name) => extname(name) in TYPES)
    .map((name) => ({
      path: `/${folder}${name}`,
      type: TYPES[extname(name)]!,
      body: readFileSync(new URL(folder + name, STATIC)),
    })),
);
