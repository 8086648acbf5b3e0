/**
 * How long a real Prometheus takes to see the first event of a rule as an increase, and whether it sees it at all.
 * `PROMETHEUS` names another one than that on the path.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exporter, freePort, get, Program, sleep } from './process.ts';

const PROMETHEUS = process.env.PROMETHEUS ?? 'prometheus';
const FEATURE = 'created-timestamp-zero-ingestion';
/** Prometheus's default is a minute; most charts have this. Seconds. */
const INTERVAL = 15;
/** Events come one a second; after the last all must be seen in this time. Milliseconds. */
const PATIENCE = 60_000;

export interface FirstEvents {
  /** Seconds from each event to the first `increase()` that holds it; those that were seen. */
  seen: number[];
  /** How many series of the events there are in Prometheus in the end. */
  series: number;
}

/** @returns undefined where Prometheus is not there, or has no such feature */
export async function firstEvents(
  directory: string,
  events: number,
  created: boolean,
): Promise<FirstEvents | undefined> {
  const help = spawnSync(PROMETHEUS, ['--help'], { encoding: 'utf8' });
  if (help.status !== 0 || (created && !`${help.stdout}${help.stderr}`.includes(FEATURE))) return undefined;
  const home = join(directory, `first-events-${created}`);
  mkdirSync(home);
  const file = join(home, 'events.json');
  writeFileSync(file, '');
  const flags = [`--input.file=${file}`, `--state.dir=${join(home, 'state')}`];
  const exporter = await Exporter.start([...flags, `--metrics.created-timestamps=${created}`]);
  await exporter.ready(50);
  const port = await freePort();
  const config = join(home, 'prometheus.json');
  const targets = [{ targets: [`127.0.0.1:${exporter.port}`] }];
  const job = { job_name: 'falco', scrape_interval: `${INTERVAL}s`, static_configs: targets };
  writeFileSync(config, JSON.stringify({ scrape_configs: [job] }));
  const prometheus = new Program(PROMETHEUS, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(home, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    ...(created ? [`--enable-feature=${FEATURE}`] : []),
  ]);
  const query = async (text: string) => {
    const answer = await get(port, `/api/v1/query?query=${encodeURIComponent(text)}`).catch(() => undefined);
    const found = answer?.status === 200 ? JSON.parse(answer.text).data.result : [];
    return (found as { metric: { rule: string } }[]).map(({ metric }) => metric.rule);
  };
  // What all series are held for when a scraper is new.
  while ((await query('falco_exporter_series')).length === 0) await sleep(500);
  await sleep(4 * INTERVAL * 1000);

  const came = new Map<string, number>();
  const seen = new Map<string, number>();
  let last = 0;
  for (;;) {
    const now = performance.now();
    if (came.size < events && now - last >= 1000) {
      last = now;
      const rule = `First ${came.size}`;
      appendFileSync(
        file,
        `${JSON.stringify({ rule, priority: 'Warning', time: new Date().toISOString(), output_fields: {} })}\n`,
      );
      came.set(rule, now);
    }
    for (const rule of await query('increase(falco_events_total{rule=~"First.*"}[5m]) > 0'))
      if (!seen.has(rule)) seen.set(rule, performance.now() - came.get(rule)!);
    if (seen.size === events || (came.size === events && now - last > PATIENCE)) break;
    await sleep(200);
  }
  const series = (await query('{__name__=~"falco_events_.*",rule=~"First.*"}')).length;
  await Promise.all([prometheus.end(), exporter.end()]);
  return { seen: [...seen.values()].map((time) => time / 1000), series };
}
