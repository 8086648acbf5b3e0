/** The page in a real Chromium. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Exporter } from '../../support/exporter.ts';
import {
  accessibilityFaults,
  Browsing,
  DESK,
  event,
  listed,
  overflows,
  PHONE,
  skip,
  text,
  until,
  untilCount,
  untilText,
  untilTrue,
} from '../../support/page.ts';

const browsing = new Browsing();
const input = browsing.path('events.json');
let exporter: Exporter;

before(async () => {
  if (!skip) exporter = await start(input);
});

async function start(file: string, port?: number): Promise<Exporter> {
  const started = await browsing.start(file, undefined, port);
  await started.ready();
  return started;
}

function open(t: TestContext, options: BrowserContextOptions & { at?: Exporter } = {}): Promise<Page> {
  const { at = exporter, ...rest } = options;
  return browsing.open(t, at, rest);
}

test('a line becomes a row by itself, and the numbers follow', { skip }, async (t) => {
  const page = await open(t);
  await untilText(page, '#live', /^Live\.$/);
  const written = performance.now();
  appendFileSync(input, event('First rule', 'Error', { service: 'shop' }));
  await until(page, ['First rule']);
  console.log(`on the page ${Math.round(performance.now() - written)} ms after its line`);
  assert.match(await text(page, '#list .event'), /error\s+shop\s+First rule\s+First rule happened/);
  await untilText(page, '#rules', /First rule\s+New\s+shop/);
});

test('filters by priority, service, rule and text; clearing shows all again', { skip }, async (t) => {
  const lines = [
    event('Shell', 'Critical', { service: 'db' }),
    event('Shell', 'Notice', { service: 'shop' }),
    event('Write', 'Warning', { service: 'db', fields: { 'fd.name': '/etc/UNUSUAL' } }),
  ];
  appendFileSync(input, lines.join(''));
  const page = await open(t);
  await until(page, ['Write', 'Shell', 'Shell']);
  const all = await listed(page);
  await page.selectOption('#by-priority', 'error');
  await untilCount(page, '#list .event:visible .rule:text-is("Write")', 0);
  await until(page, ['Shell']);
  await page.selectOption('#by-priority', 'warning');
  await page.selectOption('#by-service', 'db');
  assert.deepEqual(await listed(page), ['Write', 'Shell']);
  await page.selectOption('#by-rule', 'Write');
  assert.deepEqual(await listed(page), ['Write']);
  await page.fill('#by-text', 'no such text');
  assert.equal(await page.locator('#no-match').isVisible(), true);
  await page.click('#clear');
  await until(page, all);
  await page.fill('#by-text', '/etc/unusual');
  assert.deepEqual(await listed(page), ['Write']);
  // What comes while filters are set is filtered too.
  appendFileSync(input, event('Other', 'Error') + event('Write', 'Debug', { output: '/etc/unusual again' }));
  await until(page, ['Write', 'Write']);
});

test('by keyboard alone: skip link, pause, an event opened and copied', { skip }, async (t) => {
  const line = event('Copied', 'Error', { fields: { 'evt.time': 1 } }).replace(
    '"evt.time":1',
    '"evt.time":1795446157593751982',
  );
  appendFileSync(input, line);
  const page = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await until(page, ['Copied']);
  await page.keyboard.press('Tab');
  assert.equal(await page.locator(':focus').textContent(), 'Skip to the newest events');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.locator(':focus').getAttribute('id'), 'pause');
  await page.keyboard.press('Space');
  assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true');
  appendFileSync(input, event('While paused', 'Error'));
  await untilText(page, '#tally', /1 new since the pause/);
  assert.equal((await listed(page))[0], 'Copied');
  for (
    let tabs = 0;
    (await page.locator(':focus').evaluate(({ tagName }) => tagName)) !== 'SUMMARY';
    tabs++
  ) {
    assert.ok(tabs < 10);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#list .event').first().locator('details').getAttribute('open'), '');
  await page.locator('#list .event .copy').first().focus();
  await page.keyboard.press('Enter');
  await untilText(page, '.copy', /^Copied$/);
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), line.trim());
  await page.locator('#pause').focus();
  await page.keyboard.press('Enter');
  await until(page, ['While paused', 'Copied']);
});

test('what is being read stays where it is; what is new waits to be shown', { skip }, async (t) => {
  appendFileSync(input, event('Read', 'Error', { fields: { big: 12345 } }));
  const page = await open(t);
  await until(page, ['Read']);
  const first = page.locator('#list .event').first();
  await first.locator('summary').click();
  assert.match(await first.innerText(), /big\s+12345/);
  await page.mouse.move(0, 0);
  appendFileSync(input, event('Later', 'Error').repeat(3));
  await untilText(page, '#newer', /^3 new, show$/);
  assert.equal((await listed(page))[0], 'Read');
  await page.click('#newer');
  await until(page, ['Later', 'Later', 'Later', 'Read']);
  assert.equal(await page.locator('#list details[open]').count(), 1);
  // The window's title tells what is grave.
  await untilTrue(page, `/^\\(\\d+\\) (critical|error) · Falco events$/.test(document.title)`);
});

test('filters are chips, stand in the address, and Back takes the last one off', { skip }, async (t) => {
  const odd = `a&b=c"d ${'é'}`;
  appendFileSync(
    input,
    event('Chips', 'Warning', { service: odd, fields: { 'proc.name': 'nc=x', tags: 1 } }) +
      event('Chips', 'Warning', { service: 'plain', fields: { 'proc.name': 'sh' } }),
  );
  const page = await open(t);
  await until(page, ['Chips', 'Chips']);
  await page.goto(exporter.url(`/?${new URLSearchParams({ rule: 'Chips', service: odd })}`));
  await until(page, ['Chips']);
  await untilCount(page, '#list .event:visible', 1);
  await untilCount(page, '#chips button', 2);
  await page.locator('#list .event:visible summary').click();
  await page.locator('.only[data-value="proc.name=nc=x"]').click();
  await untilCount(page, '#chips button', 3);
  assert.match(page.url(), /field=proc\.name%3Dnc%3Dx/);
  await untilCount(page, '#list .event:visible', 1);
  await page.goBack();
  await untilCount(page, '#chips button', 2);
  await page.getByRole('button', { name: `remove the filter service ${odd}` }).click();
  await untilTrue(page, `document.querySelectorAll('#list .event').length === 2`);
  // A rule of the table narrows it by keyboard, without a new page.
  await page.evaluate('window.stays = 1');
  await page.locator('#services a.filter', { hasText: 'plain' }).first().press('Enter');
  await untilTrue(page, `document.querySelectorAll('#list .event').length === 1`);
  assert.equal(await page.evaluate('window.stays'), 1);
  await page.goto(exporter.url('/?rule=Chips&to=2020-01-01T00:00:00Z'));
  await page.locator('#no-match').waitFor();
});

test('hostile events run nothing and break no layout', { skip }, async (t) => {
  const hostile = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script></script></title></template><svg/onload=window.hacked=3>"'\`\u202egnp.exe\u202c\u0000\u001b[31m\u2028\u200b\n${'W'.repeat(3000)}${'\u0301'.repeat(200)}`;
  const lines = [
    event(hostile, 'Error', {
      output: hostile,
      service: hostile,
      fields: { [hostile]: hostile, nested: { a: [hostile] } },
    }),
    event('x'.repeat(2000), 'Error', { service: 'y'.repeat(2000) }),
    event('__proto__', 'constructor', { service: 'toString', fields: { __proto__: 1 } }),
    event('{{7*7}}', 'javascript:alert(1)', { service: '../../etc/passwd' }),
    `${event('After', 'Error').trim().replace('{', '{\r')}\n`,
  ];
  appendFileSync(input, lines.join(''));
  for (const viewport of [PHONE, DESK]) {
    const page = await open(t, { viewport });
    await until(page, ['After', '{{7*7}}', '__proto__']);
    for (const row of await page
      .locator('#list .event:visible summary')
      .all()
      .then((rows) => rows.slice(0, 5)))
      await row.click();
    await page.waitForTimeout(100);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await page.locator('main img, main script, main svg:not(.bars, .chart)').count(), 0);
    assert.deepEqual(await overflows(page), []);
    assert.doesNotMatch(await text(page, 'main'), /[\u202e\u0000\u001b\u200b]/);
    assert.match(await text(page, '#list'), /\\u202egnp\.exe/);
  }
});

test('without script it says what there is', { skip }, async (t) => {
  const page = await open(t, { javaScriptEnabled: false });
  assert.ok((await listed(page)).includes('First rule'));
  assert.equal(await page.locator('#filters').isVisible(), false);
  assert.match(await text(page, '#totals'), /error/);
});

test('before the first event it teaches; to readers elsewhere it says why there are none', {
  skip,
}, async (t) => {
  const quiet = await start(browsing.path('quiet.json'));
  const page = await open(t, { at: quiet });
  assert.match(await text(page, '#rules'), /json_output: true/);
  assert.match(await text(page, '#no-events'), /No event yet/);
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    assert.deepEqual(await overflows(page), []);
    assert.deepEqual(await accessibilityFaults(page), []);
  }
  const elsewhere = await open(t, { at: quiet, extraHTTPHeaders: { 'X-Forwarded-For': '10.0.0.1' } });
  assert.match(await text(elsewhere, '#events'), /--web\.allow-remote-events/);
});

test('an exporter that is gone is said to be gone, and one that comes back is followed again', {
  skip,
}, async (t) => {
  const file = browsing.path('gone.json');
  const gone = await start(file);
  appendFileSync(file, event('Before', 'Error'));
  const context = await browsing.browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(gone.url('/'));
  await until(page, ['Before']);
  await gone.end('SIGKILL');
  await page.getByText('trying again').waitFor();
  await page.getByText('does not answer').waitFor({ timeout: 15_000 });
  await start(file, gone.port);
  appendFileSync(file, event('After', 'Error'));
  await until(page, ['After']);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`no serious accessibility fault: ${colorScheme}`, { skip }, async (t) => {
    const page = await open(t, { colorScheme });
    await untilText(page, '#live', /^Live\.$/);
    await page.locator('#list .event summary').first().click();
    for (const viewport of [PHONE, DESK]) {
      await page.setViewportSize(viewport);
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.deepEqual(await overflows(page), []);
    }
  });
