/** Errors that nobody foresaw, injected into the real process: by a file that Node loads before ours. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Exporter, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const SERIES = 'falco_events_total{rule="R",service="web",priority="error"}';
const line = () =>
  `${JSON.stringify({
    time: '2026-11-23T14:11:55.137513955Z',
    rule: 'R',
    priority: 'Error',
    output_fields: { 'container.name': 'web' },
  })}\n`;

/** @param fault code that makes it happen once `armed` exists */
async function injected(name: string, fault: string) {
  const at = (file: string) => join(directory.path, `${name}.${file}`);
  const [input, state, module, armed] = ['json', 'state', 'mjs', 'armed'].map(at) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(
    module,
    `import { existsSync } from 'node:fs'; const ARMED = ${JSON.stringify(armed)};\n${fault}`,
  );
  writeFileSync(input, line());
  const args = [`--input.file=${input}`, `--state.dir=${state}`, '--log.format=json'];
  const exporter = await Exporter.start(args, { env: { NODE_OPTIONS: `--import=${pathToFileURL(module)}` } });
  await exporter.ready();
  return {
    exporter,
    args,
    input,
    snapshot: join(state, 'snapshot.json'),
    arm: () => writeFileSync(armed, ''),
  };
}

function told(exporter: Exporter): Record<string, string> {
  const lines = exporter.log
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, string>);
  const fatal = lines.filter(({ level }) => level === 'fatal');
  assert.equal(fatal.length, 1, 'it is said once, in one line');
  assert.equal(fatal[0]!.code, 'UNFORESEEN');
  return fatal[0]!;
}

for (const [what, fault] of [
  ['an exception', 'throw new Error("injected")'],
  ['a rejection', 'void Promise.reject(new Error("injected"))'],
] as const)
  test(`${what} that nobody catches: the state is kept, one line, exit 70`, async () => {
    const { exporter, args, input, snapshot, arm } = await injected(
      what,
      `setInterval(() => { if (existsSync(ARMED)) ${fault}; }, 20).unref();`,
    );
    appendFileSync(input, line());
    await exporter.until((metrics) => metrics.get(SERIES) === 2);
    appendFileSync(input, line());
    // Counted, and in no snapshot yet: nobody scrapes.
    while ((await exporter.get('/api/summary')).body.includes('"count":3') === false);
    const before = readFileSync(snapshot, 'utf8');
    arm();
    assert.equal(await exporter.ended(), 70);
    const fatal = told(exporter);
    assert.match(fatal.error!, /injected/);
    assert.match(fatal.stack!, /at /);
    assert.notEqual(readFileSync(snapshot, 'utf8'), before, 'what was counted is kept');
    const again = await Exporter.start(args);
    await again.ready();
    assert.equal((await again.metrics()).get(SERIES), 3);
    await again.end();
  });

test('an exception in the middle of counting: the last good snapshot stays, and nothing is counted twice', async () => {
  // Called for each event, when its count is already made.
  const { exporter, args, input, snapshot, arm } = await injected(
    'counting',
    `const max = Math.max; Math.max = (...numbers) => {
       if (existsSync(ARMED) && new Error().stack.includes('observe')) throw new Error('injected');
       return max(...numbers);
     };`,
  );
  appendFileSync(input, line());
  await exporter.until((metrics) => metrics.get(SERIES) === 2);
  const before = readFileSync(snapshot, 'utf8');
  arm();
  appendFileSync(input, line());
  assert.equal(await exporter.ended(), 70);
  told(exporter);
  assert.equal(readFileSync(snapshot, 'utf8'), before);
  const again = await Exporter.start(args);
  await again.ready();
  assert.equal((await again.metrics()).get(SERIES), 3);
  await again.end();
});
