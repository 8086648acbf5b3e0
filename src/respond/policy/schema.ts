/** What a policy can say, with its defaults. docs/response.md lists the keys. */
import * as z from 'zod';
import { parseAddress } from '../../config/address.ts';
import { parseDuration } from '../../config/duration.ts';
import { linearPattern, type Pattern } from '../../config/pattern.ts';
import { PRIORITIES } from '../../event/priority.ts';
import { STEPS } from '../words.ts';

const duration = (least: number, most: number) =>
  z.string().transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
    context.addIssue({
      code: 'custom',
      message: `expected a duration like 10m, from ${least / 1000}s to ${most / 1000}s`,
    });
    return z.NEVER;
  });
const [SECOND, MINUTE, DAY] = [1000, 60_000, 86_400_000];

/** Text, or a regular expression between slashes that must match the whole. */
const matcher = z
  .string()
  .min(1)
  .transform((text, context): string | Pattern => {
    if (text.length < 3 || !text.startsWith('/') || !text.endsWith('/')) return text;
    try {
      return linearPattern(text.slice(1, -1));
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
const matchers = z.union([matcher.transform((one) => [one]), z.array(matcher).min(1)]);
export type Matcher = z.output<typeof matcher>;

/** A label's name and what its value must be. */
const labels = z.record(z.string().min(1), matchers);

const priority = z.enum(PRIORITIES);

const match = z
  .strictObject({
    rule: matchers.optional(),
    priority: z.union([z.array(priority).min(1), priority.transform((one) => [one])]).optional(),
    /** Any of them. */
    tag: matchers.optional(),
    /** As the exporter would call it. */
    service: matchers.optional(),
  })
  .refine((kinds) => Object.values(kinds).some((kind) => kind !== undefined), {
    message: 'expected at least one of rule, priority, tag, service',
  });

const containers = z
  .strictObject({ name: matchers.optional(), label: labels.optional() })
  .refine(({ name, label }) => name !== undefined || Object.keys(label ?? {}).length > 0, {
    message: 'expected name or label: which containers may be acted on',
  });

const steps = z
  .array(z.enum(STEPS))
  .min(1)
  .superRefine((given, context) => {
    const places = given.map((step) => STEPS.indexOf(step));
    if (places.some((place, index) => index > 0 && place <= places[index - 1]!))
      context.addIssue({ code: 'custom', message: `expected each once, in the order ${STEPS.join(', ')}` });
    if (given[0] !== 'evidence')
      context.addIssue({ code: 'custom', message: 'expected evidence as the first step' });
  });

const response = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'expected a name of letters, digits, _, . and -'),
  match,
  containers,
  steps,
  /** `restart` and `stop` without a person's word. */
  auto: z.boolean().default(false),
  cool_down: duration(SECOND, DAY).optional(),
  unpause_after: duration(SECOND, 7 * DAY).optional(),
});

const bytes = (standard: number, least: number) =>
  z
    .number()
    .int()
    .min(least)
    .max(2 ** 40)
    .default(standard);
const MEBIBYTE = 1024 ** 2;

export const policySchema = z.strictObject({
  /** Nothing is done but looking; what would have been done is logged and counted. */
  dry_run: z.boolean().default(true),
  /** An event that is older is never acted on. */
  max_event_age: duration(SECOND, DAY).prefault('5m'),
  /** How many acts by the policy alone, on all containers together. */
  budget: z
    .strictObject({
      acts: z.number().int().min(0).max(1000).default(3),
      per: duration(MINUTE, DAY).prefault('1h'),
    })
    .prefault({}),
  /** For each container: the same is not done again. */
  cool_down: duration(SECOND, DAY).prefault('10m'),
  unpause_after: duration(SECOND, 7 * DAY).optional(),
  /** How long a person's word is waited for. */
  approval_timeout: duration(MINUTE, 7 * DAY).prefault('24h'),
  /** What a container has to end by itself at a restart or stop. */
  grace: duration(0, 5 * MINUTE).prefault('10s'),
  /** Beside what is always denied. */
  deny: z
    .strictObject({
      name: matchers.optional(),
      label: labels.optional(),
      image: matchers.optional(),
      /** Whether databases are denied. */
      databases: z.boolean().default(true),
      /** Names of containers that are acted on though they are databases. */
      databases_except: matchers.optional(),
    })
    .prefault({}),
  docker: z
    .strictObject({
      /** The proxy's socket, or the engine's own. */
      socket: z.string().startsWith('/', 'expected an absolute path').default('/var/run/docker.sock'),
      timeout: duration(100, MINUTE).prefault('5s'),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      /** Undefined: `evidence` in the responder's state directory. */
      dir: z.string().startsWith('/', 'expected an absolute path').optional(),
      /** Of all evidence together; what is there is never deleted. */
      max_bytes: bytes(1024 * MEBIBYTE, MEBIBYTE),
      /** Of a container's log. */
      max_log_bytes: bytes(4 * MEBIBYTE, 1024),
      /** Whether a container's files are taken too, once it is paused. */
      export: z.boolean().default(false),
      max_export_bytes: bytes(512 * MEBIBYTE, 1024),
      /** Before the next step; what is late is asked for again after it. */
      patience: duration(100, MINUTE).prefault('1500ms'),
    })
    .prefault({}),
  web: z
    .strictObject({
      listen_address: z
        .string()
        .transform((text, context) => {
          const parsed = parseAddress(text);
          if (parsed) return parsed;
          context.addIssue({ code: 'custom', message: 'expected HOST:PORT, :PORT or [IPV6]:PORT' });
          return z.NEVER;
        })
        .prefault(':9377'),
      /** Who has the token may see, approve and refuse. */
      token_file: z.string().min(1).optional(),
    })
    .prefault({}),
  /** The first whose `match` fits the event and whose `containers` allow the container. */
  responses: z
    .array(response)
    .min(1)
    .superRefine((given, context) => {
      const names = given.map(({ name }) => name);
      for (const [index, name] of names.entries())
        if (names.indexOf(name) < index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'expected a name of its own' });
    }),
});

export type Policy = z.output<typeof policySchema>;
/** The policy that holds now. Whoever needs it asks anew each time, so that another one holds at once. */
export interface PolicyRef {
  readonly current: Policy;
}
export type Response = Policy['responses'][number];
