/**
 * Which service an event belongs to. The first of these that has a value decides: the configuration's mapping; the output
 * field that the configuration names; `container.name`; "host", if Falco says that no container is involved; the one
 * container that the rule's condition names; for events of plugins the target's Kubernetes namespace, else the source's
 * name; else "unknown".
 */
import type { WantedField } from '../event/scan/scanner.ts';

/** A text, or a pattern that must match the whole of it. */
export type Matcher = string | { test(text: string): boolean };

/** A service, and what its events have; each kind and field that is given must match, by any of its matchers. */
export interface ServiceMapping {
  service: string;
  container?: readonly Matcher[] | undefined;
  image?: readonly Matcher[] | undefined;
  namespace?: readonly Matcher[] | undefined;
  workload?: readonly Matcher[] | undefined;
  /** The event's source: `syscall`, or a plugin's. */
  source?: readonly Matcher[] | undefined;
  /** Output fields by name. */
  fields?: Readonly<Record<string, readonly Matcher[]>> | undefined;
}

export interface ServiceOptions {
  mappings: readonly ServiceMapping[];
  /** Output field whose value is the service's name; one that Falco's `append_output` can fill. */
  field?: string | undefined;
}

export const UNKNOWN_SERVICE = 'unknown';
export const HOST_SERVICE = 'host';
/** The source of system calls; older releases of Falco named none. */
const SYSCALL = 'syscall';

const CONTAINER = 'container.name';
const CONTAINER_ID = 'container.id';
/** What a Kubernetes audit event is about. */
const TARGET_NAMESPACE = 'ka.target.namespace';
/** The fields that may answer for a kind, whichever plugin fills them. */
const KINDS = {
  container: [CONTAINER],
  image: ['container.image.repository'],
  namespace: ['k8s.ns.name', 'k8smeta.ns.name', TARGET_NAMESPACE],
  workload: ['k8s.pod.name', 'k8smeta.pod.name'],
} as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** What a mapping may ask of an event. */
interface Event {
  source: string;
  /** The answer of an output field; null is none. */
  answer(field: string): string | null;
}

export class ServiceResolver {
  /** The output fields that `resolve` needs, in this order. */
  readonly wanted: readonly WantedField[];
  /** Those of them that the configuration names itself. */
  readonly configured: readonly string[];
  readonly #options: ServiceOptions;
  readonly #at: ReadonlyMap<string, number>;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { mappings, field } = options;
    const kinds = KIND_NAMES.filter((kind) => mappings.some((mapping) => mapping[kind] !== undefined));
    const own = mappings.flatMap(({ fields }) => Object.keys(fields ?? {}));
    this.configured = [...new Set(field === undefined ? own : [field, ...own])];
    const names = new Set([
      CONTAINER,
      TARGET_NAMESPACE,
      ...this.configured,
      ...kinds.flatMap((kind) => KINDS[kind]),
    ]);
    // The id is wanted for "host" alone, or each one made a tuple of its own.
    this.wanted = [
      ...(names.has(CONTAINER_ID) ? [] : [{ name: CONTAINER_ID, only: HOST_SERVICE }]),
      ...[...names].map((name) => ({ name })),
    ];
    this.#at = new Map(this.wanted.map(({ name }, index) => [name, index]));
  }

  /**
   * @param answers of the wanted fields, in their order; null is none
   * @param containers exact container names that the rule's condition names
   * @param source of the event; "" where it says none
   */
  resolve(answers: readonly (string | null)[], containers: readonly string[], source: string): string {
    const answer = (name: string) => answers[this.#at.get(name) ?? -1] ?? null;
    const { field } = this.#options;
    return (
      this.#mapped({ source: source || SYSCALL, answer }) ??
      (field === undefined ? null : answer(field)) ??
      answer(CONTAINER) ??
      (answer(CONTAINER_ID) === HOST_SERVICE ? HOST_SERVICE : null) ??
      (containers.length === 1 ? this.#ofContainer(containers[0]!, source) : null) ??
      (isPlugin(source) ? (answer(TARGET_NAMESPACE) ?? source) : UNKNOWN_SERVICE)
    );
  }

  /**
   * The services that a rule's events will have, for series that are at 0 before the first; none where that can't be
   * known, because a field is asked first or only the event knows.
   * @param containers exact container names that the rule's condition names
   */
  expected(containers: readonly string[], source: string): string[] {
    if (containers.length === 0 && !isPlugin(source)) return [];
    const unmapped = (name: string) => (this.#options.field === undefined ? [name] : []);
    const services =
      containers.length === 0
        ? [this.#mapped({ source, answer: () => null }) ?? unmapped(source)]
        : containers.map((container) => this.#mapped(byName(container, source)) ?? unmapped(container));
    return [...new Set(services.flat())];
  }

  #ofContainer(container: string, source: string): string {
    return this.#mapped(byName(container, source)) ?? container;
  }

  #mapped(event: Event): string | null {
    return this.#options.mappings.find((mapping) => meets(mapping, event))?.service ?? null;
  }
}

/** Whether events of this source come from a plugin, not from system calls. */
function isPlugin(source: string): boolean {
  return source !== '' && source !== SYSCALL;
}

/** An event of which only the container's name is known. */
function byName(container: string, source: string): Event {
  return { source: source || SYSCALL, answer: (field) => (field === CONTAINER ? container : null) };
}

function meets(mapping: ServiceMapping, { source, answer }: Event): boolean {
  const kinds = KIND_NAMES.filter((kind) => mapping[kind] !== undefined);
  const fields = Object.entries(mapping.fields ?? {});
  return (
    (mapping.source !== undefined || kinds.length > 0 || fields.length > 0) &&
    (mapping.source === undefined || matchesAny(mapping.source, source)) &&
    kinds.every((kind) =>
      KINDS[kind].some((field) =>
        names(kind, answer(field)).some((name) => matchesAny(mapping[kind]!, name)),
      ),
    ) &&
    fields.every(([field, matchers]) => {
      const value = answer(field);
      return value !== null && matchesAny(matchers, value);
    })
  );
}

/** What a mapping may call it: a pod goes by its own name and by its workload's. */
function names(kind: Kind, value: string | null): string[] {
  if (value === null) return [];
  return kind === 'workload' ? [value, workloadOf(value)] : [value];
}

/**
 * The workload's name without what its controller adds to a pod's: "web-5d4f8c7b9d-x2x4z" (Deployment), "db-0"
 * (StatefulSet), "agent-x2x4z" (DaemonSet). Controllers use no vowels there, so that no words come out.
 */
function workloadOf(pod: string): string {
  // Nothing longer is a pod's name; attackers choose this text.
  if (pod.length > MAX_MATCHED) return pod;
  return pod.replace(
    /(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)$/,
    '',
  );
}

/** Longest text that a pattern is tried on: attackers choose the texts, and its time grows with them. */
const MAX_MATCHED = 256;

function matchesAny(matchers: readonly Matcher[], text: string): boolean {
  return matchers.some((matcher) =>
    typeof matcher === 'string' ? matcher === text : matcher.test(text.slice(0, MAX_MATCHED)),
  );
}
