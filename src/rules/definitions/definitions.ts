/**
 * Lists, macros and rules after all files were merged, in Falco's way: a later definition replaces an earlier one and
 * keeps its place in the order. It only grows while items.ts and rule.ts read into it.
 */

import type { Place } from '../../errors.ts';
import type { Priority } from '../reading/priority.ts';
import { MAX_PROBLEMS, Problems } from '../reading/problem.ts';
import type { Placed, Text } from '../reading/text.ts';

/** What each row of an exception's values must be. */
export interface ExceptionShape {
  /** For each field, whether its value may be a list. Undefined where `fields` is one field, and each row one value. */
  columns: boolean[] | undefined;
  /** What is compared: each field with its operator and all values of its column. */
  comparisons: { field: Placed; operator: string; values: Placed[] }[];
}

interface Definition {
  name: string;
  /** The place of its name in the newest full definition. */
  place: Place;
  /** Its number among the definitions of its kind, given when it was first met. */
  first: number;
  /** The number that was current at its last change: what came before is visible to it. */
  last: number;
  /** The numbers of the files that first defined and last changed it. */
  firstFile: number;
  file: number;
}

export interface ListDefinition extends Definition {
  items: Placed[];
}

export interface MacroDefinition extends Definition {
  condition: Text;
}

export interface RuleDefinition extends Definition {
  condition: Text | undefined;
  output: Text | undefined;
  priority: Priority;
  source: string;
  tags: Set<string>;
  enabled: boolean;
  /** `skip-if-unknown-filter`: Falco leaves the rule out where it does not know a field. */
  skipUnknown: boolean;
  exceptions: Map<string, ExceptionShape>;
}

/** A change of what no item before it defines. */
export interface Missing {
  kind: 'rule' | 'macro' | 'list';
  name: string;
  place: Place;
  /** Whether Falco takes it without a word, as a definition. */
  accepted: boolean;
}

export class Definitions {
  readonly lists = new Map<string, ListDefinition>();
  readonly macros = new Map<string, MacroDefinition>();
  readonly rules = new Map<string, RuleDefinition>();
  /** The plugins that the files require. */
  readonly plugins = new Set<string>();
  /** The number of the file that is being read. */
  file = 0;
  /** What Falco refuses or warns of. */
  readonly problems = new Problems();
  /** What Falco accepts without a word, and a person rarely means: for `check` alone. */
  readonly lints = new Problems();
  /** At most as many as there are problems. */
  readonly missing: Missing[] = [];
  #number = 0;

  /** Puts a full definition in, at an earlier one's place in the order where there is one. */
  define<T extends Definition>(
    kind: Map<string, T>,
    value: Omit<T, 'first' | 'last' | 'firstFile' | 'file'>,
  ): void {
    const last = this.#number++;
    const { first, firstFile } = kind.get(value.name) ?? { first: last, firstFile: this.file };
    kind.set(value.name, { ...value, first, last, firstFile, file: this.file } as T);
  }

  /** Notes a change of what is not there; once all files are read, missing.ts reports it. */
  miss(missing: Missing): void {
    if (this.missing.length < MAX_PROBLEMS) this.missing.push(missing);
    else this.problems.omitted++;
  }

  /** Notes that a definition was changed just now. */
  touch(definition: Definition): void {
    definition.last = this.#number++;
    definition.file = this.file;
  }
}
