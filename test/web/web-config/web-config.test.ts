import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ExporterError } from '../../../src/errors.ts';
import { loadWebConfig } from '../../../src/web/web-config/web-config.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/web/', import.meta.url));

function faults(file: string): ExporterError[] {
  try {
    loadWebConfig(file);
  } catch (error) {
    assert.ok(error instanceof AggregateError);
    return error.errors as ExporterError[];
  }
  return [];
}

// A fixture says in its first lines which faults it holds: "# expect: CODE line:column".
for (const name of readdirSync(FIXTURES)) {
  test(name, () => {
    const file = `${FIXTURES}${name}`;
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# expect: (\w+) (\d+:\d+)$/gm)];
    assert.equal(expected.length > 0, name.endsWith('.bad.yml'));
    assert.deepEqual(
      faults(file).map(({ code, place }) => `${code} ${place?.line}:${place?.column}`),
      expected.map(([, code, place]) => `${code} ${place}`),
    );
  });
}

test('what the file says is what is used', () => {
  const config = loadWebConfig(`${FIXTURES}users.good.yml`);
  assert.deepEqual([...config.users.keys()], ['alice', 'bob', 'carol']);
  assert.deepEqual(config.rateLimit, { interval: 1000, burst: 20 });
  assert.equal(config.headers['X-Frame-Options'], 'sameorigin');
  assert.equal(config.tls, undefined);
  assert.equal(loadWebConfig(`${FIXTURES}nousers.good.yml`).rateLimit, undefined);
});

test('no message repeats a value, which may be a secret', () => {
  for (const fault of faults(`${FIXTURES}password.bad.yml`))
    assert.doesNotMatch(fault.describe(), /secret-in-clear|AXyV0/);
});

test('a user may be called anything, and is asked for a password', () => {
  const { users } = loadWebConfig(`${FIXTURES}names.good.yml`);
  assert.deepEqual([...users.keys()], ['__proto__', 'constructor', '1', 'true', 'null', '']);
  assert.equal(users.get('toString'), undefined);
});

test('values mean what they mean to Go', () => {
  const { headers, rateLimit } = loadWebConfig(`${FIXTURES}words.good.yml`);
  assert.deepEqual(headers, {
    'Content-Security-Policy': "default-src 'self';  img-src *",
    'Strict-Transport-Security': '0010',
    'X-Frame-Options': '',
    'X-XSS-Protection': 'Ã¼',
  });
  assert.deepEqual(rateLimit, { interval: 1.5, burst: 8 });
});

test('a file that is not there', () => {
  assert.deepEqual(
    faults('/nowhere/web.yml').map(({ code }) => code),
    ['WEB_CONFIG_FILE'],
  );
});
