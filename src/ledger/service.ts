/**
 * Which service an event is of. The first that answers: a mapping of the configuration; the output field that the
 * configuration names; `container.name`; "host", where Falco says that the event is no container's; the one container
 * that the rule's condition names; else "unknown".
 */
import type { WantedField } from '../event/scanner.ts';

/** A text, or a regular expression that must match the whole of it. */
export type Matcher = string | RegExp;

/** A service, and what its events have; each kind that is given must match, by any of its matchers. */
export interface ServiceMapping {
  service: string;
  container?: readonly Matcher[] | undefined;
  image?: readonly Matcher[] | undefined;
  namespace?: readonly Matcher[] | undefined;
  workload?: readonly Matcher[] | undefined;
}

export interface ServiceOptions {
  mappings: readonly ServiceMapping[];
  /** Output field whose value is the service's name; one that Falco's `append_output` can fill. */
  field?: string | undefined;
}

export const UNKNOWN_SERVICE = 'unknown';
export const HOST_SERVICE = 'host';

const KINDS = {
  container: 'container.name',
  image: 'container.image.repository',
  namespace: 'k8s.ns.name',
  workload: 'k8s.pod.name',
} as const;
type Kind = keyof typeof KINDS;

/** Longest text that is matched: attackers choose the names, and a regular expression's time grows with them. */
const MAX_MATCHED = 256;

export class ServiceResolver {
  /** The output fields that `resolve` needs, in this order. */
  readonly wanted: readonly WantedField[];
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const mapped = (kind: Kind) => options.mappings.some((mapping) => mapping[kind] !== undefined);
    this.wanted = [
      { name: 'container.name' },
      { name: 'container.id', only: HOST_SERVICE },
      ...(options.field === undefined ? [] : [{ name: options.field }]),
      ...(['image', 'namespace', 'workload'] as const).filter(mapped).map((kind) => ({ name: KINDS[kind] })),
    ];
  }

  /**
   * @param answers of the wanted fields, in their order; null is none
   * @param containers exact container names that the rule's condition names
   */
  resolve(answers: readonly (string | null)[], containers: readonly string[]): string {
    const answer = (name: string) => answers[this.wanted.findIndex((wanted) => wanted.name === name)] ?? null;
    const { field } = this.#options;
    const container = answer(KINDS.container);
    const host = container === HOST_SERVICE || answer('container.id') === HOST_SERVICE;
    return (
      this.#mapped(answer) ??
      (field === undefined ? null : answer(field)) ??
      container ??
      (host ? HOST_SERVICE : null) ??
      (containers.length === 1 ? this.ofContainer(containers[0]!) : UNKNOWN_SERVICE)
    );
  }

  /**
   * The service of events that a container of this name will have, for series that are at 0 before the first. Undefined
   * where that can't be told, because a field is asked first.
   */
  expected(container: string): string | undefined {
    return this.#mapped((name) => (name === KINDS.container ? container : null)) ?? this.#unmapped(container);
  }

  /** The same by the container's name alone. */
  ofContainer(container: string): string {
    return this.#mapped((name) => (name === KINDS.container ? container : null)) ?? container;
  }

  #unmapped(container: string): string | undefined {
    return this.#options.field === undefined ? container : undefined;
  }

  #mapped(answer: (field: string) => string | null): string | null {
    for (const mapping of this.#options.mappings) {
      const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => mapping[kind] !== undefined);
      const matches = (kind: Kind) =>
        names(kind, answer(KINDS[kind])).some((name) => matchesAny(mapping[kind]!, name));
      if (kinds.length > 0 && kinds.every(matches)) return mapping.service;
    }
    return null;
  }
}

/** What a mapping may call it: a pod goes by its own name and by its workload's. */
function names(kind: Kind, value: string | null): string[] {
  if (value === null) return [];
  const name = value.slice(0, MAX_MATCHED);
  return kind === 'workload' ? [name, workloadOf(name)] : [name];
}

/**
 * The workload's name without what its controller adds to a pod's: "web-5d4f8c7b9d-x2x4z" (Deployment), "db-0"
 * (StatefulSet), "agent-x2x4z" (DaemonSet). Controllers use no vowels there, so that no words come out.
 */
function workloadOf(pod: string): string {
  return pod.replace(
    /(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)$/,
    '',
  );
}

function matchesAny(matchers: readonly Matcher[], text: string): boolean {
  return matchers.some((matcher) => (typeof matcher === 'string' ? matcher === text : matcher.test(text)));
}
