/** Fixtures in, the whole /metrics out, as text. To accept a change on purpose: UPDATE_GOLDEN=1 npm test */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Exporter, SCRAPE } from '../../support/exporter.ts';

const GOLDEN = new URL('../../fixtures/golden.metrics', import.meta.url);
const SHOP = new URL('../../../examples/recording/shop.log', import.meta.url);

/** What varies from run to run, replaced; Node's own metrics, left out, as they vary with its version. */
function comparable(text: string): string {
  const varying =
    /^(falco_exporter_(?:last_(?:line|look)_timestamp_seconds|config_last_reload_success_timestamp_seconds|snapshot_timestamp_seconds|web_connections(?:_limit)?(?= ))\S*) .*$/gm;
  return text
    .split(/\n(?=# HELP )/)
    .filter((family) => !/^# HELP (?:nodejs|process)_/.test(family))
    .map((family) => family.trim())
    .join('\n')
    .replaceAll(varying, '$1 VARIES')
    .replaceAll(SHOP.pathname, '/shop.log')
    .replace(/(falco_exporter_build_info)\{.*\}/, '$1{VARIES}')
    .concat('\n');
}

test('the whole of /metrics is as the golden file has it', async () => {
  const exporter = await Exporter.start([`--input.file=${SHOP.pathname}`, '--state.dir=']);
  await exporter.ready();
  const { body } = await exporter.get('/metrics', SCRAPE);
  await exporter.end();
  const found = comparable(body);
  if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, found);
  const golden = readFileSync(GOLDEN, 'utf8');
  // The lines that differ first, as the whole would hide them; then their order.
  const lines = { found: found.split('\n'), golden: golden.split('\n') };
  assert.deepEqual(
    {
      added: lines.found.filter((line) => !lines.golden.includes(line)),
      missing: lines.golden.filter((line) => !lines.found.includes(line)),
    },
    { added: [], missing: [] },
  );
  const moved = lines.found.findIndex((line, at) => line !== lines.golden[at]);
  assert.equal(
    lines.found[moved],
    lines.golden[moved],
    `the same lines in another order, from line ${moved + 1} on`,
  );
});
