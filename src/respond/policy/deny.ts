/**
 * The deny list: containers that are never acted on, whatever a response allows. It goes by what the engine says of a
 * container, never by an event's text. A word counts wherever it stands in a name, between `-`, `_`, `.` and `/`.
 */
import type { Matcher, Policy } from './schema.ts';

/** What the deny list looks at. */
export interface Judged {
  id: string;
  name: string;
  image: string;
  labels: Readonly<Record<string, string>>;
}

/** Who watches, alerts and responds: blind is worse than broken into. No policy takes these out. */
const WATCHERS = words(`
  falco falcosidekick falcoctl falco-event-exporter falco-responder responder socket-proxy docker-socket-proxy
  prometheus alertmanager pushgateway`);
/** Stopping one in the middle of its work costs data. `deny.databases_except` and `deny.databases: false` take them out. */
const DATABASES = words(`
  postgres postgresql postgis timescaledb timescale pgvector pgbouncer mysql mariadb percona mongo mongodb redis valkey keydb
  dragonfly elasticsearch opensearch cassandra scylla couchdb couchbase influxdb clickhouse neo4j etcd cockroach
  cockroachdb mssql sqlserver oracle db2 rabbitmq kafka zookeeper consul vault minio memcached db database`);
/** A container that carries it, with any value but `allow`, is denied. */
export const DENY_LABEL = 'falco-event-exporter.respond';
/** What Compose calls a container, and what an image calls itself. */
const NAMING_LABELS = ['com.docker.compose.service', 'org.opencontainers.image.title'];
/** Longest text that a pattern is tried on. */
const MAX_MATCHED = 256;

/**
 * @param own ids of the responder's own container, or their beginnings
 * @returns why it is denied; undefined where it isn't
 */
export function denied(container: Judged, { deny }: Policy, own: readonly string[]): string | undefined {
  const { id, name, image, labels } = container;
  if (own.some((each) => id.startsWith(each))) return 'it is the responder itself';
  if (name === '') return 'its name is none that can be checked';
  const mark = labels[DENY_LABEL];
  if (mark !== undefined && mark !== 'allow') return `its label ${DENY_LABEL}`;
  const called = [name, repository(image), ...NAMING_LABELS.map((label) => labels[label] ?? '')];
  const watcher = called.find((text) => holds(text, WATCHERS));
  if (watcher !== undefined) return `${watcher} watches or alerts`;
  const isGuarded = deny.databases && !matches(deny.databases_except, name);
  const database = isGuarded ? called.find((text) => holds(text, DATABASES)) : undefined;
  if (database !== undefined) return `${database} is a database`;
  if (matches(deny.name, name)) return 'deny.name';
  if (matches(deny.image, image) || matches(deny.image, repository(image))) return 'deny.image';
  if (hasLabel(deny.label, labels)) return 'deny.label';
  return undefined;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** `docker.io/library/postgres:17@sha256:…` is `docker.io/library/postgres`. */
export function repository(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

/** Whether one of the words stands in it, alone or as several of its parts. */
function holds(text: string, list: ReadonlySet<string>): boolean {
  const parts = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  return parts.some((_, from) =>
    [1, 2, 3].some((length) => {
      const some = parts.slice(from, from + length);
      // postgres17 and postgres-17 are postgres.
      return list.has(some.join('-')) || list.has(some.join('-').replace(/\d+$/, ''));
    }),
  );
}

export function matches(matchers: readonly Matcher[] | undefined, text: string): boolean {
  if (matchers === undefined) return false;
  return matchers.some((matcher) =>
    typeof matcher === 'string' ? matcher === text : text.length <= MAX_MATCHED && matcher.test(text),
  );
}

export function hasLabel(
  wanted: Readonly<Record<string, readonly Matcher[]>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted ?? {}).some(
    ([label, values]) => Object.hasOwn(labels, label) && matches(values, labels[label]!),
  );
}
