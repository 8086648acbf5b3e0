/** What a command says of an error, in our words, and the exit code that it ends with. */
import { type Command, CommanderError } from 'commander';
import { ExporterError } from '../errors.ts';
import { Nearest } from '../rules/names/nearest.ts';
import { safeText } from '../safe.ts';
import { oneOf } from '../words.ts';

/** A wrong command line or configuration; 1 is a fault while starting or running. */
const WRONG_USE = 2;

/** Writes an error to standard error. Returns the exit code. */
export function complain(error: unknown, program: Command): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return complain(wrongUse(error, program), program);
  }
  const faults: unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const fault of faults)
    process.stderr.write(
      `falco-event-exporter: ${fault instanceof ExporterError ? fault.describe() : safeText(String(fault))}\n`,
    );
  const isWrongUse = faults.some(
    (fault) => fault instanceof ExporterError && /^((WEB_)?CONFIG|POLICY)_/.test(fault.code),
  );
  return isWrongUse ? WRONG_USE : 1;
}

/** "unknown command 'chek'", with the command that was most likely meant. */
export function unknownCommand(word: string, program: Command): ExporterError {
  const meant = new Nearest(names(program)).find(word);
  return new ExporterError('CONFIG_FLAG', `unknown command '${word}'`, {
    advice: meant ? `Did you mean ${meant}?` : 'falco-event-exporter --help lists the commands.',
  });
}

function names(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

/** The library's errors in our words. */
function wrongUse(error: CommanderError, program: Command): ExporterError {
  const [word] = program.args;
  const command = program.commands.find((one) => one.name() === word);
  // Options of a command that is misspelt are unknown, too: the command is what is wrong.
  if (word !== undefined && !word.startsWith('-') && !command) return unknownCommand(word, program);
  const help = `falco-event-exporter ${command ? `help ${command.name()}` : '--help'}`;
  const { what, advice } = worded(error);
  return new ExporterError('CONFIG_FLAG', what, { advice: advice ?? `See ${help}.` });
}

function worded({ code, message }: CommanderError): { what: string; advice?: string } {
  const [, quoted = '', value = ''] = /'([^']*)'(?: argument '([\s\S]*)' is invalid)?/.exec(message) ?? [];
  const option = quoted.split(' ')[0]!;
  switch (code) {
    case 'commander.unknownOption': {
      const name = /unknown option '([\s\S]*?)(?:=[\s\S]*)?'(?:\n|$)/.exec(message)?.[1] ?? option;
      const meant = /\(Did you mean (?:one of )?([^)]*)\?\)/.exec(message)?.[1];
      return { what: `unknown flag '${name}'`, ...(meant && { advice: `Did you mean ${meant}?` }) };
    }
    case 'commander.optionMissingArgument':
      return { what: `${option} needs a value` };
    case 'commander.missingMandatoryOptionValue':
      return { what: `${option} is missing` };
    case 'commander.missingArgument':
      return { what: `${quoted} is missing` };
    case 'commander.excessArguments':
      return { what: 'there are more words than the command takes' };
    case 'commander.invalidArgument': {
      const [, given, argument] =
        /^error: command-argument value '([\s\S]*)' is invalid for argument '(\w+)'/.exec(message) ?? [];
      const choices = /Allowed choices are ([\s\S]*)\.$/.exec(message)?.[1];
      const expected = choices
        ? `expected ${oneOf(choices.split(', '))}`
        : /expected [\s\S]*$/.exec(message)?.[0];
      return {
        what: `${argument ?? option}: ${expected ?? 'this value is not possible'}, found ${JSON.stringify(given ?? value)}`,
      };
    }
    default:
      return { what: message.replace(/^error: /, '').replaceAll('\n', ' ') };
  }
}
