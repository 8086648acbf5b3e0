/** What can be configured, with its defaults. Keys are those of the YAML file; `flags.ts` gives them as flags. */
import * as z from 'zod';
import { parseAddress, ROUTE } from './address.ts';
import { parseDuration } from './duration.ts';
import { EVENT_LABELS } from './label-names.ts';
import { linearPattern, type Pattern } from './pattern.ts';
import { parseScraper } from './scrapers.ts';

/** A duration as Prometheus writes it ("30s", "1m30s"); milliseconds after parsing. */
const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: 'expected a duration like 30s, 1m30s or 500ms' });
  return z.NEVER;
});

const address = z.string().transform((text, context) => {
  const parsed = parseAddress(text);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: 'expected HOST:PORT, :PORT or [IPV6]:PORT' });
  return z.NEVER;
});

const scraper = z.string().refine((text) => parseScraper(text) !== undefined, {
  message: 'expected an address like 10.0.0.5 or a network like 10.0.0.0/8',
});

const link = z.url({
  protocol: /^https?$/,
  error: 'expected an address that begins with http:// or https://',
});

const externalLink = link.refine((text) => !URL.canParse(text) || ROUTE.test(new URL(text).pathname), {
  message: 'expected a path of letters, digits and . / ~ % - _',
});

/** Text, or a regular expression between slashes that must match the whole. */
const matcher = z.string().transform((text, context): string | Pattern => {
  if (text.length < 2 || !text.startsWith('/') || !text.endsWith('/')) return text;
  try {
    return linearPattern(text.slice(1, -1));
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
/** One, or several of which any may match. */
const matchers = z.union([matcher.transform((one) => [one]), z.array(matcher).min(1)]);

const kinds = ['container', 'image', 'namespace', 'workload', 'source', 'fields'] as const;
const service = z
  .strictObject({
    name: z.string().min(1),
    container: matchers.optional(),
    image: matchers.optional(),
    namespace: matchers.optional(),
    workload: matchers.optional(),
    /** The event's source: syscall, or a plugin's. */
    source: matchers.optional(),
    /** Any output fields. */
    fields: z.record(z.string().min(1), matchers).optional(),
  })
  .refine((entry) => kinds.some((kind) => entry[kind] && Object.keys(entry[kind]).length > 0), {
    message: `expected at least one of ${kinds.join(', ')}`,
  });

const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected a label name: letters, digits and _')
  .refine((name) => !name.startsWith('__') && !(EVENT_LABELS as readonly string[]).includes(name), {
    message: `expected a name that is not ${EVENT_LABELS.join(', ')} and does not begin with __`,
  });

/** A field's name, or `{value: text}`. */
const labelSource = z.union([
  z
    .string()
    .min(1)
    .transform((field) => ({ field })),
  z.strictObject({ value: z.string().min(1) }).transform(({ value }) => ({ text: value })),
]);

/** One, or several. */
const texts = z.union([
  z.array(z.string().min(1)),
  z
    .string()
    .min(1)
    .transform((one) => [one]),
]);

export const configSchema = z.strictObject({
  input: z
    .strictObject({
      file: texts.optional(),
      http: z.boolean().default(false),
      start: z.enum(['beginning', 'end']).default('beginning'),
      max_line_bytes: z
        .number()
        .int()
        .min(1024)
        .max(64 * 1024 * 1024)
        .default(1024 * 1024),
      /** How long the position of a file that can't be seen is kept, in time of running. */
      position_retention: duration.prefault('21d'),
    })
    .prefault({}),
  state: z.strictObject({ dir: z.string().optional() }).prefault({}),
  rules: z
    .strictObject({
      file: texts.default([]),
      falco_config: z.string().min(1).optional(),
    })
    .prefault({}),
  web: z
    .strictObject({
      listen_address: z.union([z.array(address).min(1), address.transform((one) => [one])]).prefault(':9376'),
      /** Instead of `listen_address`: the sockets that systemd opened. */
      systemd_socket: z.boolean().default(false),
      telemetry_path: z
        .string()
        .regex(/^\/[\w./-]*$/, 'expected a path like /metrics')
        .default('/metrics'),
      /** The address for people; see address.ts. */
      external_url: externalLink.optional(),
      /** Empty: the path of `external_url`. */
      route_prefix: z.string().regex(ROUTE, 'expected a path like /falco').default(''),
      hold: duration.prefault('30s'),
      /** How long it goes on at its end until scrapers have seen all counts; 0: not at all. */
      linger: duration.prefault('0s'),
      /** Addresses and networks of scrapers: no other client affects what they are shown. */
      scrapers: z.union([z.array(scraper), scraper.transform((one) => [one])]).default([]),
      /** TLS, users and headers: see src/web/web-config/web-config.ts. */
      config: z.strictObject({ file: z.string().min(1).optional() }).prefault({}),
      /** Most scrapes answered at the same time. */
      max_requests: z.number().int().min(1).max(10_000).default(40),
      disable_events: z.boolean().default(false),
      allow_remote_events: z.boolean().default(false),
      dashboards_url: link.optional(),
      runbooks_url: link.optional(),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      /** What /metrics has: all, or what a fleet needs of each of its nodes. */
      profile: z.enum(['full', 'lean']).default('full'),
      /** Whether OpenMetrics says when each series was created, and new ones are not held for scrapers that ask for it. */
      created_timestamps: z.boolean().default(false),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['logfmt', 'json']).default('logfmt'),
    })
    .prefault({}),
  /** Which container is which service; the first that matches. */
  services: z.array(service).default([]),
  /** Output field whose value is the service. */
  service_field: z.string().min(1).optional(),
  /** Labels added to falco_events_total: name, and the field that fills it, or a fixed text. */
  labels: z.record(labelName, labelSource).prefault({}),
  /** Most series of falco_events_total. */
  series_limit: z.number().int().min(100).max(1_000_000).default(10_000),
  /** How long a series that is not of the catalogue stays after its last event; 0: for ever. */
  series_retention: duration.prefault('1d'),
});

export type Config = z.output<typeof configSchema>;

const DEFAULT_FILE = '/var/log/falco/events.json';

/** The files, globs and "-" to follow; none where events come by HTTP alone. */
export function followedInputs({ input }: Config): string[] {
  const files = [...new Set(input.file)];
  return files.length > 0 || input.http ? files : [DEFAULT_FILE];
}
