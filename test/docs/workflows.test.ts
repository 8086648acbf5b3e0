/** What GitHub runs: its files parse, hold no secret, and name fixed versions. actionlint checks the rest in CI. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../compose/compose.ts';

const WORKFLOWS = join(ROOT, '.github/workflows');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('workflows hold no secret, and name a version of each action', () => {
  for (const name of readdirSync(WORKFLOWS)) {
    const text = readFileSync(join(WORKFLOWS, name), 'utf8');
    assert.doesNotMatch(text, /secrets\./, name);
    assert.ok(parse(text).permissions, `${name}: permissions`);
    for (const [, action] of text.matchAll(/uses: (\S+)/g))
      assert.match(action!, /^\.\/|@v\d+|^docker:\/\/.*:\d+\.\d+\.\d+$/, `${name}: ${action}`);
  }
});

test('the version is the same wherever it stands', () => {
  const { version } = JSON.parse(read('package.json'));
  const places = ['Dockerfile', 'docker-compose.yml', 'examples/compose/docker-compose.yml'].concat([
    'examples/kubernetes/falco-values.yaml',
    'docs/deployment.md',
  ]);
  for (const path of places) {
    const found = [
      ...read(path).matchAll(/(?:falco-event-exporter:|ARG VERSION=|tag: )v?(\d+\.\d+\.\d+)\b/g),
    ];
    assert.ok(found.length > 0, path);
    for (const [, said] of found) assert.equal(said, version, path);
  }
});
