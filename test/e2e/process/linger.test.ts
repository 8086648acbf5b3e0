/** --web.linger on the real process: the events of a pod's last seconds reach a scraper before it ends. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exporter, pause, SCRAPE, samples, temporary } from '../../support/exporter.ts';

const directory = temporary();
after(() => directory.remove());

const EVENT = JSON.stringify({
  output: 'x',
  priority: 'Error',
  rule: 'Last words',
  time: '2026-11-26T10:00:00Z',
  output_fields: { 'container.name': 'web' },
});
const SERIES = /^falco_events_total\{.*Last words/;

/** Scrapes until the process ends. @returns the last answers, oldest first */
async function scrapeToTheEnd(exporter: Exporter, answers: string[]): Promise<void> {
  while (exporter.process.exitCode === null) {
    const answer = await exporter.get('/metrics', SCRAPE).catch(() => undefined);
    if (answer) answers.push(answer.body);
    await pause(250);
  }
}

/** A process that has been scraped for a while. */
async function scraped(
  name: string,
): Promise<{ exporter: Exporter; answers: string[]; scraping: Promise<void> }> {
  writeFileSync(join(directory.path, name), '');
  const file = `--input.file=${join(directory.path, name)}`;
  const exporter = await Exporter.start([file, '--state.dir=', '--web.hold=1s', '--web.linger=60s']);
  await exporter.ready();
  const answers: string[] = [];
  const scraping = scrapeToTheEnd(exporter, answers);
  while (answers.length < 8) await pause(20);
  return { exporter, answers, scraping };
}

test('what is written at the end is seen twice, and then it ends', async () => {
  const { exporter, answers, scraping } = await scraped('last.json');
  appendFileSync(join(directory.path, 'last.json'), `${EVENT}\n`);
  exporter.process.kill('SIGTERM');
  await pause(500);
  appendFileSync(join(directory.path, 'last.json'), `${EVENT}\n`);
  assert.equal(await exporter.ended(), 0);
  await scraping;
  for (const body of answers.slice(-2)) {
    const [, count] = [...samples(body)].find(([name]) => SERIES.test(name))!;
    assert.equal(count, 2);
  }
  assert.match(exporter.log, /msg=lingered why="every scraper has seen every count"/);
});

test('a second signal ends it at once', async () => {
  const { exporter, scraping } = await scraped('second.json');
  exporter.process.kill('SIGTERM');
  await exporter.logged(/msg=stopping/);
  exporter.process.kill('SIGTERM');
  assert.equal(await exporter.ended(), 0);
  assert.match(exporter.log, /msg=lingered why="a second signal came"/);
  await scraping;
});
