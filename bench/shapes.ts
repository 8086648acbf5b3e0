/** Files of events, made anew from a seed: the same bytes on every machine. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

export const SHAPES = [
  'stock',
  'recorded',
  'escapes',
  'wide fields',
  'tiny',
  'Docker-wrapped',
  'CRI',
] as const;
export type Shape = (typeof SHAPES)[number];

const BLOCK = 1024 * 1024;
const START = Date.UTC(2026, 10, 23, 12);

const RULES: [rule: string, priority: string, tags: string[]][] = [
  [
    'Terminal shell in container',
    'Notice',
    ['T1059', 'container', 'maturity_stable', 'mitre_execution', 'shell'],
  ],
  [
    'Read sensitive file untrusted',
    'Warning',
    ['T1555', 'container', 'filesystem', 'host', 'maturity_stable'],
  ],
  [
    'Drop and execute new binary in container',
    'Critical',
    ['PCI_DSS_11.5.1', 'container', 'maturity_stable', 'process'],
  ],
  ['PostgreSQL Data Directory Write', 'Error', ['ecommerce', 'filesystem', 'postgres']],
  ['Dash Suspicious Process', 'Warning', ['dash', 'ecommerce', 'process']],
  ['Grafana Configuration Modification', 'Error', ['ecommerce', 'filesystem', 'grafana']],
  [
    'Contact K8S API Server From Container',
    'Notice',
    ['T1565', 'container', 'k8s', 'maturity_stable', 'network'],
  ],
  ['Clear Log Activities', 'Warning', ['NIST_800-53_AU-10', 'T1070', 'container', 'filesystem', 'host']],
];
const CONTAINERS = ['ecommerce-dashboard', 'ecommerce-grafana', 'ecommerce-postgres', 'ecommerce-web', null];
const COMMANDS = [
  'sh -c curl -sf http://localhost:8050/health',
  'tee -a /var/lib/postgresql/data/pg_hba.conf',
  'python3 /app/report.py --since 2026-11-01 --format csv',
  'cat /etc/shadow',
  'pg_dump -Fc -f /tmp/b.dump postgres',
];
const ODD = [
  'python3 -c "open(\\"/app/x\\",\\"w\\")"',
  'C:\\temp\\é\\日本.exe',
  'echo -e "\ta\n\u0001\u001b[31m"',
  '😀 \\"\\\\" “q”',
];

/** Events of rules that a real Falco printed, with all kinds of fields. */
const RECORDED = readFileSync(new URL('../examples/recording/shop.log', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{') && !line.includes('"source":"internal"'));

/** @param random from 0 to below 1 @param number of the event, which makes its time */
function event(shape: Shape, random: () => number, number: number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  if (shape === 'recorded') return pick(RECORDED);
  const [rule, priority, tags] = pick(RULES);
  const container = pick(CONTAINERS);
  const nanoseconds = String(Math.floor(random() * 1e9)).padStart(9, '0');
  const time = `${new Date(START + number * 10).toISOString().slice(0, 19)}.${nanoseconds}Z`;
  if (shape === 'tiny')
    return JSON.stringify({
      output_fields: { 'container.name': container },
      priority,
      rule,
      source: 'syscall',
      time,
    });
  const command = shape === 'escapes' ? `${pick(ODD)} ${pick(ODD)} ${pick(ODD)}` : pick(COMMANDS);
  const id = container === null ? 'host' : 'f526f7700e65';
  const fields: Record<string, unknown> = {
    'container.id': id,
    'container.image.repository': container && 'ecommerce/base',
    'container.image.tag': container && '15',
    'container.name': container ?? 'host',
    'evt.time': 1_795_446_444_000_000_000,
    'fd.name': `/var/lib/app/data/${Math.floor(random() * 1e6)}`,
    'k8s.ns.name': null,
    'k8s.pod.name': null,
    'proc.cmdline': command,
    'proc.pid': Math.floor(random() * 4e6),
    'user.name': 'root',
  };
  if (shape === 'wide fields')
    for (let index = 0; index < 60; index++)
      fields[`proc.aname[${index}]`] = `parent-${Math.floor(random() * 1e6)}`;
  const output = `${time.slice(11, -1)}: ${priority} ${rule} (user=root command=${command} file=${fields['fd.name']} container=${container}) container_id=${id} container_name=${container} container_image_repository=ecommerce/base container_image_tag=15 k8s_pod_name=<NA> k8s_ns_name=<NA>`;
  return JSON.stringify({
    hostname: 'shop-1',
    output,
    output_fields: fields,
    priority,
    rule,
    source: 'syscall',
    tags,
    time,
  });
}

function wrapped(shape: Shape, line: string): string {
  const time = '2026-11-23T12:00:00.000000000Z';
  if (shape === 'Docker-wrapped') return JSON.stringify({ log: `${line}\n`, stream: 'stdout', time });
  return shape === 'CRI' ? `${time} stdout F ${line}` : line;
}

/**
 * Writes a file of events.
 * @param seed makes the same events again
 * @returns its size in bytes
 */
export function writeShape(path: string, shape: Shape, events: number, seed: number): number {
  const random = mulberry32(seed);
  const file = openSync(path, 'w');
  let size = 0;
  let block = '';
  for (let number = 0; number < events; number++) {
    block += `${wrapped(shape, event(shape, random, number))}\n`;
    if (block.length < BLOCK && number < events - 1) continue;
    size += writeSync(file, block);
    block = '';
  }
  closeSync(file);
  return size;
}

/** Numbers from 0 to 1 that a seed makes again. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
