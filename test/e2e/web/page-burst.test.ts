/** The page under a burst of events, measured by Chromium's own trace. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { type Exporter, pause } from '../../support/exporter.ts';
import { Browsing, event, skip, until, untilTrue } from '../../support/page.ts';
import { readTrace } from '../../support/trace.ts';

const EVENTS = 5000;
const browsing = new Browsing();
const input = browsing.path('events.json');
let exporter: Exporter;

before(async () => {
  if (skip) return;
  exporter = await browsing.start(input);
  await exporter.ready();
});

test('a burst of 5,000 events keeps no input waiting and makes no heap of nodes', { skip }, async (t) => {
  appendFileSync(input, event('Before', 'Critical'));
  const page = await browsing.open(t, exporter);
  await until(page, ['Before']);
  const fields = Object.fromEntries(
    Array.from({ length: 15 }, (_, at) => [`proc.field${at}`, `value ${at}`]),
  );
  const lines = Array.from({ length: EVENTS }, (_, at) =>
    event(`Rule ${at % 40}`, at % 9 === 0 ? 'Error' : 'Notice', { service: `service-${at % 70}`, fields }),
  );
  const trace = browsing.path('trace.json');
  await browsing.browser.startTracing(page, {
    path: trace,
    categories: [
      'toplevel',
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'blink.user_timing',
    ],
  });
  const end = Date.now() + 8000;
  for (let from = 0; from < EVENTS; from += 1000)
    appendFileSync(input, lines.slice(from, from + 1000).join(''));
  appendFileSync(input, event('After', 'Warning'));
  while (Date.now() < end) {
    await page.mouse.click(300, 12);
    await pause(40);
  }
  await browsing.browser.stopTracing();
  await untilTrue(page, `document.querySelector('#list .rule')?.textContent === 'After'`);

  const { longestTask, inputDelay, inputs } = readTrace(JSON.parse(readFileSync(trace, 'utf8')));
  t.diagnostic(
    `longest task ${longestTask.toFixed(0)} ms of the processor, input delay ${inputDelay.toFixed(0)} ms at most of ${inputs} inputs`,
  );
  assert.ok(inputs > 20, String(inputs));
  // By the processor's clock, so that a busy machine makes no difference: no input waits longer than the longest task.
  assert.ok(longestTask < 100, `${longestTask} ms`);
  assert.ok((await page.evaluate<number>(`document.querySelectorAll('*').length`)) < 6000);
  // What is grave is still there, however much came after it.
  await page.goto(exporter.url('/?rule=Before'));
  await until(page, ['Before']);
});
