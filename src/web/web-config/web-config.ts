/**
 * The web configuration, in the format of Prometheus's exporter-toolkit: TLS, users, headers, rate limit. What that
 * accepts is accepted, and means the same; a setting that would keep everybody out is refused. Every fault names its
 * place, and none repeats a value, which may be a secret.
 */
import { YamlFile, type YamlKind } from '../../config/yaml-file.ts';
import type { TlsSettings } from '../tls/tls.ts';
import { bcryptHash } from './bcrypt-hash.ts';
import { Faults, Section } from './go-yaml.ts';
import { readHeaders } from './headers.ts';
import { readTls, TLS_KEYS } from './tls-section.ts';
import { WatchedFiles } from './watched-files.ts';

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
  files: WatchedFiles;
  /** Keys that have a value, with dots; for a section that is written as empty (`{}`), its own key. */
  said: ReadonlySet<string>;
}

/** Without a file: plain HTTP, open to all. */
export const OPEN: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  rateLimit: undefined,
  files: new WatchedFiles(),
  said: new Set(),
};

const WEB_CONFIGURATION: YamlKind = {
  name: 'the web configuration',
  unreadable: 'WEB_CONFIG_FILE',
  syntax: 'WEB_CONFIG_SYNTAX',
  unknownKey: 'WEB_CONFIG_UNKNOWN_KEY',
  type: 'WEB_CONFIG_TYPE',
  manual: 'docs/security.md',
  secret: true,
  scalars: 'go',
};

const KEYS = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'] as const;

/** @throws an AggregateError of ExporterErrors, one for each fault */
export function loadWebConfig(path: string): WebConfig {
  const files = new WatchedFiles();
  const yaml = files.read(path, () => new YamlFile(path, WEB_CONFIGURATION));
  const faults = new Faults(yaml);
  const root = Section.root(yaml, KEYS, faults);
  const tlsSection = root.section('tls_server_config', TLS_KEYS);
  const rate = root.section('rate_limit', ['interval', 'burst']);
  const config: WebConfig = {
    tls: readTls(tlsSection, path, files, faults),
    headers: readHeaders(root.section('http_server_config', ['http2', 'headers'])),
    users: readUsers(root),
    rateLimit: readRateLimit(rate),
    files,
    said: new Set([
      ...KEYS.filter((key) => root.empties(key)),
      ...TLS_KEYS.filter((key) => tlsSection.says(key)).map((key) => `tls_server_config.${key}`),
      ...(rate.says('interval') ? ['rate_limit.interval'] : []),
    ]),
  };
  faults.throw();
  return config;
}

function readUsers(root: Section): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  const section = 'basic_auth_users';
  for (const [name, text] of root.texts(section)) {
    const hash = bcryptHash(text);
    if (name.includes(':')) root.wrong(section, 'expected a name without a colon', { of: name, atKey: true });
    else if (hash === undefined)
      root.wrong(section, "expected a bcrypt hash, as `htpasswd -nBC 10 ''` prints it", { of: name });
    else users.set(name, hash);
  }
  return users;
}

function readRateLimit(section: Section): WebConfig['rateLimit'] {
  const interval = section.duration('interval');
  const burst = section.whole('burst');
  if (interval <= 0) return undefined;
  if (burst < 1) section.wrong('burst', 'with a burst of 0 no request would be answered', { atKey: true });
  return { interval, burst };
}
