import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Gauge, Registry } from 'prom-client';
import { Families } from '../../src/ledger/families.ts';
import type { Series } from '../../src/ledger/series.ts';
import type { View } from '../../src/ledger/views/view.ts';
import type { RuleInfo } from '../../src/metrics/catalogue.ts';
import { DelayHistogram } from '../../src/metrics/delay.ts';
import { Exposition, type ExpositionOptions, ledgerText } from '../../src/metrics/exposition.ts';
import { LAST_EVENT, type OwnState } from '../../src/metrics/own.ts';

/** An exporter of which nothing changes but what the test changes. */
function setting(options: ExpositionOptions = {}) {
  const families = new Families([]);
  const lastEvents = new Map<string, number>();
  const state = {
    rules: new Map<string, RuleInfo>() as ReadonlyMap<string, RuleInfo>,
    own: {
      build: { version: '1', revision: 'r' },
      now: () => 1_800_000_000_000,
      inputs: () => [{ input: 'a "file"\\', up: true, fault: undefined, lag: 7 }],
      lastLine: () => 1500,
      rules: (): ReadonlyMap<string, RuleInfo> => state.rules,
      falco: () => [],
      lastEvents: () => lastEvents,
      rare: () => ({ fresh: [], unusual: [] }),
      series: () => ({ used: 1, limit: 10 }),
      snapshotWritten: () => undefined,
      reload: () => ({ successful: true, succeededAt: 1000 }),
      web: () => ({
        purposes: [],
        refusals: [],
        connections: { open: 1, limit: 2 },
        dropped: [],
        streams: { open: 0, limit: 1 },
        passwordsWaiting: 0,
      }),
    } satisfies OwnState as OwnState,
  };
  const delay = new DelayHistogram();
  const exposition = new Exposition(families, state.own, delay, options);
  return { families, lastEvents, state, delay, exposition };
}

async function lastEventText(lastEvents: ReadonlyMap<string, number>): Promise<string> {
  const registry = new Registry();
  const gauge = new Gauge({ ...LAST_EVENT, labelNames: ['rule'], registers: [registry] });
  for (const [rule, time] of lastEvents) gauge.set({ rule }, time / 1000);
  return registry.metrics();
}

const label = fc.oneof(
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.constantFrom('a', 'b"', 'c\\', 'd\ne'),
);
const step = fc.record({
  /** Series that events are counted on; the numbers make blocks full. */
  counted: fc.array(fc.tuple(label, label, fc.nat(600), fc.nat(2 ** 40)), { maxLength: 20 }),
  born: fc.nat(300),
  /** Series that retire, by where they stand. */
  retired: fc.array(fc.nat(1000), { maxLength: 4 }),
  /** Of a scraper's view: how much it is behind. */
  behind: fc.option(fc.nat(3)),
});

test('whatever is counted or retires between two answers, the text is what prom-client writes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const { families, lastEvents, exposition } = setting();
      let births = 0;
      for (const { counted, born, retired, behind } of steps) {
        for (let more = 0; more < born; more++) families.events.series([`r${births++}`, 'many', 'debug']);
        for (const [rule, service, number, count] of counted) {
          families.events.series([rule, service, 'warning']).count += count;
          families.events.series([`r${number}`, 'many', 'debug']).count++;
          lastEvents.set(rule, count);
        }
        const all = [...families.events.all()];
        families.retire([...new Set(retired.flatMap((at) => all[at] ?? []))]);
        const value = ({ count, index }: Series) => (index % 2 === 0 ? count : Math.max(0, count - behind!));
        const view = { shown: (index: number) => value(families.series[index]!) } as View;
        const text = String(await exposition.text(behind === null ? 'counted' : view, 'text'));
        const theirs = await ledgerText(families, behind === null ? undefined : value);
        assert.equal(text.slice(0, theirs.length), theirs);
        const rest = text.slice(theirs.length + 1);
        const times = await lastEventText(lastEvents);
        assert.equal(rest.slice(0, times.length), times);
      }
    }),
    { numRuns: 40 },
  );
});

test('what has not changed is not made again', async () => {
  const { families, exposition } = setting();
  let asked = 0;
  for (let number = 0; number < 1000; number++) {
    const series = families.events.series([`r${number}`, 's', 'debug']);
    const get = (labels: readonly string[], name: string) => {
      asked++;
      return Reflect.get(labels, name);
    };
    Object.defineProperty(series, 'labels', { value: new Proxy(series.labels, { get }) });
  }
  await exposition.text('counted', 'text');
  assert.ok(asked >= 3000);
  asked = 0;
  families.events.series(['r500', 's', 'debug']).count++;
  const text = String(await exposition.text('counted', 'text'));
  assert.match(text, /^falco_events_total\{rule="r500",service="s",priority="debug"\} 1$/m);
  assert.equal(asked, 0);
});

test('the rules are in it as they are loaded', async () => {
  const { state, exposition } = setting();
  const rule = { name: 'A rule', priority: 'error', source: 'syscall', tags: ['t'], enabled: true };
  assert.doesNotMatch(String(await exposition.text('counted', 'text')), /"A rule"/);
  state.rules = new Map([[rule.name, rule]]);
  for (let time = 0; time < 2; time++)
    assert.match(
      String(await exposition.text('none', 'text')),
      /^falco_rule_tag_info\{rule="A rule",tag="t"\} 1$/m,
    );
});

test('OpenMetrics has the same samples, families without _total, bounds with a point, and an end', async () => {
  const { families, lastEvents, delay, exposition } = setting();
  families.events.series(['r "1"', 's', 'debug']).count = 3;
  lastEvents.set('r', 1500);
  delay.observe(Float64Array.of(1000), 1, 2500);
  const samples = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !/^(process|nodejs)_/.test(line))
      .map((line) => line.replace(/le="(\d+)\.0"/, 'le="$1"'));
  const text = String(await exposition.text('counted', 'text'));
  const open = String(await exposition.text('counted', 'openmetrics'));
  assert.deepEqual(samples(open), samples(text));
  assert.ok(open.endsWith('\n# EOF\n'));
  assert.doesNotMatch(open, /\n\n/);
  assert.match(open, /# TYPE falco_events counter\n/);
  assert.doesNotMatch(open, /^# (HELP|TYPE) \S+_total /m);
  assert.match(open, /_bucket\{le="1\.0"\} 0\n.*_bucket\{le="2\.5"\} 1\n/);
});

test('OpenMetrics has the time and the node of the last event, nothing of its text, and nothing that Prometheus refuses', async () => {
  const { families, exposition } = setting({ node: 'n"1' });
  const line = async () =>
    String(await exposition.text('counted', 'openmetrics')).match(/^falco_events_total\{rule="r".*$/m)![0];
  const series = families.events.series(['r', 's', 'debug']);
  series.last = 1_700_000_000_250;
  assert.match(await line(), /"debug"\} 0$/);
  series.count = 1;
  assert.match(await line(), /"debug"\} 1 # \{node="n\\"1"\} 1 1700000000\.25$/);
  // Read late, or from a clock that is ahead: Prometheus takes no exemplar before one that it has.
  for (const odd of [1_699_000_000_000, 1_900_000_000_000, Number.NaN, -5]) {
    series.last = odd;
    series.count++;
    assert.match(await line(), / # \{node="n\\"1"\} 1 1700000000\.25$/);
  }
  assert.doesNotMatch(String(await exposition.text('counted', 'text')), /node=| # \{/);
});

test('a node whose name is too long is cut, and one that is not known left out', async () => {
  for (const [node, labels] of [
    ['x'.repeat(300), `{node="${'x'.repeat(120)}"}`],
    [undefined, '{}'],
  ] as const) {
    const { families, exposition } = setting({ node });
    Object.assign(families.events.series(['r', 's', 'debug']), { count: 1, last: 1000 });
    assert.ok(String(await exposition.text('counted', 'openmetrics')).includes(`} 1 # ${labels} 1 1\n`));
  }
});

test('when each series was created stands beside it where that is configured, in OpenMetrics alone', async () => {
  const { families, exposition } = setting({ created: true });
  families.events.series(['a_total', 's', 'debug']).created = 1_700_000_000_001;
  const text = String(await exposition.text('counted', 'openmetrics'));
  const labels = '{rule="a_total",service="s",priority="debug"}';
  assert.ok(text.includes(`falco_events_total${labels} 0\nfalco_events_created${labels} 1700000000.001\n`));
  // Prometheus looks for it line by line: where one has none, it looks through all that follow.
  assert.equal(text.match(/^falco_\w+_created/gm)!.length, families.series.length);
  assert.doesNotMatch(String(await exposition.text('counted', 'text')), /_created/);
});
