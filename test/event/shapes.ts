/** A hundred shapes: what people really have before an event, and what attackers would like to have there. */

/** What a line is to be. */
export type Outcome = 'event' | 'malformed' | 'text';

export interface Shape {
  name: string;
  /** The line, given a whole event or what an attacker wrote, which is one. */
  line(event: string): string | Buffer;
  gives: Outcome;
}

const ISO = '2026-01-02T03:04:05.000000001Z';
const behind = (name: string, prefix: string, suffix = ''): Shape => ({
  name,
  line: (event) => `${prefix}${event}${suffix}`,
  gives: 'event',
});

/** What stands before an event. */
export const PREFIXES: Shape[] = [
  behind('nothing', ''),
  behind('a byte-order mark', '\ufeff'),
  behind('a mark, and a return behind', '\ufeff', '\r'),
  behind('NULs', '\0'.repeat(5000)),
  behind('NULs, blanks and a mark', '\0\0 \t\ufeff '),
  behind('a colour', '\u001b[36m', '\u001b[0m'),
  behind('several colours', '\u001b[1;38;5;208m\u001b[K', '\u001b(B\u001b[m'),
  behind('compose', 'falco  | '),
  behind('compose, colours', '\u001b[36mfalco  | \u001b[0m'),
  behind('compose with a number', 'ecommerce-falco-1  | '),
  behind('compose --timestamps', `falco  | ${ISO} `),
  behind('compose v1, colours', '\u001b[36;1mshop_falco_1 |\u001b[0m '),
  behind('podman-compose', '[falco]    | '),
  behind('nerdctl compose', 'falco  |'),
  behind('docker service logs', 'falco.1.x1y2z3a4b5c6@node-1    | '),
  behind('docker logs -t', `${ISO} `),
  behind('--timestamps with an offset', '2026-01-02T03:04:05.123456789+01:00 '),
  behind('ts', 'Nov 25 20:00:00 '),
  behind('a time in brackets', '[2026-01-02T03:04:05.123Z] '),
  behind("Go's log", '2026/01/02 03:04:05 '),
  behind('podman logs -t', '2026-01-02T03:04:05+01:00 '),
  behind('journalctl --no-hostname', 'Oct 07 07:24:30 falco[9]: '),
  behind('kubectl --prefix', '[pod/falco-abcde/falco] '),
  behind('kubectl --prefix --timestamps', `[pod/falco-abcde/falco] ${ISO} `),
  behind('stern', 'falco-x2x4z falco '),
  behind('stern, colours', '\u001b[38;5;81mfalco-x2x4z\u001b[0m \u001b[38;5;32mfalco\u001b[0m '),
  behind('stern of all namespaces', 'security falco-x2x4z falco '),
  behind('stern --timestamps', `falco-x2x4z falco ${ISO} `),
  behind('stern of a pod by another name', 'runtime-security-7d9f8b6c5d-x2x4z detector '),
  behind('syslog, RFC 3164', 'Oct  7 07:24:30 w1 falco[9]: '),
  behind('syslog, no process', 'Oct 17 07:24:30 w1 falco: '),
  behind('syslog, a priority', '<13>Oct  7 07:24:30 w1 falco[9]: '),
  behind('syslog, no host', '<13>Oct  7 07:24:30 falco[9]: '),
  behind('syslog, ISO time', '2026-01-02T03:04:05.123456+00:00 w1 falco[9]: '),
  behind('syslog, BusyBox', 'Oct  7 07:24:30 w1 user.notice falco[9]: '),
  behind('syslog, CEE', 'Oct  7 07:24:30 w1 falco[9]: @cee: '),
  behind('falcosidekick', '<5>2024-08-07T13:49:16Z host-a Falco[1]: '),
  behind('a priority alone', '<5>'),
  behind('a priority and a tag', '<5>falco: '),
  behind('RFC 5424', '<165>1 2026-01-02T03:04:05.003Z w1 falco 9 - - '),
  behind('RFC 5424, nothing told', '<165>1 - - - - - - '),
  behind('RFC 5424 with a mark', '<165>1 2026-01-02T03:04:05.003Z w1 falco 9 ID47 - \ufeff'),
  behind('RFC 5424 with data', '<165>1 2026-01-02T03:04:05Z w1 falco 9 - [a@1 b="c \\] d"][e@1] '),
  behind('RFC 5424, counted', '312 <165>1 2026-01-02T03:04:05.003Z w1 falco 9 - - '),
  behind("Docker's syslog driver", 'Oct  7 07:24:30 w1 4f5a1b2c3d4e[812]: '),
  behind("Docker's syslog driver with a path", 'Oct  7 07:24:30 w1 docker/falco[812]: '),
  behind('journalctl -o short-precise', 'Oct 07 07:24:30.123456 w1 falco[9]: '),
  behind('journalctl -o short-iso', '2026-10-07T07:24:30+0000 w1 falco[9]: '),
  behind('journalctl -o short-full', 'Wed 2026-10-07 07:24:30 UTC w1 falco[9]: '),
  behind('journalctl -o short-monotonic', '[12345.678901] w1 falco[9]: '),
  behind('journalctl -o short-unix', '1728285870.123456 w1 falco[9]: '),
  behind('journalctl -o with-unit', 'Wed 2026-10-07 07:24:30 CEST w1 falco-modern-bpf.service[9]: '),
  behind('journalctl -o export', 'MESSAGE='),
  behind('syslog through compose', 'log-1  | Oct  7 07:24:30 w1 falco[9]: '),
];

const journal = (fields: (event: string) => object) => (event: string) => JSON.stringify(fields(event));
/** Which are wrapped as a whole: these are not wrapped again. */
export const WRAPPED: Shape[] = [
  {
    name: 'journalctl -o json',
    line: journal((MESSAGE) => ({ __CURSOR: 's=1', _COMM: 'falco', MESSAGE, PRIORITY: '6' })),
    gives: 'event',
  },
  {
    name: 'journalctl -o json, the message first',
    line: journal((MESSAGE) => ({ MESSAGE, _SYSTEMD_UNIT: 'falco.service' })),
    gives: 'event',
  },
  {
    name: 'an event with a key of the journal',
    line: (event) => `{"MESSAGE":"x",${event.slice(1)}`,
    gives: 'event',
  },
  {
    name: 'journalctl -o json, bytes',
    line: journal((event) => ({ _COMM: 'falco', MESSAGE: [...Buffer.from(event)] })),
    gives: 'event',
  },
  {
    name: 'journalctl -o json, a priority in the message',
    line: journal((event) => ({ _COMM: 'falco', MESSAGE: `<5>${event}` })),
    gives: 'event',
  },
];

const FALCO_TEXT = '14:07:33.890134940: Warning ';
const FALCO_ISO = '2026-11-23T14:19:12.535442286+0000: Notice ';
const inside = (name: string, line: Shape['line'], gives: Outcome): Shape => ({ name, line, gives });

/** What must never be an event, whoever wrote it. The event is the attacker's. */
export const FORGED: Shape[] = [
  inside(
    'in the output of an event that is cut',
    (event) => `{"rule":"R","priority":"Error","output":${JSON.stringify(event).slice(0, -1)}`,
    'malformed',
  ),
  inside(
    'in the rest of an event that was cut',
    (event) => `cmd=falco  | ${JSON.stringify(event).slice(1, -1)}","rule":"R"}`,
    'text',
  ),
  inside(
    'behind a prefix, in such a rest',
    (event) => `Oct  7 07:24:30 w1 falco[9]: ${JSON.stringify(event).slice(1, -1)}`,
    'malformed',
  ),
  inside("in Falco's text format", (event) => `${FALCO_TEXT}shell (cmd=${event})`, 'malformed'),
  inside("in Falco's text format, alone", (event) => `${FALCO_TEXT}${event}`, 'malformed'),
  inside("in Falco's text format, ISO 8601", (event) => `${FALCO_ISO}${event}`, 'malformed'),
  inside(
    "in Falco's text format, with a prefix before it",
    (event) => `${FALCO_TEXT}cmd=x falco  | ${event}`,
    'malformed',
  ),
  inside(
    "in Falco's text format behind a prefix",
    (event) => `Oct  7 07:24:30 w1 falco[9]: ${FALCO_TEXT}${event}`,
    'malformed',
  ),
  inside(
    "in Falco's text format behind compose",
    (event) => `\u001b[36mfalco  | \u001b[0m${FALCO_ISO}${event}`,
    'malformed',
  ),
  inside('without any, behind compose', () => `falco  | ${FALCO_TEXT}nothing of it`, 'malformed'),
  inside(
    'in words of sshd in one syslog',
    (event) => `Oct  7 07:24:30 w1 sshd[9]: Invalid user ${event} from 192.0.2.1`,
    'malformed',
  ),
  inside('with words behind it', (event) => `Oct  7 07:24:30 w1 app[9]: ${event} was refused`, 'malformed'),
  inside('as the second of a line', (event) => `${event.replace('"rule"', '"x"')}${event}`, 'malformed'),
  inside('as the second behind a prefix', (event) => `falco  | {}${event}`, 'malformed'),
  inside(
    'glued to standard error',
    (event) => `Mon Nov 23 14:14:14 2026: Loading rules${event}`,
    'malformed',
  ),
  inside('glued to words', (event) => `an error occurred${event}`, 'malformed'),
  inside('behind two words', (event) => `user=root command=x ${event}`, 'malformed'),
  inside('behind three plain words', (event) => `received an event ${event}`, 'malformed'),
  inside('behind a brace', (event) => `falco  | {x} | ${event}`, 'malformed'),
  inside('behind a very long name', (event) => `${'f'.repeat(5000)}  | ${event}`, 'malformed'),
  inside(
    'behind words behind a thousand blanks',
    (event) => `<5>${' '.repeat(2000)}words ${event}`,
    'malformed',
  ),
  inside('in a list', (event) => `[${event}]`, 'malformed'),
  inside('in results', (event) => `{"results":[${event}]}`, 'malformed'),
  inside('in a string of another object', (event) => JSON.stringify({ msg: event }), 'malformed'),
  inside('in the names of a journal entry', (event) => `{"MESSAGE":"x","y":${event}}`, 'text'),
  inside(
    'on the second line of a journal message',
    (event) => JSON.stringify({ _COMM: 'app', MESSAGE: `a\n${event}` }),
    'malformed',
  ),
  inside('escaped in words', (event) => `level=info msg=${JSON.stringify(event)}`, 'text'),
  inside('not at all', () => 'Events detected: 3', 'text'),
];

/** One rule for each, so that each is found in the counts. */
export const eventOf = (rule: string): string =>
  JSON.stringify({ hostname: 'h', output: 'a {"b"} c', priority: 'Notice', rule, source: 'syscall' });

/** How a runtime wraps a line of standard output. */
export const WRAPS: Record<string, (line: string) => string> = {
  bare: (line) => line,
  Docker: (line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: ISO }),
  CRI: (line) => `${ISO} stdout F ${line}`,
};

export interface Row {
  name: string;
  rule: string;
  line: Buffer;
  gives: Outcome;
}

/** Every shape in every wrapping. */
export function rows(): Row[] {
  const found: Row[] = [];
  const add = (name: string, shape: Shape, wrap: (line: string) => string) => {
    const rule = `Rule ${found.length}`;
    found.push({
      name,
      rule,
      line: Buffer.from(wrap(String(shape.line(eventOf(rule))))),
      gives: shape.gives,
    });
  };
  for (const [wrapping, wrap] of Object.entries(WRAPS))
    for (const shape of [...PREFIXES, ...FORGED]) {
      // What wraps as a whole stands bare.
      if (wrapping !== 'bare' && /journal entry|journal message/.test(shape.name)) continue;
      add(`${shape.name}, ${wrapping}`, shape, wrap);
    }
  for (const shape of WRAPPED) add(shape.name, shape, WRAPS.bare!);
  return found;
}
