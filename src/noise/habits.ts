/**
 * What was seen, by rule: each combination of values, how often, and on how many days. Bounded in bytes; what does not fit
 * counts for its rule alone, and is never proposed.
 */
import { gravity } from '../event/priority.ts';
import { distrust, tellingValues } from './fields.ts';

/** An event of a rule, as noise is looked at. */
export interface NoiseEvent {
  rule: string;
  /** Falco's word in lower case. */
  priority: string;
  source: string;
  /** Milliseconds since the epoch; NaN where the event says none. */
  time: number;
  fields: Readonly<Record<string, unknown>>;
}

/** One combination of telling values of one rule. */
export interface Habit {
  readonly values: ReadonlyMap<string, string>;
  /** Why it must not be let through, in words; undefined if nothing speaks against it. */
  readonly against: string | undefined;
  count: number;
  /** Days since the epoch, in UTC. */
  readonly days: Set<number>;
}

/** What was seen of one rule. */
export interface RuleNoise {
  readonly rule: string;
  readonly source: string;
  /** The gravest priority that it was printed with. */
  priority: string;
  count: number;
  readonly habits: Map<string, Habit>;
  /** Events whose habit did not fit into the memory given. */
  unheld: number;
  /** Why one of those must not be let through; undefined if nothing speaks against any. */
  against: string | undefined;
}

const DAY = 86_400_000;
/** What is held of all habits together, in characters, where nobody says otherwise. */
const MOST_CHARACTERS = 64 * 1024 * 1024;
/** Rules that are kept apart; Falco's users have hundreds. */
const MOST_RULES = 10_000;

export class Habits {
  readonly #rules = new Map<string, RuleNoise>();
  readonly #lists: ReadonlySet<string>;
  readonly #most: number;
  #characters = 0;
  #events = 0;

  /** @param lists names of the lists that the rules files define @param most characters that are held */
  constructor(lists: ReadonlySet<string>, most = MOST_CHARACTERS) {
    this.#lists = lists;
    this.#most = most;
  }

  get events(): number {
    return this.#events;
  }

  /** The rules, the noisiest first. */
  rules(): RuleNoise[] {
    return [...this.#rules.values()].sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
  }

  add(event: NoiseEvent): void {
    this.#events++;
    const noise = this.#rule(event);
    if (!noise) return;
    noise.count++;
    if (gravity(event.priority) < gravity(noise.priority)) noise.priority = event.priority;
    const values = tellingValues(event.fields);
    const key = JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
    let habit = noise.habits.get(key);
    if (!habit) {
      // The key, the values, and the maps around them.
      const size = 2 * key.length + 500;
      if (this.#characters + size > this.#most) {
        noise.unheld++;
        noise.against ??= distrust(values, this.#lists);
        return;
      }
      this.#characters += size;
      habit = { values, against: distrust(values, this.#lists), count: 0, days: new Set() };
      noise.habits.set(key, habit);
    }
    habit.count++;
    if (!Number.isNaN(event.time)) habit.days.add(Math.floor(event.time / DAY));
  }

  #rule({ rule, source, priority }: NoiseEvent): RuleNoise | undefined {
    const key = JSON.stringify([rule, source]);
    const known = this.#rules.get(key);
    if (known || this.#rules.size >= MOST_RULES) return known;
    const noise: RuleNoise = {
      rule,
      source,
      priority,
      count: 0,
      habits: new Map(),
      unheld: 0,
      against: undefined,
    };
    this.#rules.set(key, noise);
    return noise;
  }
}
