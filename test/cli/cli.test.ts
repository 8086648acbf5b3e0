/** The command line: help, mistakes, and what is made from it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { strangeVariables } from '../../src/cli/environment.ts';
import { createProgram } from '../../src/cli/program.ts';
import { environmentName, FLAGS } from '../../src/config/flags.ts';
import { command, Exporter } from '../support/exporter.ts';

const MANUAL = fileURLToPath(new URL('../../dist/falco-event-exporter.1', import.meta.url));
const COMMANDS = ['check', 'count', 'noise', 'respond', 'health', 'completion', 'help'];

/** Exit code 2, and one error with its code. Returns what is said. */
async function refused(...words: string[]): Promise<string> {
  const { code, stderr, stdout } = await command(words);
  assert.deepEqual([code, stdout], [2, ''], stderr);
  assert.match(stderr, /\[CONFIG_FLAG\]/);
  return stderr;
}

test('-h, --help and help show the same; help COMMAND what COMMAND -h does', async () => {
  const [short, long, word] = await Promise.all([command(['-h']), command(['--help']), command(['help'])]);
  assert.equal(short.code, 0);
  for (const { name } of FLAGS) assert.ok(short.stdout.includes(`--${name} `), name);
  for (const name of COMMANDS) assert.match(short.stdout, new RegExp(`^ {2}${name} `, 'm'));
  assert.equal(long.stdout, short.stdout);
  assert.equal(word.stdout, short.stdout);
  for (const name of COMMANDS) {
    const [asked, own] = await Promise.all([command(['help', name]), command([name, '-h'])]);
    assert.deepEqual([asked.code, asked.stdout], [0, own.stdout]);
  }
});

test('help keeps within the width of the terminal, and within 80 columns without one', () => {
  for (const width of [undefined, 80, 120, 200]) {
    const program = createProgram({ version: '0', revision: 'none' });
    for (const one of [program, ...program.commands]) {
      let help = '';
      one.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => width ?? 80 });
      one.outputHelp();
      const longest = Math.max(...help.split('\n').map((line) => line.length));
      assert.ok(longest <= (width ?? 80), `${one.name()} at ${width}: ${longest}`);
    }
  }
});

test('a misspelt command, flag or value is told with what was meant', async () => {
  assert.match(await refused('chek'), /'chek'[\s\S]*\bcheck\?/);
  assert.match(await refused('cuont', '--since=1h', 'x'), /'cuont'[\s\S]*\bcount\?/);
  assert.match(await refused('help', 'chek'), /'chek'[\s\S]*\bcheck\?/);
  assert.match(await refused('nothing-like-it'), /'nothing-like-it'/);
  assert.match(await refused('--input.fiel=x'), /'--input\.fiel'[\s\S]*--input\.file\?/);
  assert.match(await refused('count', '--sinc=1h', 'x'), /'--sinc'[\s\S]*--since\?/);
  assert.match(await refused('count', '--output=xml', 'x'), /--output.*table, json or prometheus.*"xml"/);
  assert.match(await refused('completion', 'tcsh'), /SHELL.*bash, zsh or fish.*"tcsh"/);
});

test('no message has the words of a library', async () => {
  const wrong = [
    ['--web.max-requests=0'],
    ['--web.max-requests=many'],
    ['--web.max-requests=1.5'],
    ['--web.max-requests=20000'],
    ['--log.level=loud'],
    ['--input.http=perhaps'],
    ['--input.start='],
    ['--rules.file='],
    ['--input.file='],
    ['--web.listen-address=x'],
    ['--web.dashboards-url=x'],
    ['--web.config.file='],
    ['--state.dir'],
    ['count'],
    ['count', '--output=', 'x'],
    ['check', 'x'],
    ['completion'],
    ['noise', '--min-events=0', 'x'],
    ['noise', '--min-days=-1', 'x'],
  ];
  for (const words of wrong) {
    const said = await refused(...words);
    assert.doesNotMatch(
      said,
      /Too (small|big)|Invalid|received|expected (string|number|boolean)\b|argument|>=|<=|undefined/,
      words.join(' '),
    );
  }
});

test('a variable that looks like ours and is none is told; what Kubernetes sets is not', async (context) => {
  const variables = {
    FALCO_EVENT_EXPORTER_INPUT_FLIE: 'x',
    FALCO_EVENT_EXPORTER_SERVICE_HOST: '10.0.0.1',
    FALCO_EVENT_EXPORTER_SERVICE_PORT_METRICS: '9376',
    FALCO_EVENT_EXPORTER_PORT: 'tcp://10.0.0.1:9376',
    FALCO_EVENT_EXPORTER_PORT_9376_TCP_ADDR: '10.0.0.1',
    FALCO_EVENT_EXPORTER_REVISION: 'abc',
    ...Object.fromEntries(FLAGS.map(({ name }) => [environmentName(name), 'x'])),
  };
  const [strange, ...more] = strangeVariables(variables);
  assert.deepEqual([strange?.code, more], ['CONFIG_ENVIRONMENT', []]);
  assert.match(strange!.message, /FALCO_EVENT_EXPORTER_INPUT_FLIE/);
  assert.match(strange!.advice!, /FALCO_EVENT_EXPORTER_INPUT_FILE\?/);

  const env = { FALCO_EVENT_EXPORTER_WEB_HODL: '10s' };
  const exporter = await Exporter.start(['--input.file=/nowhere/events.json', '--state.dir='], { env });
  context.after(() => exporter.end());
  await exporter.logged(/FALCO_EVENT_EXPORTER_WEB_HODL.*CONFIG_ENVIRONMENT/);
  const { code, stderr } = await command(['check'], { env });
  assert.equal(code, 0);
  assert.match(stderr, /FALCO_EVENT_EXPORTER_WEB_HODL.*\[CONFIG_ENVIRONMENT\]/);
});

test('the manual page of the package names every flag, variable and command', () => {
  const page = readFileSync(MANUAL, 'utf8').replaceAll('\\-', '-');
  assert.match(page, /^\.TH FALCO-EVENT-EXPORTER 1 /);
  for (const { name } of FLAGS) {
    assert.ok(page.includes(`.B --${name}`), name);
    assert.ok(page.includes(`.B ${environmentName(name)}`), name);
  }
  for (const name of COMMANDS) assert.ok(page.includes(`.SS ${name}\n`), name);
  // A line that begins with a dot or a quote is a request; these are all that are used.
  const requests = [...page.matchAll(/^[.'](\w*)/gm)].map(([, request]) => request!);
  assert.deepEqual([...new Set(requests)].sort(), ['B', 'I', 'SH', 'SS', 'TH', 'TP', 'br']);
  const { error, stdout } = spawnSync('man', ['-l', MANUAL], { encoding: 'utf8' });
  if (!error) assert.match(stdout, /--web\.listen-address=HOST:PORT/);
});
