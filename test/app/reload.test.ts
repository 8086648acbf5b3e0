import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Reload } from '../../src/app/reload.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createScanner } from '../../src/event/scan/create.ts';
import { Intake } from '../../src/ledger/intake.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ledgerOptions } from '../../src/ledger/options.ts';
import { createLogger } from '../../src/log/log.ts';

const directory = mkdtempSync(join(tmpdir(), 'reload-'));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'config.yml');

function reloading(text: string) {
  writeFileSync(file, text);
  const config = loadConfig({ 'config.file': file }, {});
  const ledger = new Ledger(ledgerOptions(config));
  const scanner = createScanner(ledger.wanted, config.input.max_line_bytes);
  const clock = { now: () => 0, monotonic: () => 0 };
  const intake = new Intake({ ledger, clock, counted() {}, refused() {}, missed() {} }, scanner);
  const log = createLogger({ level: 'error', format: 'logfmt' }, () => undefined);
  const reload = new Reload({ config, ledger, intake, log, clock });
  return {
    intake,
    reload,
    async again(next: string) {
      writeFileSync(file, next);
      await reload.reload(() => loadConfig({ 'config.file': file }, {}));
    },
  };
}

test('a reload that asks for other fields brings another scanner; any other keeps the one that there is', async () => {
  const { intake, reload, again } = reloading('services: [{name: a, container: x}]');
  await reload.start();
  const first = intake.buffer;
  await again('services: [{name: b, container: y}]');
  assert.equal(intake.buffer, first);
  await again('services: [{name: b, namespace: y}]');
  assert.notEqual(intake.buffer, first);
});

test('services are taken though a rules file has faults', async () => {
  const rules = join(directory, 'rules.yaml');
  writeFileSync(rules, '- rule: A\n  priority: LOUD\n');
  const { intake, reload, again } = reloading(`rules: {file: ${rules}}`);
  await reload.start();
  assert.equal(reload.state.successful, false);
  const first = intake.buffer;
  await again(`rules: {file: ${rules}}\nservices: [{name: b, namespace: y}]`);
  assert.notEqual(intake.buffer, first);
  assert.equal(reload.state.successful, false);
});
