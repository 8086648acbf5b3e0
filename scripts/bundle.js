/** Makes dist/: each program with all it needs in a few files, since loading hundreds takes most of a start. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { licenses } from './licenses.js';

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    main: 'src/main.ts',
    'demo/main': 'src/demo/main.ts',
    // A thread begins with a file; beside the code that starts it, as in src/.
    'bcrypt-thread': 'src/web/authentication/bcrypt-thread.js',
    'catalogue-thread': 'src/rules/catalogue-thread.js',
    'noise-thread': 'src/noise/noise-thread.js',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Some libraries are CommonJS and ask for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  // A third of all that libraries load is never used here: why, is said in those files.
  alias: {
    'body-parser': './scripts/instead/nothing.cjs',
    qs: './scripts/instead/nothing.cjs',
    '@opentelemetry/api': './scripts/instead/nothing.cjs',
    'mime-db': './scripts/instead/mime-db.cjs',
  },
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  logLevel: 'warning',
});
// What the code reads from beside itself, which is now dist/.
copyFileSync('src/event/scan/kernel.wasm', 'dist/kernel.wasm');
cpSync('src/web/page/static', 'dist/static', { recursive: true });
writeFileSync('dist/THIRD-PARTY-LICENSES', licenses(Object.keys(metafile.inputs)));
chmodSync('dist/main.js', 0o755);
writeFileSync('dist/falco-event-exporter.1', execFileSync(process.execPath, ['dist/main.js', 'manual']));
