/** What an output's text asks for: the fields after each %, as libsinsp's eventformatter.cpp reads them. */

import type { Operand } from '../conditions/condition.ts';
import { parseOperand } from '../conditions/parser.ts';
import { ConditionError } from '../conditions/scanner.ts';
import type { FieldSet } from '../names/fields.ts';

/** What is wrong after one %: the name of a field that is unknown (with what is wrong with its argument), or no field at all. */
export interface OutputFault {
  at: number;
  name: string | undefined;
  what: string;
}

/** Longest name of a field that is looked for. */
const LONGEST = 128;

export function outputFields(output: string, fields: FieldSet): OutputFault[] {
  const faults: OutputFault[] = [];
  // Falco itself takes this old word out before it looks
  const text = output.replaceAll('%container.info', (word) => ' '.repeat(word.length));
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    const start = at + 1 + /^\d*/.exec(text.slice(at + 1, at + 20))![0].length;
    const fault = faultAt(text, start, fields);
    if (fault) faults.push({ ...fault, at });
  }
  return faults;
}

function faultAt(text: string, start: number, fields: FieldSet): Omit<OutputFault, 'at'> | undefined {
  const nothing = { name: undefined, what: 'no field follows this %' };
  let operand: Operand;
  try {
    operand = parseOperand(text.slice(start, start + 2000), 0).operand;
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return nothing;
  }
  return operand.kind === 'field' ? faultOf(operand, fields) : first(operand.operands, fields);
}

function first(operands: readonly Operand[], fields: FieldSet): Omit<OutputFault, 'at'> | undefined {
  for (const each of operands) {
    const fault = each.kind === 'field' ? faultOf(each, fields) : first(each.operands, fields);
    if (fault) return fault;
  }
  return undefined;
}

/** Falco takes the longest beginning that is a field, and prints the rest as text. */
function faultOf(
  { name, argument }: Extract<Operand, { kind: 'field' }>,
  fields: FieldSet,
): Omit<OutputFault, 'at'> | undefined {
  const found = fields.find(name, argument);
  if (typeof found !== 'string') return undefined;
  for (let length = Math.min(name.length, LONGEST); length > 0; length--)
    if (typeof fields.find(name.slice(0, length), undefined) !== 'string') return undefined;
  return { name, what: found };
}
