/** The syntax tree of a condition, as parser.ts makes it: macros and lists are still names, which resolve.ts looks up. */

/** A value as written: `bash`, `"drop table"`, or the bare name of a list. */
export interface Word {
  text: string;
  /** A quoted word is never the name of a list. */
  quoted: boolean;
  /** Offset in the condition's text. */
  at: number;
}

/** `proc.aname[2]` with its argument, or a transformer such as `tolower(…)` with the fields inside it. */
export type Operand =
  | { kind: 'field'; name: string; argument: string | undefined; at: number }
  | { kind: 'transformer'; name: string; operands: Operand[]; at: number };

/** The right side: nothing (`exists`), one value, several, or another field (`val(…)`, `tolower(…)`). */
export type Right =
  | { kind: 'none' }
  | { kind: 'field'; operand: Operand }
  | { kind: 'word'; word: Word }
  /** `parentheses` is false for `in name`: Falco accepts a bare name there. */
  | { kind: 'list'; words: Word[]; parentheses: boolean };

export interface Check {
  kind: 'check';
  left: Operand;
  /** As written, with its modifier: `=`, `in`, `startswith oneof`. */
  operator: string;
  right: Right;
  at: number;
}

export type Condition =
  | { kind: 'and' | 'or'; children: Condition[] }
  | { kind: 'not'; child: Condition }
  | { kind: 'macro'; name: string; at: number }
  | Check;

/** The comparisons of a condition, in the order of the text; macros are not followed. */
export function* checks(condition: Condition | undefined): Generator<Check> {
  if (!condition || condition.kind === 'macro') return;
  if (condition.kind === 'check') yield condition;
  else if (condition.kind === 'not') yield* checks(condition.child);
  else for (const child of condition.children) yield* checks(child);
}

/** Every macro that a condition names itself, in the order of the text. */
export function* macroNames(condition: Condition | undefined): Generator<{ name: string; at: number }> {
  if (!condition || condition.kind === 'check') return;
  if (condition.kind === 'macro') yield condition;
  else if (condition.kind === 'not') yield* macroNames(condition.child);
  else for (const child of condition.children) yield* macroNames(child);
}
