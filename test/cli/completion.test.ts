/** The completion scripts, in the shells that they are for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SHELLS, type Shell } from '../../src/cli/described/describe.ts';
import { command, temporary } from '../support/exporter.ts';
import { without } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = temporary();
after(() => directory.remove());

async function script(shell: Shell): Promise<string> {
  const { code, stdout } = await command(['completion', shell]);
  assert.equal(code, 0);
  const file = join(directory.path, shell);
  writeFileSync(file, stdout);
  return file;
}

function run(shell: Shell, text: string): string {
  const { stdout, stderr } = spawnSync(shell, ['-c', text], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout;
}

/** What is typed, word for word as bash splits it, and what is offered. */
const TYPED: [words: string[], offered: string[]][] = [
  [['ch'], ['check']],
  [[''], ['check', 'count', 'noise', 'respond', 'health', 'completion', 'help']],
  [['--web.ho'], ['--web.hold=']],
  [['--log.level', '=', 'w'], ['warn']],
  [
    ['--input.start', '='],
    ['beginning', 'end'],
  ],
  [['check', '--rules.file', '=', 'falco/falco_rules.l'], ['falco/falco_rules.local.yaml']],
  [['check', '--form'], ['--format=']],
  [['count', '--output', 'j'], ['json']],
  [['count', 'READ'], ['README.md']],
  [['completion', ''], [...SHELLS]],
  [
    ['help', 'co'],
    ['count', 'completion'],
  ],
  [['--state.dir', '=', 'falc'], ['falco']],
];

for (const shell of SHELLS)
  test(`the script for ${shell} is one that it reads`, { skip: without(shell) }, async () => {
    const { status, stderr } = spawnSync(shell, ['-n', await script(shell)], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });

test('bash completes commands, flags, values and files', { skip: without('bash') }, async () => {
  const file = await script('bash');
  for (const [words, offered] of TYPED) {
    const list = ['falco-event-exporter', ...words].map((word) => `'${word}'`).join(' ');
    const said = run(
      'bash',
      `source ${file}; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _falco_event_exporter; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    assert.deepEqual(said.trim().split('\n'), offered, words.join(' '));
  }
});

test('fish completes commands, flags, values and files', { skip: without('fish') }, async () => {
  const file = await script('fish');
  for (const [words, offered] of TYPED) {
    const line = words.join(' ').replace(/ = ?/, '=').replace('--output ', '--output=');
    const said = run('fish', `source ${file}; complete -C 'falco-event-exporter ${line}'`);
    const found = said
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]!.replace(/^--[\w.-]+=|\/$/g, ''));
    const wanted = offered.map((one) => one.replace(/=$/, ''));
    assert.deepEqual(found.sort(), wanted.sort(), line);
  }
});
