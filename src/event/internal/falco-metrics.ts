/**
 * What Falco says of itself in "Falco internal: metrics snapshot": totals since its start or its last reload, and which
 * files it loaded. Names and their meaning are those of Falco's stats_writer.cpp, from 0.37 to 0.44.
 */
import { amount, type DropReason, dropsByReason } from './drops.ts';

export interface FalcoMetrics {
  /** Which machine it runs on, as it says itself; "" where it doesn't. */
  host: string;
  /** Which run its totals are of: they begin anew with each start and each reload. */
  run: string;
  /** When that run began, and when it said this; milliseconds since the epoch, NaN where it doesn't tell. */
  began: number;
  time: number;
  /** Whether `run` changes with a reload, too; before Falco 0.41 only falling totals tell of one. */
  tellsReloads: boolean;
  version: string;
  /** Events that its full output queue threw away. */
  outputDrops?: number;
  /** Events that the kernel had for it, lost ones among them. */
  kernelEvents?: number;
  /** Of those that it lost, by reason; they sum to n_drops. */
  kernelDrops?: Record<DropReason, number>;
  /** By the rule's name as Falco spells it there (see `falcoName`). Rules without a match are left out. */
  matches: Map<string, number>;
  rulesFiles: LoadedFile[];
  configFiles: LoadedFile[];
}

export interface LoadedFile {
  /** Its name without the directory, as Falco spells it there: `falco_rules_yaml`. */
  file: string;
  sha256: string;
}

const MATCHES = 'falco.rules.';
const TOTAL = 'matches_total';
const RULES_FILE = 'falco.sha256_rules_file.';
const CONFIG_FILE = 'falco.sha256_config_file.';
const SHA256 = /^[0-9a-f]{64}$/;
/** More than Falco ever says; the rest is left out. */
const MOST_RULES = 10_000;
const MOST_FILES = 100;
/** Longest name or version, in characters. */
const LONGEST = 256;

/** How Falco spells a rule's or a file's name within the name of a metric. */
export function falcoName(name: string): string {
  return name
    .replace(/[^a-zA-Z0-9_:]/g, '_')
    .replace(/_+/g, '_')
    .replace(/_$/, '');
}

export function readFalcoMetrics(
  event: Record<string, unknown>,
  fields: Record<string, unknown>,
): FalcoMetrics {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, LONGEST) : '');
  const start = fields['falco.start_ts'];
  const reload = fields['falco.reload_ts'];
  const metrics: FalcoMetrics = {
    host: text(event.hostname) || text(fields['evt.hostname']) || text(fields['falco.hostname']),
    run: `${stamp(start)}/${stamp(reload)}`,
    began: Math.max(milliseconds(start), milliseconds(reload) || 0),
    time: milliseconds(fields['evt.time']),
    tellsReloads: stamp(reload) !== '',
    version: text(fields['falco.version']),
    matches: new Map(),
    rulesFiles: files(fields, RULES_FILE),
    configFiles: files(fields, CONFIG_FILE),
  };
  const outputDrops = amount(fields['falco.outputs_queue_num_drops']);
  if (outputDrops !== undefined) metrics.outputDrops = outputDrops;
  const kernelEvents = amount(fields['scap.n_evts']);
  if (kernelEvents !== undefined) metrics.kernelEvents = kernelEvents;
  const total = amount(fields['scap.n_drops']);
  if (total !== undefined)
    metrics.kernelDrops = dropsByReason(total, {
      buffer: amount(fields['scap.n_drops_buffer_total']),
      page_fault: amount(fields['scap.n_drops_page_faults']) ?? amount(fields['scap.n_drops_pf']),
      bug: amount(fields['scap.n_drops_bug']),
      scratch_map: amount(fields['scap.n_drops_scratch_map']),
    });
  for (const [name, value] of Object.entries(fields)) {
    if (!name.startsWith(MATCHES) || metrics.matches.size === MOST_RULES) continue;
    const rule = name.slice(MATCHES.length, MATCHES.length + LONGEST);
    const count = amount(value);
    if (rule !== TOTAL && count !== undefined) metrics.matches.set(rule, count);
  }
  return metrics;
}

/** Nanoseconds are beyond what a number holds exactly: two starts are further apart than what is lost of them. */
function stamp(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 32) : '';
}

function milliseconds(nanoseconds: unknown): number {
  const value = amount(nanoseconds);
  return value === undefined ? Number.NaN : Number(nanoseconds) / 1e6;
}

function files(fields: Record<string, unknown>, prefix: string): LoadedFile[] {
  return Object.entries(fields)
    .filter(([name, value]) => name.startsWith(prefix) && typeof value === 'string' && SHA256.test(value))
    .slice(0, MOST_FILES)
    .map(([name, value]) => ({
      file: name.slice(prefix.length, prefix.length + LONGEST),
      sha256: value as string,
    }));
}
