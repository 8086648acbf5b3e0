/** The page in a real Chromium. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Exporter, pause, temporary } from '../../support/exporter.ts';

const CHROMIUM = '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1440, height: 900 };

const skip = withoutChromium();
const directory = temporary();
const input = join(directory.path, 'events.json');
let browser: Browser;
let exporter: Exporter;
const exporters: Exporter[] = [];

before(async () => {
  if (skip) return;
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  exporter = await start(input);
});
after(async () => {
  await browser?.close();
  await Promise.all(exporters.map((each) => each.end('SIGKILL')));
  directory.remove();
});

function withoutChromium(): string | false {
  if (existsSync(CHROMIUM)) return false;
  if (process.env.CI) throw new Error(`${CHROMIUM} is missing, and CI installs it`);
  return 'Chromium is not installed';
}

async function start(file: string, port?: number): Promise<Exporter> {
  writeFileSync(file, '', { flag: 'a' });
  const started = await Exporter.start(
    [`--input.file=${file}`, '--state.dir='],
    port === undefined ? {} : { port },
  );
  exporters.push(started);
  await started.ready();
  return started;
}

function event(
  rule: string,
  priority: string,
  more: { output?: string; service?: string; fields?: object } = {},
): string {
  const { output = `${rule} happened`, service = 'web', fields = {} } = more;
  const time = new Date().toISOString().replace('Z', '000000Z');
  return `${JSON.stringify({ output, output_fields: { 'container.name': service, ...fields }, priority, rule, time })}\n`;
}

/** Opens the page; the test fails if anything in it does, or is stopped by the policy. */
async function open(t: TestContext, options: BrowserContextOptions & { at?: Exporter } = {}): Promise<Page> {
  const { at = exporter, ...rest } = options;
  const context = await browser.newContext({ viewport: DESK, ...rest });
  t.after(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(at.url('/'))) faults.push(`asked ${request.url()}`);
  });
  t.after(() => assert.deepEqual(faults, []));
  await page.goto(at.url('/'));
  return page;
}

// What runs in the page stands as text: the types of its world are not ours.

/** As a reader sees it. */
function text(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector}').innerText`);
}

/** Asks again and again: to wait inside the page takes eval, which its policy forbids. */
async function untilTrue(page: Page, expression: string): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!(await page.evaluate(expression))) {
    assert.ok(Date.now() < limit, `not in 20 s: ${expression}`);
    await pause(20);
  }
}

function untilText(page: Page, selector: string, wanted: RegExp): Promise<void> {
  return untilTrue(page, `${wanted}.test(document.querySelector('${selector}').innerText)`);
}

/** Rules of the listed events that are not filtered out, newest first. */
function listed(page: Page): Promise<string[]> {
  return page.locator('#list .event:visible .rule').allTextContents();
}

/** Waits until these are the newest listed. */
function until(page: Page, rules: string[]): Promise<void> {
  const newest = `[...document.querySelectorAll('#list .event:not([hidden]) .rule')].slice(0, ${rules.length})`;
  return untilTrue(
    page,
    `JSON.stringify(${newest}.map((row) => row.textContent)) === ${JSON.stringify(JSON.stringify(rules))}`,
  );
}

/** Whether the page is wider than its window, and what is. */
async function overflows(page: Page): Promise<string[]> {
  return page.evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 80))`);
}

/** What axe-core finds that is serious or worse. */
async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`);
}

test('a line becomes a row by itself, and the numbers follow', { skip }, async (t) => {
  const page = await open(t);
  await untilText(page, '#live', /^Live\.$/);
  const written = performance.now();
  appendFileSync(input, event('First rule', 'Error', { service: 'shop' }));
  await until(page, ['First rule']);
  console.log(`on the page ${Math.round(performance.now() - written)} ms after its line`);
  assert.match(await text(page, '#list .event'), /error\s+shop\s+First rule\s+First rule happened/);
  await untilText(page, '#rules', /First rule\s+shop/);
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
  assert.equal((await listed(page)).includes('Write'), false);
  assert.equal((await listed(page))[0], 'Shell');
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
  await untilText(page, '#news', /^3 new, show$/);
  assert.equal((await listed(page))[0], 'Read');
  await page.click('#news');
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
  assert.equal((await listed(page)).length, 1);
  const chips = page.locator('#chips button');
  assert.equal(await chips.count(), 2);
  await page.locator('#list .event:visible summary').click();
  await page.locator('.only[data-field="proc.name=nc=x"]').click();
  assert.equal(await chips.count(), 3);
  assert.match(page.url(), /field=proc\.name%3Dnc%3Dx/);
  assert.equal((await listed(page)).length, 1);
  await page.goBack();
  assert.equal(await chips.count(), 2);
  await page.getByRole('button', { name: `remove the filter service ${odd}` }).click();
  await untilTrue(page, `document.querySelectorAll('#list .event:not([hidden])').length === 2`);
  // A rule of the table narrows it by keyboard, without a new page.
  await page.evaluate('window.stays = 1');
  await page.locator('#services a.filter', { hasText: 'plain' }).first().press('Enter');
  await untilTrue(page, `document.querySelectorAll('#list .event:not([hidden])').length === 1`);
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
    assert.equal(await page.locator('main img, main script, main svg:not(.bars)').count(), 0);
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
  const quiet = await start(join(directory.path, 'quiet.json'));
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
  const file = join(directory.path, 'gone.json');
  const gone = await start(file);
  appendFileSync(file, event('Before', 'Error'));
  const context = await browser.newContext();
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
