/** More members of a kind: logrotate's other options, what others call rotated files and where they put them. */
import { without } from '../../../support/programs.ts';
import {
  counted,
  free,
  moment,
  rename,
  risky,
  type Step,
  saved,
  shell,
  start,
  symlink,
  write,
} from '../../../support/steps.ts';
import { logrotated } from '../rotation.ts';
import type { Rows, Scenario } from '../table.ts';

const begun: Step[] = [write('events.json', 3), start(), counted];

/**
 * Written, rotated by `command`, twice. Where a gap may be counted for what is not found, the second file is one that
 * nobody can know of: it came and went between two looks.
 */
const rotated = (command: (turn: number) => string, more: Partial<Scenario> = {}): Scenario => {
  const { gap = 'allowed' } = more;
  const first = write('events.json', 2);
  const second = write('events.json', 2);
  return {
    long: true,
    gap,
    ways: ['down', 'running', 'killed', 'stopped'],
    steps: [
      ...begun,
      moment,
      gap === 'none' ? first : risky(first),
      shell(command(1)),
      gap === 'none' ? second : free(second),
      shell(command(2)),
      write('events.json', 1),
      moment,
      counted,
    ],
    ...more,
  };
};
const zipped = (program: string, command: (turn: number) => string) =>
  rotated(command, {
    skip: without(program),
    ways: ['running', 'killed'],
    steps: [
      ...begun,
      moment,
      write('events.json', 2),
      counted,
      saved,
      shell(command(1)),
      write('events.json', 2),
      counted,
      saved,
      shell(command(2)),
      write('events.json', 1),
      moment,
      counted,
    ],
    gap: 'none',
  });

const SHM = '/dev/shm/$(basename $PWD)';
const elsewhere = rotated(
  (n) => `mkdir -p ${SHM} && cp events.json ${SHM}/events.json.${n} && rm events.json`,
);

const long = (scenarios: Record<string, Scenario>): Record<string, Scenario> =>
  Object.fromEntries(Object.entries(scenarios).map(([name, each]) => [name, { ...each, long: true }]));

export const ROTATION_VARIANTS: Rows = {
  'logrotate, more options': long({
    copytruncate: logrotated({ options: 'copytruncate', quiet: true }),
    'copytruncate, compress, dateext': logrotated({
      options: 'copytruncate\ncompress\ndelaycompress\ndateext\ndateformat -%s',
      quiet: true,
      turns: 2,
    }),
    copy: logrotated({ options: 'copy' }),
    'copy, in a pattern': logrotated({ options: 'copy', input: '%/events.json*' }),
    'renamecopy to another directory': logrotated({
      options: 'renamecopy\nolddir old\ncreateolddir 0755 root root\ncreate',
      more: { gap: 'allowed' },
    }),
    'olddir in a pattern of both': logrotated({
      options: 'create\nolddir old\ncreateolddir 0755 root root',
      input: '%/{events.json*,old/events.json*}',
    }),
    'start 0': logrotated({ options: 'create\nstart 0' }),
    'dateext, dateyesterday': logrotated({
      options: 'create\ndateext\ndateyesterday\ndateformat -%Y%m%d.%s',
      turns: 2,
    }),
    'sharedscripts, and a writer that opens again': logrotated({
      options: 'nocreate\nsharedscripts\npostrotate\n  true\nendscript',
      keeps: true,
    }),
    'shred, delaycompress': logrotated({ options: 'create\nshred\nshredcycles 1\ncompress\ndelaycompress' }),
    addextension: logrotated({ options: 'create\naddextension .json' }),
  }),
  'rotated by others': {
    'multilog, svlogd, s6-log': rotated((n) => `mv events.json @4000000069${n}5c7f20b1a1c44.s`),
    'a copy to another file system': {
      ...elsewhere,
      steps: [(scene) => scene.finally(() => shell(`rm -r ${SHM}`)(scene)), ...elsewhere.steps],
    },
    'flexi_logger, rCURRENT': {
      input: '%/events_rCURRENT.json',
      live: 'events_rCURRENT.json',
      long: true,
      ways: ['down', 'running', 'killed', 'stopped'],
      steps: [
        write('events_rCURRENT.json', 3),
        start(),
        counted,
        moment,
        ...[0, 1, 2].flatMap((n) => [
          write('events_rCURRENT.json', 2),
          rename('events_rCURRENT.json', `events_r0000${n}.json`),
        ]),
        write('events_rCURRENT.json', 2),
        moment,
        counted,
      ],
    },
    'current.json, a link whose targets are dated': {
      input: '%/current.json',
      live: 'current.json',
      long: true,
      ways: ['down', 'running', 'killed', 'stopped'],
      steps: [
        write('app-2026-11-23.json', 3),
        symlink('app-2026-11-23.json', 'current.json'),
        start(),
        counted,
        moment,
        write('app-2026-11-23.json', 2),
        symlink('app-2026-11-24.json', 'current.json'),
        write('app-2026-11-24.json', 2),
        symlink('app-2026-11-25.json', 'current.json'),
        write('app-2026-11-25.json', 2),
        moment,
        counted,
      ],
    },
    'Docker json-file, max-file 3, compressed': rotated(
      () =>
        '[ -e events.json.2.gz ] && rm events.json.2.gz; [ -e events.json.1 ] && gzip -c events.json.1 > events.json.2.gz; mv -f events.json events.json.1',
      { gap: 'none' },
    ),
    'kubelet, compressed by a name that is not final': rotated(
      (n) =>
        `for f in events.json.2*[0-9]; do [ -e "$f" ] && gzip -c "$f" > "$f.tmp" && mv "$f.tmp" "$f.gz" && rm "$f"; done; mv events.json events.json.20261125-14115${n}`,
      { gap: 'none' },
    ),
    'newsyslog, .0.gz': rotated(
      () =>
        '[ -e events.json.0.gz ] && mv events.json.0.gz events.json.1.gz; mv events.json events.json.0 && gzip events.json.0',
      { gap: 'none' },
    ),
    'ascending numbers, log4j2 fileIndex=max': rotated((n) => `mv events.json events-${n}.json`, {
      gap: 'none',
    }),
    'the link is renamed, its target stays': {
      input: '%/link.json',
      live: 'link.json',
      long: true,
      steps: [
        write('data/a.json', 3),
        symlink('data/a.json', 'link.json'),
        start(),
        counted,
        moment,
        write('data/a.json', 1),
        rename('link.json', 'link.json.1'),
        write('data/b.json', 2),
        symlink('data/b.json', 'link.json'),
        moment,
        counted,
      ],
    },
    'a rotated file without the end of its line': rotated(
      (n) => `printf '{"a' >> events.json; mv events.json events.json.${n}`,
      { malformed: 'any', text: 'any', ways: ['running', 'down', 'killed'] },
    ),
    'the disk is full: half of a copy': {
      gap: 'allowed',
      long: true,
      ways: ['running', 'killed', 'down'],
      steps: [
        write('events.json', 20, 400),
        start(),
        saved,
        moment,
        shell('head -c 3000 events.json > events.json.1; : > events.json'),
        write('events.json', 2),
        moment,
        counted,
      ],
    },
    'read permission goes while it is open': {
      long: true,
      ways: ['running'],
      steps: [
        shell('chown -R 65534 .'),
        write('events.json', 3),
        start({ under: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] }),
        counted,
        shell('chmod 0 events.json'),
        write('events.json', 2),
        counted,
        rename('events.json', 'events.json.1'),
        shell('touch events.json && chown 65534 events.json'),
        write('events.json', 1),
        counted,
      ],
      skip: process.getuid?.() !== 0 && 'needs root',
    },
  },
  'compressed, more programs and names': {
    zip: zipped(
      'zip',
      (n) => `mv events.json events.json.${n} && zip -qm events.json.${n}.zip events.json.${n}`,
    ),
    lz4: zipped('lz4', (n) => `mv events.json events.json.${n} && lz4 -q --rm events.json.${n}`),
    '.GZ': zipped('gzip', (n) => `mv events.json events.json.${n} && gzip -S .GZ events.json.${n}`),
    'a date after .gz': zipped(
      'gzip',
      (n) => `gzip -c events.json > events.json.gz-2026112${n} && rm events.json`,
    ),
    'tar.gz': zipped('tar', (n) => `tar czf events.json.${n}.tar.gz events.json && rm events.json`),
    'zstd that is called .gz': zipped(
      'zstd',
      (n) => `zstd -qc events.json > events.json.${n}.gz && rm events.json`,
    ),
    'xz, unread': rotated((n) => `mv events.json events.json.${n} && xz events.json.${n}`, {
      skip: without('xz'),
    }),
    'lz4, unread': rotated((n) => `mv events.json events.json.${n} && lz4 -q --rm events.json.${n}`, {
      skip: without('lz4'),
    }),
    'zip, unread': rotated(
      (n) => `mv events.json events.json.${n} && zip -qm events.json.${n}.zip events.json.${n}`,
      { skip: without('zip') },
    ),
    '.GZ, unread': rotated((n) => `mv events.json events.json.${n} && gzip -S .GZ events.json.${n}`),
    'two members, unread': rotated(
      (n) =>
        `head -n 2 events.json | gzip > events.json.${n}.gz; tail -n +3 events.json | gzip >> events.json.${n}.gz; rm events.json`,
    ),
  },
};
