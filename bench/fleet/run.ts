/**
 * A fleet on one machine: one program is NODES exporters (our real exposition, with counts that grow by a seed), and a
 * real Prometheus scrapes them and evaluates the shipped rules. Prints series, memory, processor time and the seconds of
 * each rule group, and whether what Prometheus adds up is the truth.
 *
 *   npm run bench:fleet    NODES=1000 SECONDS=300 PROFILE=lean SEED=1; PROMETHEUS names the program,
 *                          RULES_FILES Falco's rules, ALERTS other alert rules than prometheus/rules
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, get, Program, sleep } from '../process.ts';
import { Fleet } from './exporters.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NODES = Number(process.env.NODES ?? 1000);
const SECONDS = Number(process.env.SECONDS ?? 300);
const PROFILE = process.env.PROFILE ?? 'full';
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Falco's rules files, with commas between them. */
const RULES_FILES = (process.env.RULES_FILES ?? `${ROOT}falco/falco_rules.local.yaml`).split(',');
/** Events of the whole fleet in a second. */
const RATE = Number(process.env.RATE ?? NODES / 10);

/** Rules that take longer are named; seconds. */
const SLOW = 0.2;

const directory = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
const fleet = await Fleet.start({
  ...{ nodes: NODES, profile: PROFILE, seed: SEED, rate: RATE, directory },
  rules: RULES_FILES,
});
const port = await freePort();
const targets = Array.from({ length: NODES }, (_, node) => ({
  targets: [`127.0.0.1:${fleet.port}`],
  labels: { __metrics_path__: `/${node}`, instance: `node-${node}:9376`, node: `node-${node}` },
}));
mkdirSync(join(directory, 'data'));
writeFileSync(
  join(directory, 'prometheus.yml'),
  JSON.stringify({
    global: { scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '15s' },
    rule_files: [process.env.ALERTS ?? `${ROOT}prometheus/rules/*.yml`],
    scrape_configs: [{ job_name: 'falco-event-exporter', honor_labels: true, static_configs: targets }],
  }),
);
const prometheus = new Program(process.env.PROMETHEUS ?? 'prometheus', [
  `--config.file=${join(directory, 'prometheus.yml')}`,
  `--storage.tsdb.path=${join(directory, 'data')}`,
  `--web.listen-address=127.0.0.1:${port}`,
  '--log.level=error',
]);
const answer = async (path: string) => JSON.parse((await get(port, path)).text) as { data: never };

console.log(`${NODES} nodes, profile ${PROFILE}, seed ${SEED}, ${RATE} events a second, ${SECONDS} s`);
await sleep(SECONDS * 1000);
fleet.stop();
await sleep(35_000);

const { groups } = (await answer('/api/v1/rules')).data as {
  groups: { name: string; evaluationTime: number; rules: { name: string; evaluationTime: number }[] }[];
};
const { headStats } = (await answer('/api/v1/status/tsdb')).data as { headStats: { numSeries: number } };
const value = async (expression: string) => {
  const { result } = (await answer(`/api/v1/query?query=${encodeURIComponent(expression)}`)).data as {
    result: { value: [number, string] }[];
  };
  return Number(result[0]?.value[1] ?? 0);
};
const usage = prometheus.usage();
console.log(`series        ${headStats.numSeries}, ${Math.round(headStats.numSeries / NODES)} a node`);
console.log(`a scrape      ${Math.round(fleet.bytes / fleet.scrapes / 1000)} kB, ${fleet.scrapes} scrapes`);
console.log(`memory        ${Math.round(usage.peak)} MiB at most, ${Math.round(usage.resident)} at the end`);
console.log(`processor     ${(usage.cpu / (SECONDS + 35)).toFixed(2)} of a core`);
for (const { name, evaluationTime, rules } of groups) {
  console.log(`${name.padEnd(22)}${evaluationTime.toFixed(3)} s`);
  for (const rule of rules)
    if (rule.evaluationTime >= SLOW)
      console.log(`  ${rule.name.padEnd(50)}${rule.evaluationTime.toFixed(3)} s`);
}
console.log(`events        ${fleet.events} written, ${await value('sum(falco_events_total)')} seen`);
await prometheus.end();
fleet.close();
rmSync(directory, { recursive: true });
