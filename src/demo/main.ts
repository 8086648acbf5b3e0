/** `npm start`: the exporter over a recording of a real Falco, for a first look. It needs nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInfo } from '../build.ts';
import { serve } from '../commands.ts';
import { ExporterError } from '../errors.ts';
import { Player } from './player.ts';

const RECORDING = fileURLToPath(new URL('../../examples/recording/shop.log', import.meta.url));
const ADDRESS = process.env.FALCO_EVENT_EXPORTER_WEB_LISTEN_ADDRESS ?? '127.0.0.1:9376';

const directory = mkdtempSync(join(tmpdir(), 'falco-event-exporter-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const output = join(directory, 'events.json');
writeFileSync(output, '');

try {
  await serve(
    {
      'input.file': output,
      'state.dir': join(directory, 'state'),
      'web.listen-address': ADDRESS,
      'log.level': 'warn',
    },
    buildInfo(process.env),
  );
  const player = new Player({
    recording: RECORDING,
    output,
    linesPerSecond: 25,
    ended: (lines) =>
      process.stdout.write(`The recording is over: ${lines} lines were played. Ctrl-C ends.\n`),
  });
  player.start();
  process.stdout.write(`A recording of a real Falco is being played for about half a minute, its times moved to now.

  page      http://${ADDRESS}/
  metrics   http://${ADDRESS}/metrics
  the file  ${output}

Ctrl-C ends it. To follow your own Falco instead, with file_output or stdout_output as JSON:

  node dist/main.js --input.file=/var/log/falco/events.json

`);
} catch (error) {
  process.stderr.write(`${error instanceof ExporterError ? error.describe() : String(error)}\n`);
  process.exit(1);
}
