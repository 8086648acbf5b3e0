/** What clients and an administrator may do to the door, as commands that a seed gives again. */
import fc from 'fast-check';

/** Addresses that are not the scraper's. */
const PEERS = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const PATHS = ['/metrics', '/metrics?view=counted', '/api/summary', '/healthz', '/nowhere', '/events'];
/** Damage to the web configuration, and changes that are meant. */
const DAMAGE = ['empty', 'no users below', 'another section', 'no YAML', 'gone', 'a directory'] as const;
const CHANGES = ['another user', 'another password', 'in words: nobody', 'users'] as const;

export type Command =
  | { do: 'connect'; from: string; times: number }
  | { do: 'ask'; who: number; path: string; as: 'alice' | 'a stranger' | undefined; times: number }
  | { do: 'stream'; who: number }
  | { do: 'post'; who: number; how: 'whole' | 'half' | 'huge' | 'expecting' }
  | { do: 'creep'; who: number; sends: boolean }
  | { do: 'write'; who: number; what: string }
  | { do: 'read'; who: number; most: number | undefined }
  | { do: 'end'; who: number; how: 'reset' | 'close' | 'half' }
  | { do: 'pass'; time: number }
  | { do: 'cut'; at: number }
  | { do: 'configure'; what: (typeof DAMAGE)[number] | (typeof CHANGES)[number] }
  | { do: 'scrape' }
  | { do: 'event' };

const who = fc.nat(30);
const one = fc.record({
  do: fc.constant('connect' as const),
  from: fc.constantFrom(...PEERS),
  times: fc.integer({ min: 1, max: 8 }),
});
const ask = fc.record({
  do: fc.constant('ask' as const),
  who,
  path: fc.constantFrom(...PATHS),
  as: fc.constantFrom('alice' as const, 'alice' as const, 'a stranger' as const, undefined),
  times: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 40 })),
});
const read = fc.record({
  do: fc.constant('read' as const),
  who,
  most: fc.option(fc.integer({ min: 1, max: 8_000_000 }), { nil: undefined }),
});
const end = fc.record({
  do: fc.constant('end' as const),
  who,
  how: fc.constantFrom('reset' as const, 'close' as const, 'half' as const),
});
const pass = fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 50, max: 4000 }) });
const scrape = fc.constant({ do: 'scrape' as const });

/** Scripts of some dozen commands. */
export const scripts: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Command>[]>(
    { weight: 4, arbitrary: one },
    { weight: 8, arbitrary: ask },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stream' as const), who }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('post' as const),
        who,
        how: fc.constantFrom('whole' as const, 'half' as const, 'huge' as const, 'expecting' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        who,
        what: fc.constantFrom('GET /metr', '\0\xff\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '0\r\n\r\n'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('creep' as const), who, sends: fc.boolean() }),
    },
    { weight: 3, arbitrary: read },
    { weight: 3, arbitrary: end },
    { weight: 2, arbitrary: pass },
    { weight: 3, arbitrary: scrape },
    { weight: 2, arbitrary: fc.constant({ do: 'event' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), at: fc.nat(200) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('configure' as const),
        what: fc.constantFrom(...DAMAGE, ...CHANGES),
      }),
    },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

const each = (count: number, command: (who: number) => Command) =>
  Array.from({ length: count }, (_, who) => command(who));
const scrapeOf = (who: number) => ({ do: 'ask', who, path: '/metrics', as: 'alice', times: 1 }) as const;

/** What once kept the door shut; all slots are taken by each. */
export const EXAMPLES: readonly Command[][] = [
  // From another address than the event, and from the same, as where a proxy of Docker's stands between.
  ...['127.0.0.2', '127.0.0.9'].map((from): Command[] => [
    { do: 'connect', from, times: 3 },
    ...each(3, (who) => ({ do: 'creep', who, sends: true })),
    { do: 'event' },
  ]),
  [{ do: 'connect', from: '127.0.0.2', times: 3 }, ...each(3, scrapeOf), { do: 'scrape' }],
  [
    { do: 'connect', from: '127.0.0.2', times: 1 },
    { do: 'stream', who: 0 },
    { do: 'post', who: 0, how: 'huge' },
    { do: 'end', who: 0, how: 'reset' },
  ],
];
