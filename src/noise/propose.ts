/**
 * Exceptions that would silence what a rule prints in normal work, and nothing else that was seen.
 *
 * Each program of a rule is looked at by itself. First with all the fields that tell its events apart: whatever repeats
 * often, with all of them the same, is a habit. Of what is left, one field after another is left out, since some change
 * each time (a file's name, a date in the command). The program never is, and the command only where the program does
 * one thing. What lies beside a habit that was found already is its rare tail, and stays.
 */
import { COMMAND, isGeneral, isPlain, PROGRAM } from './fields.ts';
import type { Habit, RuleNoise } from './habits.ts';

/** How careful to be. */
export interface Care {
  /** Combinations of values that were seen less often stay. */
  minEvents: number;
  /** Combinations that were seen on fewer days (UTC) stay. */
  minDays: number;
  /** Whether a rule of this priority may be given exceptions at all. */
  mayBeSilenced(priority: string): boolean;
}

/** One exception of one rule: the events whose fields have the values of one of its entries. */
export interface Exception {
  fields: string[];
  /** The most frequent first: the value of each field, in their order, and the events that have them. */
  entries: { values: string[]; silences: number }[];
  /** Events that it would have silenced. */
  silences: number;
}

/** What is proposed for one rule, or why nothing is. */
export interface Proposal {
  rule: string;
  priority: string;
  source: string;
  /** Events that the rule printed. */
  events: number;
  /** Events that the exceptions would have silenced. */
  silences: number;
  exceptions: Exception[];
  /** Events that stay: up to three, the most frequent first. */
  stay: { count: number; values: Record<string, string> }[];
  /** Why the most frequent of those that stay does; undefined where nothing stays. */
  why: string | undefined;
}

/** Of a rule's events, the least share that a habit makes: with all fields the same, and with some left out. */
const LEAST_SHARE = 0.01;
const LEAST_SHARE_LEFT_OUT = 0.2;
/** Fields that may be left out together. */
const MOST_LEFT_OUT = 3;
/** Beside a habit that makes so large a share of what looks alike, the rest is its tail. */
const TAIL = 0.5;
/** Entries of one exception: nobody reads a longer list. */
const MOST_ENTRIES = 20;
/** Of more combinations of one program than this, fields that differ nearly each time are left out at once. */
const MANY = 2000;
/** A field of which so large a share of the combinations has a value of its own differs nearly each time. */
const NEARLY_EACH = 0.3;
/** Examples of what stays. */
const EXAMPLES = 3;

export function propose(noise: RuleNoise, care: Care): Proposal {
  const habits = [...noise.habits.values()].sort((a, b) => b.count - a.count);
  const silenced = new Set<Habit>();
  const refusal = refusalOf(noise, habits, care);
  const exceptions: Exception[] = [];
  if (refusal === undefined)
    for (const group of byProgram(habits))
      for (const found of habitsOf(group, noise.count, care, silenced)) merge(exceptions, found);
  const stay = habits.filter((habit) => !silenced.has(habit));
  return {
    rule: noise.rule,
    priority: noise.priority,
    source: noise.source,
    events: noise.count,
    silences: exceptions.reduce((sum, { silences }) => sum + silences, 0),
    exceptions,
    stay: stay.slice(0, EXAMPLES).map(({ count, values }) => ({ count, values: Object.fromEntries(values) })),
    why: refusal ?? (stay[0] && reasonOf(stay[0], noise.count, care)),
  };
}

function refusalOf(
  { rule, priority, source, against }: RuleNoise,
  habits: readonly Habit[],
  care: Care,
): string | undefined {
  if (!isPlain(rule)) return "the rule's name holds characters that can't be seen";
  if (!care.mayBeSilenced(priority)) return `nothing of priority ${priority} is silenced`;
  if (source !== 'syscall') return `an event of source ${source} names no program`;
  if (against !== undefined)
    return `its events are of more kinds than can be held, and of one of them ${against}`;
  if (habits.some(({ values }) => values.has(PROGRAM))) return undefined;
  return `the rule's output has no %${PROGRAM}, which says who acts`;
}

function reasonOf(habit: Habit, events: number, care: Care): string {
  const least = leastOf(events, care, LEAST_SHARE);
  return (
    habit.against ??
    (habit.count < least
      ? `not seen ${least} times with the same values`
      : habit.days.size < care.minDays
        ? `seen on fewer than ${care.minDays} days`
        : `more than ${MOST_ENTRIES} values`)
  );
}

function leastOf(events: number, care: Care, share: number): number {
  return Math.max(1, care.minEvents, Math.ceil(share * events));
}

/** Habits by the program that acted; those of which no program is known are in none. */
function byProgram(habits: readonly Habit[]): Habit[][] {
  const groups = new Map<string, Habit[]>();
  for (const habit of habits) {
    const program = habit.values.get(PROGRAM);
    if (program === undefined) continue;
    const group = groups.get(program);
    if (group) group.push(habit);
    else groups.set(program, [habit]);
  }
  return [...groups.values()];
}

/** The exceptions for one program. @param silenced what they silence is added to it */
function* habitsOf(
  group: readonly Habit[],
  events: number,
  care: Care,
  silenced: Set<Habit>,
): Generator<Exception> {
  const fields = commonFields(group);
  const mayGo = fields.filter(
    (field) => field !== PROGRAM && (field !== COMMAND || !isGeneral(group[0]!.values.get(PROGRAM)!)),
  );
  const restless = group.length > MANY ? mayGo.filter((field) => isRestless(field, group)) : [];
  for (let leftOut = 0; leftOut <= MOST_LEFT_OUT; leftOut++) {
    const least = leastOf(events, care, leftOut === 0 ? LEAST_SHARE : LEAST_SHARE_LEFT_OUT);
    for (;;) {
      const rest = group.reduce((sum, habit) => sum + (silenced.has(habit) ? 0 : habit.count), 0);
      if (rest < least) return;
      let best: { exception: Exception; habits: Habit[] } | undefined;
      for (const without of choices(mayGo, restless, leftOut)) {
        const left = fields.filter((field) => !without.includes(field));
        const found = exceptionOn(left, group, least, care, silenced);
        if (found && (!best || found.exception.silences > best.exception.silences)) best = found;
      }
      if (!best) break;
      for (const habit of best.habits) silenced.add(habit);
      yield best.exception;
    }
  }
}

/** What an exception on these fields would silence that is not silenced yet; undefined where that is nothing. */
function exceptionOn(
  fields: string[],
  group: readonly Habit[],
  least: number,
  care: Care,
  silenced: ReadonlySet<Habit>,
): { exception: Exception; habits: Habit[] } | undefined {
  const alike = new Map<
    string,
    { habits: Habit[]; fresh: number; before: number; days: Set<number>; safe: boolean }
  >();
  for (const habit of group) {
    const key = JSON.stringify(fields.map((field) => habit.values.get(field)));
    let entry = alike.get(key);
    if (!entry) {
      entry = { habits: [], fresh: 0, before: 0, days: new Set(), safe: true };
      alike.set(key, entry);
    }
    // All that it would let through is looked at whole, with the values of the fields that are left out.
    if (habit.against !== undefined) entry.safe = false;
    if (silenced.has(habit)) {
      entry.before += habit.count;
      continue;
    }
    entry.habits.push(habit);
    entry.fresh += habit.count;
    for (const day of habit.days) entry.days.add(day);
  }
  const entries = [...alike.values()]
    .filter(({ fresh, before, days, safe }) => {
      const isTail = before >= TAIL * (before + fresh);
      return safe && !isTail && fresh >= least && days.size >= care.minDays;
    })
    .sort((a, b) => b.fresh - a.fresh)
    .slice(0, MOST_ENTRIES);
  if (entries.length === 0) return undefined;
  return {
    exception: {
      fields,
      entries: entries.map(({ habits, fresh }) => ({
        values: fields.map((field) => habits[0]!.values.get(field)!),
        silences: fresh,
      })),
      silences: entries.reduce((sum, { fresh }) => sum + fresh, 0),
    },
    habits: entries.flatMap(({ habits }) => habits),
  };
}

/** Fields that all of them have: the program and its command, then the others by name. */
function commonFields(group: readonly Habit[]): string[] {
  const names = [...group[0]!.values.keys()].filter((name) => group.every(({ values }) => values.has(name)));
  const rank = (name: string) => (name === PROGRAM ? 0 : name === COMMAND ? 1 : 2);
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function isRestless(field: string, group: readonly Habit[]): boolean {
  return new Set(group.map(({ values }) => values.get(field))).size > NEARLY_EACH * group.length;
}

/** What is left out: so many of the fields that may go; those that differ nearly each time are all among them. */
function* choices(
  mayGo: readonly string[],
  restless: readonly string[],
  leftOut: number,
): Generator<string[]> {
  if (leftOut === 0) yield [];
  else if (restless.length === 0) yield* combinations(mayGo, leftOut);
  else {
    const others = mayGo.filter((field) => !restless.includes(field));
    for (const chosen of combinations(others, leftOut - 1)) yield [...restless, ...chosen];
  }
}

/** All choices of so many of them. */
function* combinations(names: readonly string[], many: number, from = 0): Generator<string[]> {
  if (many === 0) {
    yield [];
    return;
  }
  for (let index = from; index <= names.length - many; index++)
    for (const rest of combinations(names, many - 1, index + 1)) yield [names[index]!, ...rest];
}

/** Programs whose habits have the same fields share one exception, as long as it stays short enough to be read. */
function merge(exceptions: Exception[], found: Exception): void {
  const same = exceptions.find(
    ({ fields, entries }) =>
      fields.join() === found.fields.join() && entries.length + found.entries.length <= MOST_ENTRIES,
  );
  if (!same) {
    exceptions.push(found);
    return;
  }
  same.entries = [...same.entries, ...found.entries].sort((a, b) => b.silences - a.silences);
  same.silences += found.silences;
}
