import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ExporterError } from '../../../src/errors.ts';
import { loadWebConfig } from '../../../src/web/web-config/web-config.ts';
import { temporary } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';
import { CASES } from './toolkit-cases.ts';
import { makeFiles } from './toolkit-files.ts';

const skip = without('openssl');
const directory = temporary();

before(() => {
  if (!skip) makeFiles(directory.path);
});
after(() => directory.remove());

function faults(text: string): ExporterError[] {
  const file = join(directory.path, 'web.yml');
  writeFileSync(file, text);
  try {
    loadWebConfig(file);
  } catch (error) {
    assert.ok(error instanceof AggregateError, `${JSON.stringify(text)}: ${String(error)}`);
    for (const fault of error.errors) assert.ok(fault instanceof ExporterError);
    return error.errors as ExporterError[];
  }
  return [];
}

test('what exporter-toolkit accepts and refuses is accepted and refused, but where the table says why not', {
  skip,
}, () => {
  for (const [text, toolkit, ours] of CASES) {
    const found = faults(text);
    const differs = (found.length === 0 ? 'good' : 'bad') !== toolkit;
    assert.equal(differs, ours !== undefined, `${JSON.stringify(text)}: ${found.map(String).join('; ')}`);
    for (const { place } of found) assert.ok(place?.line !== undefined, JSON.stringify(text));
  }
});

test('no fault repeats what may be a secret: not of broken YAML, of keys, of names of files', () => {
  const secret = 'S3cretS3cretS3cretS3cretS3cretS3cretS3cretS3cret/x';
  const hash = `$2y$10$${secret}abc`;
  for (const text of [
    `basic_auth_users:\n  alice: ${hash}\n bob\n`,
    `basic_auth_users:\n  alice: "${hash}\n`,
    `basic_auth_users:\n  alice: ${hash}" x: y\n`,
    `basic_auth_users:\n  alice: "${hash}" ${secret}\n`,
    `basic_auth_users:\n  alice: *${secret}\n`,
    `basic_auth_users:\n  alice: !${secret} x\n`,
    `basic_auth_users:\n  alice: "\\q${secret}"\n`,
    `basic_auth_users: {alice:${hash}}\n`,
    `basic_auth_users: {"${hash}": ${secret}}\n`,
    `basic_auth_users: ${hash}\n`,
    `${hash}\n`,
    `${hash}: 1\n`,
    `"${secret}": 1\n"${secret}": 2\n`,
    `tls_server_config:\n  cert_file: ${secret}\n  key_file: ${secret}\n`,
    `tls_server_config:\n  cert: ${secret}\n  key: ${secret}\n  client_ca: ${secret}\n  client_auth_type: ${secret}\n`,
    `tls_server_config:\n  cipher_suites: [${secret}]\n  curve_preferences: ${secret}\n  min_version: ${secret}\n`,
    `http_server_config:\n  http2: ${secret}\n  headers:\n    X-Frame-Options: ${secret}\n`,
    `rate_limit:\n  interval: ${secret}\n  burst: ${secret}\n`,
    `a: ${secret}\n--- ${secret}\n`,
  ]) {
    const found = faults(text);
    assert.notEqual(found.length, 0, text);
    for (const fault of found)
      assert.doesNotMatch(`${fault.describe()}`, /S3cret/, `${JSON.stringify(text)}: ${fault.describe()}`);
  }
});

test('a file of fifty thousand keys is read, and refused, at once', () => {
  const keys = Array.from({ length: 50_000 }, (_, at) => `k${at}: x\n`).join('');
  const found = faults(keys);
  assert.ok(found.length > 0 && found.length <= 100);
  assert.equal(faults(`basic_auth_users:\n${keys.replaceAll('k', '  k')}`)[0]?.code, 'WEB_CONFIG_TYPE');
});
