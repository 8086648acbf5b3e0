/** How help is laid out: wrapped at the terminal's width, long terms on a line of their own. */
import type { Argument, Command, Help, Option } from 'commander';
import { oneOf } from '../words.ts';

/** Where the second column begins, in a terminal that is wide enough. */
const COLUMN = 28;
/** Without a terminal. */
const STANDARD_WIDTH = 80;

/** Has a command, and those that it makes after this, print their help in this form. */
export function layOutHelp(command: Command): void {
  command.configureHelp({ formatItem, optionDescription, argumentDescription, minWidthToWrap: 20 });
}

/** Its choices are in the term. */
function optionDescription({ description, defaultValue }: Option): string {
  return defaultValue === undefined ? description : `${description} (default ${defaultValue})`;
}

function argumentDescription({ description, argChoices }: Argument): string {
  return argChoices ? `${description}: ${oneOf(argChoices)}` : description;
}

function formatItem(term: string, _termWidth: number, description: string, helper: Help): string {
  const width = helper.helpWidth ?? STANDARD_WIDTH;
  const column = Math.min(COLUMN, Math.floor(width / 3));
  const text = helper.boxWrap(description, Math.max(width - column, 20));
  const indented = text.replaceAll('\n', `\n${' '.repeat(column)}`);
  const head = `  ${term}`;
  if (description === '') return head;
  return head.length + 2 <= column
    ? `${head.padEnd(column)}${indented}`
    : `${head}\n${' '.repeat(column)}${indented}`;
}

/** A paragraph behind the lists, wrapped as they are. */
export function paragraph(text: string, { command }: { command: Command }): string {
  const { columns = STANDARD_WIDTH } = process.stdout.isTTY ? process.stdout : {};
  return `\n${command.createHelp().boxWrap(text, columns)}\n`;
}
