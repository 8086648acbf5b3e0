/** The field's words: those that were ours once and have one of Prometheus's, Falco's or Filebeat's don't come back. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../compose/compose.ts';

const OLD = /\b(?:kin|kinship|heads|proofs?|told|news|whoever asks)\b/i;
const PLACES = ['src', 'docs', '*.md', 'falco/*.md', 'secrets/*.md', 'examples/**/*.md'];

test('the old words are in no source, document or help text', () => {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...PLACES], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const files = stdout
    .split('\n')
    .filter((file) => /\.(?:ts|js|cjs|css|md)$/.test(file) && file !== 'CHANGELOG.md');
  assert.ok(files.length > 200);
  const found = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (OLD.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
  assert.deepEqual(found, []);
});
