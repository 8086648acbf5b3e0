/** What ships, laid out as it will lie there: the image's files without the image, and the package as npm installs it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies into a directory what the Dockerfile's last stage copies of ours, and nothing else.
 * @param into an empty directory, which stands for the image's root
 * @returns the program's path in it
 */
export function layImage(into: string): string {
  const stages = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split(/^FROM .*$/m);
  for (const [, words] of stages.at(-1)!.matchAll(/^COPY (.*)$/gm)) {
    const paths = words!.split(' ').filter((word) => !word.startsWith('--'));
    const target = paths.pop()!;
    const from = /--from=(\S+)/.exec(words!)?.[1];
    // Node itself and the system's files.
    if (from === 'root') continue;
    for (const path of paths) {
      // Node's compiled form of the same code: it can do without.
      if (path === '/app/cache') continue;
      const source = from === 'build' ? path.replace(/^\/app\//, '') : path;
      const to = target.endsWith('/') ? join(into, target, basename(path)) : join(into, target);
      mkdirSync(join(to, '..'), { recursive: true });
      cpSync(join(ROOT, source), to, { recursive: true });
    }
  }
  return join(into, 'app/dist/main.js');
}

/** Packs the package as `npm publish` would, and installs it into an empty directory. @returns the program's path */
export function installPackage(into: string): string {
  const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8' });
  const [packed] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', `--pack-destination=${into}`], ROOT),
  );
  writeFileSync(join(into, 'package.json'), '{}');
  npm(
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', `./${packed.filename}`],
    into,
  );
  return join(into, 'node_modules/.bin/falco-event-exporter');
}
