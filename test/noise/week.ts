/** A week of events made from a seed: normal work of a few programs, and attacks among it in the same rules. */

export interface Made {
  event: {
    time: string;
    rule: string;
    priority: string;
    source: string;
    output_fields: Record<string, unknown>;
  };
  /** What an attacker does, in words; undefined for normal work. */
  attack: string | undefined;
}

const BASE = { 'container.name': 'shop', 'user.name': 'app', 'user.uid': 1000, 'proc.tty': 0 };

/** Normal work, by rule: what share it is of all, and the fields of its events. */
const WORK: { rule: string; share: number; fields(index: number): Record<string, unknown> }[] = [
  {
    rule: 'Health check',
    share: 0.88,
    fields: () => ({
      'proc.exepath': '/usr/bin/curl',
      'proc.cmdline': 'curl -fsS http://localhost:8050/health',
      'proc.pname': 'runc',
    }),
  },
  {
    rule: 'Backup',
    share: 0.05,
    fields: (index) => ({
      'proc.exepath': '/usr/lib/postgresql/15/bin/pg_dump',
      'proc.cmdline': `pg_dump -Fc -f /backups/shop-${index}.dump shop`,
      'proc.pname': 'backup',
      'fd.name': `/backups/shop-${index}.dump`,
      'fd.directory': '/backups',
    }),
  },
  {
    rule: 'Connection',
    share: 0.07,
    fields: (index) => ({
      'proc.exepath': '/usr/local/bin/python3.11',
      'proc.cmdline': 'python3 /app/app.py',
      'proc.pname': 'gunicorn',
      'fd.name': `172.18.0.4:${30_000 + (index % 20_000)}->172.18.0.2:5432`,
      'fd.sport': 5432,
    }),
  },
];

/** Acts beside normal work that an exception drawn too wide would hide. */
const ATTACKS: [what: string, rule: string, fields: Record<string, unknown>][] = [
  ['a copy of the program', 'Health check', { 'proc.exepath': '/tmp/curl' }],
  ['another address', 'Health check', { 'proc.cmdline': 'curl -fsS http://198.51.100.7/x' }],
  ['another parent', 'Health check', { 'proc.pname': 'sh' }],
  ['another user', 'Health check', { 'user.name': 'root', 'user.uid': 0 }],
  ['at a terminal', 'Health check', { 'proc.tty': 34816 }],
  ['another container', 'Health check', { 'container.name': 'other' }],
  ['a shell', 'Health check', { 'proc.exepath': '/usr/bin/dash', 'proc.cmdline': 'sh -c id' }],
  ['a program only in memory', 'Health check', { 'proc.exepath': 'memfd:x (deleted)' }],
  ['no program known', 'Health check', { 'proc.exepath': '<NA>' }],
  ['a program of a longer name', 'Health check', { 'proc.exepath': '/usr/bin/curl2' }],
  ['one more word', 'Health check', { 'proc.cmdline': 'curl -fsS http://localhost:8050/health -o /app/x' }],
  ['a backup to elsewhere', 'Backup', { 'fd.name': '/var/tmp/x', 'fd.directory': '/var/tmp' }],
  ['a backup read', 'Backup', { 'proc.exepath': '/usr/bin/cat', 'proc.cmdline': 'cat /backups/shop-1.dump' }],
  ['a backup by another user', 'Backup', { 'user.name': 'root', 'user.uid': 0 }],
  ['a backup under a shell', 'Backup', { 'proc.pname': 'bash' }],
  ['code of its own', 'Connection', { 'proc.cmdline': 'python3 -c import socket' }],
  ['another port', 'Connection', { 'fd.sport': 4444, 'fd.name': '172.18.0.4:1->10.0.0.9:4444' }],
  ['a connection under a shell', 'Connection', { 'proc.pname': 'bash' }],
  ['a script in shared memory', 'Connection', { 'proc.cmdline': 'python3 /dev/shm/app.py' }],
  ['another python', 'Connection', { 'proc.exepath': '/home/app/bin/python3.11' }],
];

export function makeWeek(seed: number): Made[] {
  const random = generator(seed);
  const many = 2000 + Math.floor(random() * 3000);
  const made: Made[] = [];
  const event = (rule: string, fields: Record<string, unknown>): Made['event'] => ({
    time: new Date(Date.UTC(2026, 10, 16) + random() * 7 * 86_400_000).toISOString(),
    rule,
    priority: 'Warning',
    source: 'syscall',
    output_fields: { ...BASE, ...fields },
  });
  for (const { rule, share, fields } of WORK)
    for (let index = 0; index < share * many; index++)
      made.push({ event: event(rule, fields(index)), attack: undefined });
  for (const [attack, rule, fields] of ATTACKS) {
    const work = WORK.find((each) => each.rule === rule)!;
    // Some are tried again and again.
    const times = 1 + Math.floor(random() * 4);
    for (let index = 0; index < times; index++)
      made.push({ event: event(rule, { ...work.fields(many + index), ...fields }), attack });
  }
  return made.sort((a, b) => (a.event.time < b.event.time ? -1 : 1));
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
