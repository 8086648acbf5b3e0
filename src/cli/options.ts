/** Options of the command line: made from the flags of the configuration, and read back. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CONFIG_FILE_FLAG, type Flag, usage } from '../config/flags.ts';
import type { GivenFlags } from '../config/load.ts';

/** `--config.file`, which every command that reads the configuration has. */
export function configFileOption(): Option {
  return new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'configuration in YAML');
}

/** A flag of the configuration as an option. */
export function optionOf(flag: Flag): Option {
  return flag.kind === 'list' ? new ListOption(usage(flag), flag.help) : new Option(usage(flag), flag.help);
}

/** An option that may be given several times. */
export class ListOption extends Option {
  constructor(flags: string, help: string) {
    super(flags, help);
    this.argParser((value: string, before: string[] = []) => [...before, value]);
  }
}

/** An option that takes a whole number of at least 1. */
export function wholeNumber(flags: string, help: string, standard: number): Option {
  return new Option(flags, help).default(standard).argParser((value: string) => {
    if (!/^[1-9]\d{0,8}$/.test(value))
      throw new InvalidArgumentError('expected a whole number of at least 1');
    return Number(value);
  });
}

/**
 * The flags of the configuration that were given, by their name without dashes.
 * @param own names of the command's own options, which are none of the configuration's
 */
export function givenFlags(command: Command, ...own: string[]): GivenFlags {
  const flags: Record<string, string | string[]> = {};
  for (const option of command.options) {
    const name = option.long!.slice(2);
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value === undefined || own.includes(name)) continue;
    flags[name] = Array.isArray(value) ? value : String(value);
  }
  return flags;
}
