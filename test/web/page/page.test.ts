import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../src/ledger/history/history.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { ServiceResolver } from '../../../src/ledger/service.ts';
import { html } from '../../../src/web/page/html.ts';
import { type Numbers, numbers, page } from '../../../src/web/page/page.ts';
import { viewOf } from '../../../src/web/page/view.ts';
import { type State, summarize } from '../../../src/web/summary.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const LINKS = { telemetryPath: '/metrics', dashboards: undefined, runbooks: undefined };
const HOSTILE = `<img src=x onerror="alert(1)">'\`&</script>\u202e\n`;

function ledger(): Ledger {
  return new Ledger({ services: new ServiceResolver({ mappings: [] }), extraLabels: [], seriesLimit: 100 });
}

function summary(of: Ledger, more: Partial<State> = {}, url = '/'): Numbers {
  const clock = { now: () => NOW, monotonic: () => 0 };
  const state: State = {
    version: '1.2.3',
    startedAt: NOW - 60_000,
    ledger: of,
    history: new History(clock),
    inputs: () => [{ input: '/var/log/falco/events.json', up: true, fault: undefined, lag: 0 }],
    lastLine: () => NOW - 5000,
    notReady: () => undefined,
    snapshot: () => ({ kept: true, written: NOW - 3000 }),
    rules: () => 17,
    ...more,
  };
  return { summary: summarize(state, NOW), history: state.history, view: viewOf(url) };
}

/** Text as a reader sees it, tags left out. */
function read(markup: string): string {
  return markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

test('what is put into HTML is text', () => {
  assert.equal(
    html`<b title="${HOSTILE}">${'<i>'}${html`<u>${1}</u>`}${undefined}${false}${['<', '>']}</b>`.text.includes(
      '<img',
    ),
    false,
  );
  assert.equal(html`<p>${'<&>"\'`'}</p>`.text, '<p>&#60;&#38;&#62;&#34;&#39;&#96;</p>');
});

test('the worst stands first, with its count, its last minutes and when it was seen', () => {
  const counts = ledger();
  counts.families.events.series(['Noise', 'web', 'debug']).count = 900;
  counts.families.events.series(['Shell', 'db', 'error']).count = 2;
  counts.families.events.series(['Shell', 'db', 'error']).last = NOW - 120_000;
  // The same rule elsewhere later: a row tells its own.
  counts.lastEvent.set('Shell', NOW);
  const text = read(page(summary(counts), [], LINKS));
  assert.match(text, /902 events by priority/);
  assert.match(text, /error Shell db 2 – 2 min ago/);
  assert.ok(text.indexOf('error Shell db') < text.indexOf('debug Noise web'));
});

test('nothing of an event is markup, in whatever place it stands', () => {
  const counts = ledger();
  counts.families.events.series([HOSTILE, HOSTILE, HOSTILE]).count = 1;
  const event = {
    id: 1,
    time: null,
    rule: HOSTILE,
    service: HOSTILE,
    priority: HOSTILE,
    output: HOSTILE,
    fields: [[HOSTILE, HOSTILE]] as [string, string][],
    line: HOSTILE,
  };
  const fault = { input: HOSTILE, up: true, fault: undefined, lag: 0 };
  const markup = page(summary(counts, { inputs: () => [fault], notReady: () => HOSTILE }), [event], LINKS);
  assert.doesNotMatch(markup, /<img|onerror="/);
  assert.equal(markup.match(/<\/script>/g)?.length, 1);
});

test('with no event yet the page says what to check', () => {
  const text = read(page(summary(ledger()), [], LINKS));
  assert.match(text, /json_output: true/);
  assert.match(text, /\/var\/log\/falco\/events\.json/);
});

test('events that are off, or not for this reader, are explained', () => {
  assert.match(page(summary(ledger()), 'disabled', LINKS), /--web\.disable-events/);
  const remote = page(summary(ledger()), 'remote', LINKS);
  assert.match(remote, /--web\.allow-remote-events/);
  assert.doesNotMatch(remote, /id="list"/);
});

test('what makes the counts less than they seem is said at the top', () => {
  const counts = ledger();
  assert.match(numbers(summary(counts)), /id="notices"[^>]* hidden/);
  counts.families.drops.series(['buffer']).count = 12;
  counts.families.lines.series(['malformed']).count = 3;
  counts.families.gaps.series(['/var/log/falco/events.json']).count = 1;
  counts.families.overflow.series([]).count = 4;
  counts.families.snapshotErrors.series([]).count = 2;
  const text = read(numbers(summary(counts)));
  for (const said of [
    /lost 12 system calls/,
    /3 malformed/,
    /1 gap/,
    /4 events counted as __overflow__/,
    /snapshot could not be written/,
  ])
    assert.match(text, said);
});

test('the exporter tells its state in words', () => {
  const text = read(numbers(summary(ledger(), { notReady: () => 'reading what was there' })));
  for (const said of [
    /Not ready : reading what was there/,
    /all of it read/,
    /5 s ago/,
    /written 3 s ago/,
    /17 loaded/,
  ])
    assert.match(text, said);
  const bare = read(
    numbers(
      summary(ledger(), { rules: () => undefined, snapshot: () => ({ kept: false, written: undefined }) }),
    ),
  );
  assert.match(bare, /no rules files are given/);
  assert.match(bare, /begin at 0 after a restart/);
});

test('thousands of series make a page that a browser can hold', () => {
  const counts = new Ledger({
    services: new ServiceResolver({ mappings: [] }),
    extraLabels: [],
    seriesLimit: 10_000,
  });
  for (let at = 0; at < 10_000; at++)
    counts.families.events.series([`rule ${at}`, `service ${at}`, 'error']).count = 1;
  const markup = page(summary(counts), [], LINKS);
  assert.ok(markup.length < 300_000, String(markup.length));
  assert.match(markup, /1 to 50 of 10\u202f000/);
  const found = read(numbers(summary(counts, {}, '/?find=RULE+77&sort=rule&page=2')));
  assert.match(found, /51 to 100 of 111/);
  assert.match(found, /rule 7750 service 7750/);
});

test('links go where they are told', () => {
  const links = {
    telemetryPath: '/falco/metrics',
    dashboards: 'https://grafana.example/?a=1&b="2"',
    runbooks: 'https://wiki.example/',
  };
  const markup = page(summary(ledger()), [], links);
  assert.match(markup, /href="falco\/metrics"/);
  assert.match(markup, /href="https:\/\/grafana\.example\/\?a=1&#38;b=&#34;2&#34;"/);
  assert.doesNotMatch(page(summary(ledger()), [], LINKS), /https?:\/\//);
});
