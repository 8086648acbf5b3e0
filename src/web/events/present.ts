/** An event as people see it. All of it comes out as visible text: nothing is hidden, and nothing turns the line around. */
import { OVERFLOW } from '../../ledger/series.ts';
import { isoTime } from '../time.ts';
import type { RecentEvent } from './recent.ts';

export interface PresentedEvent {
  id: number;
  time: string | null;
  rule: string;
  service: string;
  priority: string;
  /** Falco's text of it. */
  output: string;
  /** Everything else that it says, by name. */
  fields: [name: string, value: string][];
  /** The JSON line as it was read; null where it was too long to be kept. */
  line: string | null;
  /** It is of the time before this start of the exporter. */
  earlier?: true;
}

/** How Falco begins it: the time and the priority, which are said already. */
const BEGINNING = /^[\d:.T+Z-]+: [A-Z][a-z]+ /;
const MOST_FIELDS = 100;
/** Characters. */
const LONGEST_VALUE = 4096;

/** Said elsewhere. */
const LEFT_OUT = new Set(['output', 'output_fields', 'rule', 'priority']);

export function present({ id, time, labels, line, earlier }: RecentEvent): PresentedEvent {
  const [rule, service, priority] = labels.map(visible) as [string, string, string];
  const event = line === undefined ? {} : parsed(line);
  // Over the limit of series the count has no name of its own, but the event has.
  const named = rule === OVERFLOW && typeof event.rule === 'string' ? text(event.rule) : rule;
  const output =
    line === undefined
      ? 'This event is too long to be shown. It is counted.'
      : text(event.output ?? '').replace(BEGINNING, '');
  const fields = { ...event, ...(isObject(event.output_fields) ? event.output_fields : {}) };
  return {
    id,
    time: isoTime(time),
    rule: named,
    service,
    priority,
    output,
    fields: Object.entries(fields)
      .filter(([name, value]) => !LEFT_OUT.has(name) && value !== null)
      .slice(0, MOST_FIELDS)
      .map(([name, value]) => [visible(name.slice(0, LONGEST_VALUE)), text(value)]),
    line: line ?? null,
    ...(earlier && { earlier }),
  };
}

/** The same for programs: the event itself is given as it was read. Its own line breaks, if any, are between tokens. */
export function eventJson({
  id,
  time,
  labels: [rule, service, priority],
  line,
  earlier,
}: RecentEvent): string {
  const head = JSON.stringify({ id, time: isoTime(time), rule, service, priority, earlier });
  return `${head.slice(0, -1)},"event":${line?.replace(/[\r\n]/g, ' ') ?? 'null'}}`;
}

/** Controls, marks of direction, halves of characters, and what takes no room: as escapes. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export function visible(text: string): string {
  return text.replace(UNSEEN, (unseen) => SHORT[unseen] ?? unseen.split('').map(escaped).join(''));
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function text(value: unknown): string {
  const whole = typeof value === 'string' ? value : json(value);
  return visible(whole.length > LONGEST_VALUE ? `${whole.slice(0, LONGEST_VALUE)}…` : whole);
}

function json(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack is high.
    return '…';
  }
}

/** A string, or a number. */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** A number that JavaScript would print otherwise, as a text: its digits stay as they were printed. */
function exact(token: string): string {
  return token.startsWith('"') || String(Number(token)) === token ? token : `"${token}"`;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(line.replace(TOKEN, exact));
    return isObject(event) ? event : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
