/** The timeline: true through kill -9, and a way to filter by click and by keyboard. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Exporter } from '../../support/exporter.ts';
import { Browsing, event, skip, text, until, untilCount, untilText, untilTrue } from '../../support/page.ts';

const MINUTE = 60_000;
const browsing = new Browsing();
const input = browsing.path('events.json');
const state = [`--state.dir=${browsing.path('state')}`];
/** The middle of a minute, so that no event lies between two. */
const start = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE / 2;
let exporter: Exporter;

async function bars(query: string): Promise<Record<string, Record<string, number>>> {
  const { body } = await exporter.get(`/api/timeline${query}`);
  const { bars } = JSON.parse(body) as { bars: { from: string; counts: Record<string, number> }[] };
  return Object.fromEntries(
    bars.filter(({ counts }) => Object.keys(counts).length > 0).map(({ from, counts }) => [from, counts]),
  );
}

const minute = (back: number) =>
  new Date(Math.floor((start - back * MINUTE) / MINUTE) * MINUTE).toISOString();
const counted = (events: number) =>
  exporter.until((metrics) => metrics.get('falco_exporter_lines_total{outcome="event"}') === events);

before(async () => {
  writeFileSync(
    input,
    [
      ...Array.from({ length: 7 }, () => event('Noise', 'Notice', { time: start - 10 * MINUTE })),
      event('Shell', 'Critical', { service: 'db & "co"', time: start - 10 * MINUTE }),
      event('Shell', 'Error', { service: 'shop', time: start - 5 * MINUTE }),
      event('Noise', 'Notice', { time: start - 5 * 24 * 60 * MINUTE }),
      event('Noise', 'Notice', { time: start - 50 * 24 * 60 * MINUTE }),
    ].join(''),
  );
  exporter = await browsing.start(input, state);
  await exporter.ready();
});

test('counts are of the events’ own times, and the same after kill -9', async () => {
  const wanted = {
    [minute(10)]: { notice: 7, critical: 1 },
    [minute(5)]: { error: 1 },
  };
  await counted(11);
  assert.deepEqual(await bars('?window=1h'), wanted);
  for (let round = 1; round <= 3; round++) {
    appendFileSync(input, event('Noise', 'Notice', { time: start - 10 * MINUTE }).repeat(100));
    if (round % 2 === 1) await counted(111 + 101 * (round - 1));
    await exporter.end('SIGKILL');
    appendFileSync(input, event('Shell', 'Error', { service: 'shop', time: start - 5 * MINUTE }));
    exporter = await browsing.start(input, state);
    await exporter.ready();
    wanted[minute(10)] = { notice: 7 + 100 * round, critical: 1 };
    wanted[minute(5)] = { error: 1 + round };
    await exporter.until(
      (metrics) => metrics.get('falco_exporter_lines_total{outcome="event"}') === 11 + 101 * round,
    );
    assert.deepEqual(await bars('?window=1h'), wanted);
    assert.deepEqual(await bars(`?window=1h&service=${encodeURIComponent('db & "co"')}`), {
      [minute(10)]: { critical: 1 },
    });
  }
  const week = Object.values(await bars('?window=7d')).reduce((sum, { notice = 0 }) => sum + notice, 0);
  assert.equal(week, 7 + 300 + 1);
});

test('a bar filters by Enter and by click, Back takes it off; the window is in the address', {
  skip,
}, async (t) => {
  const page = await browsing.open(t, exporter);
  await untilText(page, '#timeline', /\d+ events in the last hour/);
  await page.locator('a.bar[tabindex="0"]').focus();
  await page.keyboard.press('ArrowLeft');
  const bar = page.locator('a.bar:focus');
  assert.match((await bar.getAttribute('aria-label'))!, /UTC: 308 events: 1 critical, 307 notice$/);
  await page.keyboard.press('Enter');
  await untilCount(page, '#chips button', 2);
  await untilTrue(page, `document.querySelectorAll('a.bar.out').length === 1`);
  await untilTrue(
    page,
    `[...document.querySelectorAll('#list .event time')].every((time) => time.dateTime.startsWith('${minute(10).slice(0, 16)}'))`,
  );
  await until(page, ['Noise']);
  await page.goBack();
  await untilCount(page, '#chips button', 0);
  await page.goForward();
  await untilCount(page, '#chips button', 2);
  await page.goBack();
  // The rule alone: the timeline follows.
  await page.locator('#rules a.filter', { hasText: 'Shell' }).first().click();
  await untilText(page, '#timeline', /1 event in the last hour, of those chosen/);
  await until(page, ['Shell']);
  await page.getByRole('link', { name: 'week' }).click();
  assert.match(page.url(), /window=7d/);
  await untilText(page, '#timeline', /in the last week/);
  await page.goBack();
  await untilText(page, '#timeline', /in the last hour/);
  await page.getByText('As a table').click();
  assert.match(await text(page, '#timeline-table'), /1 critical/);
});

test('several values of one filter are any of them', { skip }, async (t) => {
  const query = new URLSearchParams([
    ['service', 'shop'],
    ['service', 'db & "co"'],
    ['priority', 'critical,error'],
  ]);
  const page = await browsing.open(t, exporter, { path: `/?${query}` });
  await untilText(page, '#timeline', /^5 events in the last hour, of those chosen/);
  await untilCount(page, '#chips button', 4);
  await page.getByRole('button', { name: 'remove the filter service shop' }).click();
  await untilText(page, '#timeline', /^1 event in the last hour, of those chosen/);
});
