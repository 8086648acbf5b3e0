/** The page's view of noise: what the command proposes, of the files that the built exporter follows. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { command } from '../../support/exporter.ts';
import {
  accessibilityFaults,
  Browsing,
  DESK,
  event,
  overflows,
  PHONE,
  skip,
  text,
} from '../../support/page.ts';

const browsing = new Browsing();
const DAY = 86_400_000;
const HOSTILE = `<img src=x onerror="window.hacked=1">\u202egnp.exe\u0000</pre><script>window.hacked=2</script>`;

/** @param days ago */
function health(days: number): string {
  const fields = {
    'proc.exepath': '/usr/bin/curl',
    'proc.cmdline': 'curl -fsS http://localhost:8050/health',
    'proc.pname': 'runc',
  };
  return event('Health check', 'Notice', { fields, time: Date.now() - days * DAY }).repeat(30);
}

const ATTACK = event('Health check', 'Notice', {
  fields: { 'proc.exepath': '/tmp/curl', 'proc.cmdline': HOSTILE, 'proc.pname': 'sh' },
});

/** The look is under way at first, and the page asks again by itself. */
async function look(page: Page): Promise<void> {
  await page.locator('#sum-heading').waitFor();
}

test('what the command proposes stands on the page, of the live file and its rotated ones', {
  skip,
}, async (t) => {
  const file = browsing.path('events.json');
  writeFileSync(file, health(0) + ATTACK + event(HOSTILE, 'Warning', { service: HOSTILE }).repeat(3));
  writeFileSync(`${file}.1`, health(1) + event('Grave', 'Critical').repeat(40));
  writeFileSync(`${file}.2.gz`, gzipSync(health(2)));
  const exporter = await browsing.start(file);
  await exporter.ready();
  const page = await browsing.open(t, exporter, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('link', { name: 'Noise' }).click();
  await look(page);
  assert.match(await text(page, '#sum-heading'), /silence 90 of 134 events \(67\.2 %\)/);
  assert.match(await text(page, '.rules'), /Health check[\s\S]*would silence 90; 1 stay/);
  assert.match(await text(page, '.rules'), /Grave[\s\S]*nothing of priority critical is silenced/);

  const files = ['.2.gz', '.1', ''].map((end) => file + end);
  const proposed = (await command(['noise', '--output=rules', ...files])).stdout;
  assert.match(proposed, /normal_work_/);
  assert.doesNotMatch(proposed, /\/tmp|onerror/);
  assert.equal(await page.evaluate("document.getElementById('yaml').textContent"), proposed);
  await page.locator('#copy-yaml').press('Enter');
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), proposed);

  for (const summary of await page.locator('.rules summary').all()) await summary.press('Enter');
  assert.match(await text(page, '.rules'), /\\u202egnp\.exe/);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of [PHONE, DESK]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      assert.deepEqual(await overflows(page), []);
      assert.deepEqual(await accessibilityFaults(page), []);
    }
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.equal(await page.locator('main img, main script').count(), 0);

  await page.getByRole('link', { name: 'Health check' }).click();
  await page.locator('#chips button').waitFor();
  assert.match(page.url(), /\/\?rule=Health\+check$/);
});

test('it is for those who may see events, and says why where there is nothing', { skip }, async (t) => {
  const exporter = await browsing.start(browsing.path('none.json'));
  await exporter.ready();
  const page = await browsing.open(t, exporter, { path: '/noise' });
  await page.getByText('No events to look at').waitFor();
  const headers = { 'X-Forwarded-For': '10.0.0.1' };
  for (const path of ['/noise', '/api/noise'])
    assert.equal((await fetch(exporter.url(path), { headers })).status, 403);
  assert.doesNotMatch(await (await fetch(exporter.url('/'), { headers })).text(), /href="noise"/);
});

test('without script a look can be asked for again', { skip }, async (t) => {
  const file = browsing.path('plain.json');
  writeFileSync(file, health(0) + health(1));
  const exporter = await browsing.start(file);
  await exporter.ready();
  const page = await browsing.open(t, exporter, { path: '/noise', javaScriptEnabled: false });
  while ((await page.locator('#sum-heading').count()) === 0)
    await page.getByRole('link', { name: 'look again' }).click();
  assert.match(await page.locator('#yaml').innerText(), /normal_work_/);
  assert.equal(await page.locator('#copy-yaml').isVisible(), false);
});
