/** The end with --web.linger: it waits for what scrapers have not seen, and for nothing else. Time is the test's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linger } from '../../src/app/linger.ts';
import { connection, HOLD, Scene, who } from '../ledger/views/scene.ts';

const PROMETHEUS = who('10.0.0.1');
const INTERVAL = 15_000;
const PATIENCE = 300_000;

/** What happens while it lingers, by milliseconds since the signal. */
type Happenings = { at: number; does: () => unknown }[];

/** @returns why it ended, and how long it took in milliseconds */
async function lingered(scene: Scene, happenings: Happenings = [], lag = () => 0, patience = PATIENCE) {
  const began = scene.now;
  const due = happenings.toSorted((a, b) => a.at - b.at);
  const why = await linger({
    ledger: scene.ledger,
    views: scene.views,
    inputs: { statuses: () => [{ lag: lag() }] },
    clock: scene.clock,
    patience,
    pause: async (milliseconds) => {
      scene.now += milliseconds;
      while (due.length > 0 && due[0]!.at <= scene.now - began) due.shift()!.does();
    },
  });
  return { why, took: scene.now - began };
}

function counts(scene: Scene, rule: string): void {
  scene.count(rule);
  scene.ledger.counts++;
}

/** A scraper that is known, and has seen one event. */
function scraped(): { scene: Scene; scrape: () => Map<string, number> } {
  const scene = new Scene();
  const on = connection();
  const scrape = () => scene.scrape(PROMETHEUS, on);
  scene.series('Shell');
  for (let n = 0; n < 6; n++) {
    scrape();
    scene.now += INTERVAL;
    if (n === 3) counts(scene, 'Shell');
  }
  return { scene, scrape };
}

const every = (scrape: () => void, times: number): Happenings =>
  Array.from({ length: times }, (_, n) => ({ at: n * INTERVAL + 1000, does: scrape }));

test('without the flag it ends at once', async () => {
  const { scene } = scraped();
  assert.deepEqual(await lingered(scene, [], undefined, 0), { why: undefined, took: 0 });
});

test('without a scraper it waits for the writers alone', async () => {
  const { why, took } = await lingered(new Scene());
  assert.equal(why, 'no scraper is known');
  assert.ok(took >= 2000 && took < 3000, `${took}`);
});

test('a scraper gets every count twice, those of the last second too, and new series after their hold', async () => {
  const { scene, scrape } = scraped();
  const seen: Map<string, number>[] = [];
  const { why, took } = await lingered(scene, [
    ...every(() => void seen.push(scrape()), 20),
    { at: 1500, does: () => counts(scene, 'Shell') },
    { at: 1600, does: () => counts(scene, 'Never before') },
  ]);
  assert.equal(why, 'every scraper has seen every count');
  for (const last of seen.slice(-2)) assert.deepEqual([last.get('Shell'), last.get('Never before')], [2, 1]);
  assert.ok(took < HOLD + 5 * INTERVAL, `${took}`);
});

test('one answer alone is not enough: it may have been lost', async () => {
  const { scene, scrape } = scraped();
  counts(scene, 'Shell');
  const { why } = await lingered(scene, every(scrape, 1));
  assert.equal(why, 'the time of --web.linger is over');
});

test('it waits for what is not read yet', async () => {
  const { scene, scrape } = scraped();
  let lag = 1;
  const happenings = [...every(scrape, 20), { at: 100_000, does: () => lag-- }];
  const { why, took } = await lingered(scene, happenings, () => lag);
  assert.equal(why, 'every scraper has seen every count');
  assert.ok(took > 102_000, `${took}`);
});

test('a scraper that went away long ago is not waited for while another comes', async () => {
  const { scene } = scraped();
  const other = connection();
  for (let n = 0; n < 40; n++) {
    scene.scrape(who('10.0.0.2'), other);
    scene.now += INTERVAL;
  }
  const { why } = await lingered(
    scene,
    every(() => scene.scrape(who('10.0.0.2'), other), 10),
  );
  assert.equal(why, 'every scraper has seen every count');
});

test('it never waits longer than it may', async () => {
  const { scene } = scraped();
  counts(scene, 'Shell');
  const { why, took } = await lingered(scene, [], undefined, 20_000);
  assert.equal(why, 'the time of --web.linger is over');
  assert.ok(took >= 20_000 && took <= 20_100, `${took}`);
});

test('the operator may end it', async () => {
  const { scene } = scraped();
  const ended = linger({
    ledger: scene.ledger,
    views: scene.views,
    inputs: { statuses: () => [] },
    clock: scene.clock,
    patience: PATIENCE,
    pause: () => Promise.reject(new Error('aborted')),
  });
  assert.equal(await ended, 'a second signal came');
});
