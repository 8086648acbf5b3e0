import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environmentName, FLAGS } from '../../src/config/flags.ts';
import { loadConfig } from '../../src/config/load.ts';
import { followedInputs } from '../../src/config/schema.ts';
import type { ExporterError } from '../../src/errors.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/config/', import.meta.url));

function faults(flags: Record<string, string>, environment: NodeJS.ProcessEnv = {}): ExporterError[] {
  try {
    loadConfig(flags, environment);
  } catch (error) {
    assert.ok(error instanceof AggregateError);
    return error.errors as ExporterError[];
  }
  return [];
}

test('with no configuration the defaults of the contract stand', () => {
  const config = loadConfig({}, {});
  assert.deepEqual(followedInputs(config), ['/var/log/falco/events.json']);
  assert.equal(config.input.start, 'beginning');
  assert.deepEqual(config.web.listen_address, [{ host: undefined, port: 9376 }]);
  assert.equal(config.web.telemetry_path, '/metrics');
  assert.equal(config.web.hold, 30_000);
  assert.equal(config.series_limit, 10_000);
});

test('flags win over the environment, that over the file', () => {
  const file = `${FIXTURES}whole.good.yml`;
  const variable = { FALCO_EVENT_EXPORTER_WEB_HOLD: '20s', FALCO_EVENT_EXPORTER_CONFIG_FILE: file };
  assert.equal(loadConfig({ 'config.file': file }, {}).web.hold, 10_000);
  assert.equal(loadConfig({}, variable).web.hold, 20_000);
  assert.equal(loadConfig({ 'web.hold': '1m30s' }, variable).web.hold, 90_000);
});

test('a switch stands alone, with its word, in the environment and in the file', () => {
  assert.equal(loadConfig({ 'input.http': 'true' }, {}).input.http, true);
  assert.equal(loadConfig({}, { FALCO_EVENT_EXPORTER_INPUT_HTTP: 'true' }).input.http, true);
  assert.equal(
    loadConfig({ 'input.http': 'false' }, { FALCO_EVENT_EXPORTER_INPUT_HTTP: 'true' }).input.http,
    false,
  );
  assert.equal(faults({ 'input.http': 'perhaps' })[0]?.code, 'CONFIG_FLAG');
  assert.deepEqual(followedInputs(loadConfig({ 'input.http': 'true' }, {})), []);
  assert.deepEqual(followedInputs(loadConfig({ 'input.http': 'true', 'input.file': '-' }, {})), ['-']);
});

test('every flag stands in the file and in the environment', () => {
  for (const { name, path } of FLAGS) {
    assert.match(environmentName(name), /^FALCO_EVENT_EXPORTER_[A-Z0-9_]+$/);
    let at: unknown = loadConfig({ 'config.file': `${FIXTURES}whole.good.yml` }, {});
    for (const key of path) at = (at as Record<string, unknown>)[key];
    assert.notEqual(at, undefined, name);
  }
});

// A fixture says in its first lines which faults it holds: "# expect: CODE line:column".
for (const name of readdirSync(FIXTURES)) {
  test(name, () => {
    const file = `${FIXTURES}${name}`;
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# expect: (\w+) (\w+):(\w+)$/gm)];
    assert.equal(expected.length > 0, name.endsWith('.bad.yml'));
    const found = faults({ 'config.file': file }).map(
      ({ code, place }) => `${code} ${place?.line}:${place?.column}`,
    );
    assert.deepEqual(
      found,
      expected.map(([, code, line, column]) => `${code} ${line}:${column}`),
    );
  });
}

test('a fault in a flag or a variable names it', () => {
  const [flag] = faults({ 'web.hold': 'soon' });
  assert.equal(flag?.code, 'CONFIG_FLAG');
  assert.match(flag.message, /--web\.hold/);
  const [variable] = faults({}, { FALCO_EVENT_EXPORTER_LOG_LEVEL: 'loud' });
  assert.equal(variable?.code, 'CONFIG_ENVIRONMENT');
  assert.match(variable.message, /FALCO_EVENT_EXPORTER_LOG_LEVEL/);
});

test('switches and numbers come as text from flags and variables', () => {
  assert.equal(loadConfig({ 'web.disable-events': 'true' }, {}).web.disable_events, true);
  const variables = {
    FALCO_EVENT_EXPORTER_WEB_DISABLE_EVENTS: 'true',
    FALCO_EVENT_EXPORTER_WEB_MAX_REQUESTS: '7',
  };
  assert.equal(loadConfig({ 'web.disable-events': 'false' }, variables).web.disable_events, false);
  assert.equal(loadConfig({}, variables).web.disable_events, true);
  assert.equal(loadConfig({}, variables).web.max_requests, 7);
  for (const [flag, text] of [
    ['web.disable-events', 'yes'],
    ['web.max-requests', 'many'],
    ['web.max-requests', '1.5'],
    ['web.dashboards-url', 'javascript:alert(1)'],
  ] as const)
    assert.deepEqual(
      faults({ [flag]: text }).map(({ code }) => code),
      ['CONFIG_FLAG'],
    );
});

test('a file that is far too large is refused, and of one that is something else not each line is told', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'config-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'large.yml');
  const told = (text: string) => {
    writeFileSync(file, text);
    return faults({ 'config.file': file });
  };
  const keys = (count: number, key: string) =>
    Array.from({ length: count }, (_, i) => `${key}${i}: 1\n`).join('');
  const [large, ...more] = told(keys(50_000, 'some-key'));
  assert.deepEqual([large?.code, more.length], ['CONFIG_FILE', 0]);
  assert.match(large!.message, /512 KiB/);
  assert.deepEqual(
    told(keys(10_000, 'key')).map(({ code, place }) => `${code} ${place?.line}`),
    Array.from({ length: 50 }, (_, i) => `CONFIG_UNKNOWN_KEY ${i + 1}`),
  );
  assert.equal(told(`labels:\n${keys(10_000, '  9')}`).length, 50);
  assert.equal(told(`services:\n${'  - {nam: a}\n'.repeat(5000)}`).length, 50);
  assert.equal(told('a: 1\n'.repeat(1000)).length, 50);
});

test('a file that is not there, and one that is a directory', () => {
  assert.deepEqual(
    [faults({ 'config.file': '/nowhere.yml' }), faults({ 'config.file': FIXTURES })]
      .flat()
      .map(({ code }) => code),
    ['CONFIG_FILE', 'CONFIG_FILE'],
  );
});
