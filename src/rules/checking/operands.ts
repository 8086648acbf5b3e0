/** Fields and transformers as messages name them, and as exceptions write them. */
import type { Operand } from '../conditions/condition.ts';
import { parseOperand } from '../conditions/parser.ts';
import { ConditionError } from '../conditions/scanner.ts';
import type { ValueType } from '../names/fields.ts';

const RIGHT_FIELD = /^(?:val|tolower|toupper|b64|basename|len|join|concat|getopt)\(/;

export function isTransformable(type: ValueType): boolean {
  return !('transformable' in type) || type.transformable === true;
}

export function describe(operand: Operand): string {
  if (operand.kind === 'transformer') return `${operand.name}(…)`;
  return operand.argument === undefined ? operand.name : `${operand.name}[${operand.argument}]`;
}

/** A field, in transformers or not, as an exception names it; undefined where it is none. */
export function asOperand(text: string): Operand | undefined {
  try {
    const { operand, end } = parseOperand(text, 0);
    return end === text.length ? operand : undefined;
  } catch (error) {
    if (error instanceof ConditionError) return undefined;
    throw error;
  }
}

/** Whether a value is written as another field, which Falco takes in its place. */
export function isField(value: string): boolean {
  return RIGHT_FIELD.test(value);
}
