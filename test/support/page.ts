/** The page in a real Chromium: what its tests have in common. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Exporter, pause, temporary } from './exporter.ts';

const CHROMIUM = '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

export const skip = withoutChromium();

function withoutChromium(): string | false {
  if (existsSync(CHROMIUM)) return false;
  if (process.env.CI) throw new Error(`${CHROMIUM} is missing, and CI installs it`);
  return 'Chromium is not installed';
}

/** A browser and exporters, for one file of tests. */
export class Browsing {
  readonly #directory = temporary();
  readonly #exporters: Exporter[] = [];
  #browser: Browser | undefined;

  constructor() {
    before(async () => {
      if (skip) return;
      this.#browser = await chromium.launch({
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
    });
    after(async () => {
      await this.#browser?.close();
      await Promise.all(this.#exporters.map((each) => each.end('SIGKILL')));
      this.#directory.remove();
    });
  }

  get browser(): Browser {
    return this.#browser!;
  }

  /** A file or directory of this file of tests. */
  path(name: string): string {
    return join(this.#directory.path, name);
  }

  /** Starts an exporter that follows a file, which is made if it isn't there. */
  async start(file: string, args: string[] = ['--state.dir='], port?: number): Promise<Exporter> {
    writeFileSync(file, '', { flag: 'a' });
    const options = port === undefined ? {} : { port };
    const started = await Exporter.start([`--input.file=${file}`, ...args], options);
    this.#exporters.push(started);
    return started;
  }

  /** Opens the page; the test fails if anything in it does, is stopped by the policy, or asks elsewhere. */
  async open(
    t: TestContext,
    at: Exporter,
    { path = '/', ...rest }: BrowserContextOptions & { path?: string } = {},
  ): Promise<Page> {
    const context = await this.browser.newContext({ viewport: DESK, ...rest });
    t.after(() => context.close());
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(at.url('/')))
        faults.push(`asked ${request.url()}`);
    });
    t.after(() => assert.deepEqual(faults, []));
    await page.goto(at.url(path));
    return page;
  }
}

export interface Told {
  output?: string;
  service?: string;
  fields?: object;
  tags?: string[];
  /** Milliseconds since the epoch. */
  time?: number;
}

/** A line as Falco prints it. */
export function event(rule: string, priority: string, more: Told = {}): string {
  const { output = `${rule} happened`, service = 'web', fields = {}, tags, time = Date.now() } = more;
  const at = new Date(time).toISOString().replace('Z', '000000Z');
  const said = {
    output,
    output_fields: { 'container.name': service, ...fields },
    priority,
    rule,
    tags,
    time: at,
  };
  return `${JSON.stringify(said)}\n`;
}

// What runs in the page stands as text: the types of its world are not ours.

/** As a reader sees it. */
export function text(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector}').innerText`);
}

/** Asks again and again: to wait inside the page takes eval, which its policy forbids. */
async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!(await holds())) {
    assert.ok(Date.now() < limit, `not in 20 s: ${what}`);
    await pause(20);
  }
}

export function untilTrue(page: Page, expression: string): Promise<void> {
  return eventually(() => page.evaluate(expression), expression);
}

/** Waits until so many match: what a click or an address changes shows with one of the next frames. */
export function untilCount(page: Page, selector: string, wanted: number): Promise<void> {
  const matched = async () => (await page.locator(selector).count()) === wanted;
  return eventually(matched, `${wanted} of ${selector}`);
}

export function untilText(page: Page, selector: string, wanted: RegExp): Promise<void> {
  return untilTrue(page, `${wanted}.test(document.querySelector('${selector}').innerText)`);
}

/** Rules of the listed events, newest first. */
export function listed(page: Page): Promise<string[]> {
  return page.locator('#list .event:visible .rule').allTextContents();
}

/** Waits until these are the newest listed. */
export function until(page: Page, rules: string[]): Promise<void> {
  const newest = `[...document.querySelectorAll('#list .event .rule')].slice(0, ${rules.length})`;
  return untilTrue(
    page,
    `JSON.stringify(${newest}.map((row) => row.textContent)) === ${JSON.stringify(JSON.stringify(rules))}`,
  );
}

/** Whether the page is wider than its window, and what is. */
export async function overflows(page: Page): Promise<string[]> {
  return page.evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 80))`);
}

/** What axe-core finds that is serious or worse. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`);
}
