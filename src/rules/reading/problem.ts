/** What is wrong in a file that other programs own: what, where, and what to do about it. */

import type { ErrorCode, Place } from '../../errors.ts';

/** An error is what Falco refuses, or what makes a rule say other than it seems to; all else is a warning. */
export type Severity = 'error' | 'warning';

export interface Problem {
  code: ErrorCode;
  severity: Severity;
  place: Place;
  /** What is wrong. */
  what: string;
  /** What the reader can do, a whole sentence. */
  advice: string;
}

/** More problems than these are counted, not kept. */
export const MAX_PROBLEMS = 1000;

/** Collects problems; bounded, whatever the input. */
export class Problems {
  readonly list: Problem[] = [];
  /** How many were not kept. */
  omitted = 0;

  error(code: ErrorCode, place: Place, what: string, advice: string): void {
    this.#add({ code, severity: 'error', place, what, advice });
  }

  warning(code: ErrorCode, place: Place, what: string, advice: string): void {
    this.#add({ code, severity: 'warning', place, what, advice });
  }

  #add(problem: Problem): void {
    if (this.list.length < MAX_PROBLEMS)
      this.list.push({ ...problem, what: printable(problem.what), advice: printable(problem.advice) });
    else this.omitted++;
  }
}

/** A name of the file's, quoted for a message: at most 100 characters of it. */
export function quote(name: string): string {
  return `'${name.length > 100 ? `${name.slice(0, 99)}…` : name}'`;
}

/** Files may hold what would drive a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD');
}
