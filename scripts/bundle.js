/** Makes dist/: each program with all it needs in a few files, since loading hundreds takes most of a start. */
import { chmodSync, copyFileSync, cpSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts', 'src/demo/main.ts'],
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
  logLevel: 'warning',
});
// What the code reads from beside itself, which is now dist/.
copyFileSync('src/event/kernel.wasm', 'dist/kernel.wasm');
cpSync('src/web/page/static', 'dist/static', { recursive: true });
chmodSync('dist/main.js', 0o755);
