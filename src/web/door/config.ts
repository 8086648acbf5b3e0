/**
 * The web configuration, in the format of Prometheus's exporter-toolkit: TLS, users, headers, rate limit. Every fault
 * names its place; none repeats a value, which may be a secret.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { parseDuration } from '../../config/duration.ts';
import { inOrder, YamlFile, type YamlKind } from '../../config/yaml-file.ts';
import { ExporterError } from '../../errors.ts';
import { CLIENT_AUTH_TYPES, secureOptions, TLS_VERSIONS, type TlsSettings } from './tls.ts';

export interface WebConfig {
  /** Undefined: plain HTTP. */
  tls: TlsSettings | undefined;
  /** Sent with every answer, over our own of the same name; an empty one takes ours away. */
  headers: Readonly<Record<string, string>>;
  /** Bcrypt hashes by name; none: everyone may come in. */
  users: ReadonlyMap<string, string>;
  /** One request each `interval` ms on average, `burst` at once. */
  rateLimit: { interval: number; burst: number } | undefined;
  /** Every file that this was read from. */
  files: readonly string[];
}

/** Without a file: plain HTTP, open to all. */
export const OPEN: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  rateLimit: undefined,
  files: [],
};

const WEB_CONFIGURATION: YamlKind = {
  name: 'the web configuration',
  unreadable: 'WEB_CONFIG_FILE',
  syntax: 'WEB_CONFIG_SYNTAX',
  unknownKey: 'WEB_CONFIG_UNKNOWN_KEY',
  type: 'WEB_CONFIG_TYPE',
  manual: 'docs/security.md',
  secret: true,
};

/** $2a, $2b, $2y; costs 4 to 31, as bcrypt defines them. */
const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

const names = z.array(z.string().min(1));
/** Printable ASCII and Latin-1, as Node sends headers; no line breaks. */
const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected text that a header can hold');
const duration = z.union([
  z.literal(0),
  z.string().refine((text) => parseDuration(text) !== undefined, 'expected a duration like 1s or 500ms'),
]);

const schema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert: z.string().optional(),
      key: z.string().optional(),
      client_ca: z.string().optional(),
      cert_file: z.string().optional(),
      key_file: z.string().optional(),
      client_ca_file: z.string().optional(),
      client_auth_type: z.enum(CLIENT_AUTH_TYPES).default('NoClientCert'),
      client_allowed_sans: names.optional(),
      min_version: z.enum(TLS_VERSIONS).default('TLS12'),
      max_version: z.enum(TLS_VERSIONS).default('TLS13'),
      cipher_suites: names.optional(),
      prefer_server_cipher_suites: z.boolean().default(true),
      curve_preferences: names.optional(),
    })
    .optional(),
  http_server_config: z
    .strictObject({
      /** Accepted as others write it; HTTP/1.1 is what there is. */
      http2: z.boolean().optional(),
      headers: z
        .strictObject({
          'Content-Security-Policy': headerValue.optional(),
          'X-Frame-Options': z.enum(['', 'deny', 'sameorigin']).optional(),
          'X-Content-Type-Options': z.enum(['', 'nosniff']).optional(),
          'X-XSS-Protection': headerValue.optional(),
          'Strict-Transport-Security': headerValue.optional(),
        })
        .optional(),
    })
    .optional(),
  basic_auth_users: z
    .record(
      z.string().regex(/^[^:\x00-\x1f]+$/, 'expected a name without a colon'),
      z
        .string()
        .regex(BCRYPT, "expected a bcrypt hash ($2a$, $2b$ or $2y$), as `htpasswd -nBC 10 ''` prints it"),
    )
    .nullish(),
  rate_limit: z
    .strictObject({ interval: duration.default(0), burst: z.number().int().min(0).default(0) })
    .optional(),
});

type TlsSection = NonNullable<z.output<typeof schema>['tls_server_config']>;

/** @throws an AggregateError of ExporterErrors, one for each fault */
export function loadWebConfig(path: string): WebConfig {
  const yaml = new YamlFile(path, WEB_CONFIGURATION);
  const parsed = schema.safeParse(yaml.values, { reportInput: true });
  if (!parsed.success)
    throw new AggregateError(inOrder(parsed.error.issues.flatMap((issue) => yaml.faults(issue))));
  const { tls_server_config, http_server_config, basic_auth_users, rate_limit } = parsed.data;
  const headers = Object.entries(http_server_config?.headers ?? {}).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  const reader = new TlsReader(yaml);
  const tls = tls_server_config && reader.read(tls_server_config);
  const interval = rate_limit ? parseDuration(String(rate_limit.interval))! : 0;
  if (interval > 0 && rate_limit!.burst === 0)
    reader.fault('WEB_CONFIG_TYPE', 'with a burst of 0 no request would be answered', [
      'rate_limit',
      'burst',
    ]);
  if (reader.faults.length > 0) throw new AggregateError(inOrder(reader.faults));
  return {
    tls,
    headers: Object.fromEntries(headers),
    users: new Map(Object.entries(basic_auth_users ?? {})),
    rateLimit: interval > 0 ? { interval, burst: rate_limit!.burst } : undefined,
    files: [path, ...reader.files],
  };
}

/** Reads what `tls_server_config` names, and collects what is wrong with it. */
class TlsReader {
  readonly faults: ExporterError[] = [];
  readonly files: string[] = [];
  readonly #yaml: YamlFile;

  constructor(yaml: YamlFile) {
    this.#yaml = yaml;
  }

  read(section: TlsSection): TlsSettings | undefined {
    const cert = this.#given(section, 'cert', 'cert_file', true);
    const key = this.#given(section, 'key', 'key_file', true);
    const clientCa = this.#given(section, 'client_ca', 'client_ca_file', false);
    const verifies = /Verify/.test(section.client_auth_type);
    if (clientCa !== undefined && section.client_auth_type === 'NoClientCert')
      this.#wrong(
        'a client CA is of no use without client_auth_type: RequireAndVerifyClientCert',
        'client_ca',
      );
    if (verifies && clientCa === undefined)
      this.#wrong(`${section.client_auth_type} needs client_ca_file or client_ca`, 'client_auth_type');
    if (section.client_allowed_sans && !section.client_auth_type.startsWith('Require'))
      this.#wrong('client_allowed_sans needs a client_auth_type that requires one', 'client_allowed_sans');
    if (TLS_VERSIONS.indexOf(section.min_version) > TLS_VERSIONS.indexOf(section.max_version))
      this.#wrong('min_version is above max_version', 'min_version');
    if (this.faults.length > 0) return undefined;
    try {
      return secureOptions({
        cert: cert!,
        key: key!,
        clientCa,
        clientAuth: section.client_auth_type,
        allowedSans: section.client_allowed_sans,
        minVersion: section.min_version,
        maxVersion: section.max_version,
        cipherSuites: section.cipher_suites,
        preferServerCiphers: section.prefer_server_cipher_suites,
        curves: section.curve_preferences,
      });
    } catch (error) {
      const advice = 'Certificates and keys are PEM; the key must be the one of the certificate.';
      this.fault('WEB_CONFIG_TLS', (error as Error).message, ['tls_server_config'], advice);
      return undefined;
    }
  }

  fault(
    code: 'WEB_CONFIG_TYPE' | 'WEB_CONFIG_TLS',
    what: string,
    path: readonly string[],
    advice?: string,
  ): void {
    const place = this.#yaml.place(path.slice(0, -1), path.at(-1));
    this.faults.push(new ExporterError(code, what, { place, ...(advice && { advice }) }));
  }

  #wrong(what: string, key: keyof TlsSection): void {
    this.fault('WEB_CONFIG_TYPE', what, ['tls_server_config', key]);
  }

  /** The PEM text, given inline or as a file; a file's path is relative to the configuration's. */
  #given(
    section: TlsSection,
    inline: 'cert' | 'key' | 'client_ca',
    fromFile: 'cert_file' | 'key_file' | 'client_ca_file',
    needed: boolean,
  ): string | undefined {
    const text = section[inline];
    const name = section[fromFile];
    if (text !== undefined && name !== undefined)
      this.#wrong(`${inline} and ${fromFile} are both given`, inline);
    if (text !== undefined) return text;
    if (name === undefined) {
      if (needed) this.fault('WEB_CONFIG_TYPE', `${fromFile} or ${inline} is missing`, ['tls_server_config']);
      return undefined;
    }
    const path = resolve(dirname(this.#yaml.path), name);
    this.files.push(path);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      this.fault('WEB_CONFIG_TLS', `can't be read: ${(error as Error).message}`, [
        'tls_server_config',
        fromFile,
      ]);
      return undefined;
    }
  }
}
