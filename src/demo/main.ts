/** `npm start`: the exporter over a recording of a real Falco, for a first look. It needs nothing else. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildInfo } from '../build.ts';
import { serve } from '../commands.ts';
import { environmentName } from '../config/flags.ts';
import { ExporterError } from '../errors.ts';
import { Player } from './player.ts';
import { program } from './program.ts';

const RECORDING = fileURLToPath(new URL('../../examples/recording/shop.log', import.meta.url));
const RULES = fileURLToPath(new URL('../../falco/falco_rules.local.yaml', import.meta.url));
const LISTEN_ADDRESS = 'web.listen-address';

const directory = mkdtempSync(join(tmpdir(), 'falco-event-exporter-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const output = join(directory, 'events.json');
writeFileSync(output, '');

try {
  const address = listenAddress();
  await serve(
    {
      'input.file': output,
      'rules.file': [RULES],
      'state.dir': join(directory, 'state'),
      [LISTEN_ADDRESS]: address,
      'log.level': 'warn',
    },
    buildInfo(process.env),
  );
  const player = new Player({
    program: program(readFileSync(RECORDING, 'utf8').trimEnd().split('\n')),
    output,
    firstRunEnded: (lines) =>
      process.stdout.write(
        `The recording is over: ${lines} lines. From now on there is an event every few seconds, and an attack every few minutes.\n`,
      ),
  });
  player.start();
  const url = `http://${address.replace(/^:/, 'localhost:')}`;
  process.stdout.write(`A recording of a real Falco is played for half a minute, as if it happened now.

  page      ${url}/
  metrics   ${url}/metrics
  the file  ${output}

Ctrl-C ends it. To follow your own Falco, let it write JSON to a file, and run:

  node dist/main.js --input.file=/var/log/falco/events.json

`);
} catch (error) {
  const faults: unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const fault of faults)
    process.stderr.write(`${fault instanceof ExporterError ? advised(fault).describe() : String(fault)}\n`);
  process.exit(1);
}

/** From `npm start -- --web.listen-address=…`, else from the environment. */
function listenAddress(): string {
  const standard = process.env[environmentName(LISTEN_ADDRESS)] ?? '127.0.0.1:9376';
  try {
    const { values } = parseArgs({ options: { [LISTEN_ADDRESS]: { type: 'string', default: standard } } });
    return values[LISTEN_ADDRESS] as string;
  } catch (error) {
    throw new ExporterError('CONFIG_FLAG', `npm start takes --${LISTEN_ADDRESS} alone`, {
      advice: 'For all else run node dist/main.js: see its --help.',
      cause: error,
    });
  }
}

/** With advice that works here. */
function advised(fault: ExporterError): ExporterError {
  if (fault.code !== 'WEB_ADDRESS_IN_USE') return fault;
  return new ExporterError(fault.code, fault.message, {
    advice: `Choose another: npm start -- --${LISTEN_ADDRESS}=127.0.0.1:9377`,
    cause: fault,
  });
}
