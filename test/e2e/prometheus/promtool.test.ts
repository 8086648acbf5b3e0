import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';

const SHOP = new URL('../../../examples/recording/shop.log', import.meta.url);

test('promtool finds nothing to say about /metrics', { skip: without('promtool') }, async () => {
  const exporter = await Exporter.start([`--input.file=${SHOP.pathname}`, '--state.dir=']);
  await exporter.ready();
  const { body } = await exporter.get('/metrics');
  await exporter.end();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: body,
    encoding: 'utf8',
  });
  assert.deepEqual({ status, said: stdout + stderr }, { status: 0, said: '' });
});
