/**
 * What the documents tell people to type, typed: each command ends well and says something, where the documents say that
 * it is run (on a host that has its programs in containers only, or where they are installed); each PromQL query has an
 * answer from a Prometheus that scrapes two exporters. What can't be run here stands in not-run.ts with the reason.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { query } from '../prometheus/program.ts';
import { without } from '../support/programs.ts';
import { type Block, type Command, queries, shellBlocks } from './blocks.ts';
import { NOT_RUN } from './not-run.ts';
import { SUPERUSER, withoutPostgres } from './stack/postgres.ts';
import { Stack } from './stack/stack.ts';

/** Where the reader has the programs on the host. */
const INSTALLED = ['README.md', 'docs/commands.md', 'docs/configuration.md', 'docs/deployment.md'];
/** What says nothing when all is well. */
const SILENT = /^(cd|umask|mkdir|chmod|\(umask) |^\w+=\S+$|^echo .*>>| sh -c true$| health$/;
/** The exporter itself, which goes on until it is ended. */
const SERVES = /^(\w+=\S+ )*(node dist\/main\.js|falco-event-exporter)( --|$)/;

const runs = ({ text }: Command) => !NOT_RUN.some(([command]) => command.test(text));

/** Runs the commands of a block one after another in one shell. */
async function typed(stack: Stack, block: Block): Promise<void> {
  const results = mkdtempSync(join(stack.directory, '.results-'));
  const commands = block.commands.filter(runs);
  const script = commands.map(({ text }, at) => {
    const command = stack.here(text);
    const to = `>"${results}/${at}.out" 2>"${results}/${at}.err" </dev/null`;
    if (!SERVES.test(command)) return `{ ${command}\n} ${to}; echo $? >"${results}/${at}.code"`;
    const listens = `until grep -q listening "${results}/${at}.err"; do kill -0 $! || break; sleep 0.05; done`;
    return `{ exec env FALCO_EVENT_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 FALCO_EVENT_EXPORTER_STATE_DIR= ${command}
} ${to} & ${listens}; kill $!; wait $!; echo $? >"${results}/${at}.code"`;
  });
  const shell = spawn('bash', ['-o', 'pipefail', '-c', script.join('\n')], {
    cwd: stack.directory,
    env: stack.environment(INSTALLED.includes(block.file)),
    stdio: 'ignore',
  });
  await once(shell, 'exit');
  for (const [at, command] of commands.entries()) {
    const read = (what: string) => {
      const file = `${results}/${at}.${what}`;
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    answered(command, read('code').trim(), read('out'), read('err'));
  }
}

function answered({ file, line, text, fails }: Command, code: string, out: string, err: string): void {
  const said = `${file}:${line}: ${text}\n${out.slice(-2000)}${err.slice(-2000)}`;
  if (fails !== undefined) {
    assert.ok(code !== '0' && (out + err).includes(fails), `it should fail with "${fails}": ${code} ${said}`);
    return;
  }
  assert.equal(code, '0', said);
  if (SILENT.test(text)) return;
  const written = /(?<![2&])>\s*([\w./-]+)$/m.exec(text.replace(/ 2>.*$/m, ''))?.[1];
  if (written === undefined) assert.notEqual(out + err, '', `it says nothing: ${said}`);
  if (written !== undefined || !/ (-s|query) .*\/api\/(events|v1\/query)/.test(text)) return;
  const { events, data } = JSON.parse(out) as { events?: unknown[]; data?: { result?: unknown[] } };
  for (const list of [events, data?.result])
    if (list) assert.notEqual(list.length, 0, `it is empty: ${said}`);
}

describe("the documents' commands", {
  skip:
    without('prometheus') ||
    without('prometheus-alertmanager') ||
    without('promtool') ||
    without('amtool') ||
    without('jq') ||
    withoutPostgres(),
}, () => {
  const stack = new Stack();
  /** What an intruder with the leaked password has open. */
  let session: Promise<number | null>;
  before(async () => {
    await stack.start();
    const leaked = readFileSync(`${stack.directory}/secrets/dashboard_password.example`, 'utf8').trim();
    session = stack.postgres.ask('dashboard', leaked, 'select pg_sleep(600)');
  });
  after(() => stack.close());

  const blocks = shellBlocks();
  for (const file of new Set(blocks.map((block) => block.file)))
    test(file, async () => {
      for (const block of blocks.filter((one) => one.file === file)) await typed(stack, block);
    });

  // After docs/incident-response.md was followed to the letter, above.
  test('containment ends the sessions of the leaked role, changes its password and no other, and writes it nowhere', async () => {
    const { postgres } = stack;
    const old = readFileSync(`${stack.directory}/secrets/dashboard_password.example`, 'utf8').trim();
    const now = readFileSync(`${stack.directory}/secrets/dashboard_password.new`, 'utf8').trim();
    assert.notEqual(await session, 0);
    assert.notEqual(await postgres.ask('dashboard', old, 'select 1'), 0);
    assert.equal(await postgres.ask('dashboard', now, 'select count(*) from orders'), 0);
    assert.equal(await postgres.ask('postgres', SUPERUSER, 'select 1'), 0);
    assert.match(postgres.log, /CREATE TABLE/, 'the log has such statements');
    assert.ok(!postgres.log.includes(now));
    assert.match(readFileSync(`${stack.directory}/.env`, 'utf8'), /^DASHBOARD_PASSWORD_FILE=.*\.new$/m);
  });

  test('every query has an answer with two exporters', async () => {
    for (const { file, line, expr } of queries()) {
      // Names of other exporters, which stand in the other column.
      const answer = await query(stack.prometheus, expr).catch((error) =>
        assert.fail(`${file}:${line}: ${error}`),
      );
      assert.notEqual(answer.length, 0, `${file}:${line}: ${expr}: nothing`);
    }
  });
});

test('every kind of command that is not run is in a document', () => {
  const all = shellBlocks().flatMap(({ commands }) => commands);
  for (const [command, reason] of NOT_RUN)
    assert.ok(
      all.some(({ text }) => command.test(text)),
      reason,
    );
  // And most are run.
  assert.ok(all.filter(runs).length > 0.6 * all.length, `${all.filter(runs).length} of ${all.length}`);
});
