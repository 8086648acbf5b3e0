/** The command line as plain data, for completion and the manual page. */
import type { Argument, Command, Option } from 'commander';
import { ListOption } from '../options.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a value is: what the shell can offer for it. */
export type Value =
  | { kind: 'words'; words: readonly string[] }
  | { kind: 'file' }
  | { kind: 'directory' }
  | { kind: 'any' };

export interface DescribedOption {
  /** With dashes, the long one first. */
  names: readonly string[];
  /** Undefined: it takes none. */
  value: (Value & { name: string; optional: boolean }) | undefined;
  isList: boolean;
  help: string;
  /** Undefined: none, or the help says it. */
  standard: string | undefined;
}

export interface DescribedCommand {
  name: string;
  summary: string;
  description: string;
  options: DescribedOption[];
  argument: (Value & { name: string; isList: boolean; optional: boolean; help: string }) | undefined;
}

/** The program itself first, then its commands, but for hidden ones. */
export function describe(program: Command): [DescribedCommand, ...DescribedCommand[]] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const described = (command: Command): DescribedCommand => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      summary: command.summary(),
      description: command.description(),
      options: help.visibleOptions(command).map(describeOption),
      argument: argument && {
        name: argument.name(),
        isList: argument.variadic,
        optional: !argument.required,
        help: argument.description,
        ...(argument.name() === 'COMMAND'
          ? { kind: 'words' as const, words: commands.map((one) => one.name()) }
          : valueFor(argument.name(), argument)),
      },
    };
  };
  return [described(program), ...commands.map(described)];
}

function describeOption(option: Option): DescribedOption {
  const name = /[<[](.*?)[>\]]$/.exec(option.flags)?.[1];
  return {
    names: [option.long, option.short].filter((one) => typeof one === 'string'),
    value: name === undefined ? undefined : { name, optional: option.optional, ...valueFor(name, option) },
    isList: option instanceof ListOption,
    help: option.description,
    standard: option.defaultValue === undefined ? undefined : String(option.defaultValue),
  };
}

/** By its choices, else by the name that the help gives it. */
function valueFor(name: string, { argChoices }: Pick<Argument | Option, 'argChoices'>): Value {
  if (argChoices) return { kind: 'words', words: argChoices };
  if (name === 'PATH' || name === 'FILE') return { kind: 'file' };
  if (name === 'DIR') return { kind: 'directory' };
  return /^[a-z|]+$/.test(name) ? { kind: 'words', words: name.split('|') } : { kind: 'any' };
}
