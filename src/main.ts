#!/usr/bin/env node
/** The command line. */
import { Command, CommanderError, Option } from 'commander';
import { buildInfo } from './build.ts';
import { CONFIG_FILE_FLAG, environmentName, FLAGS } from './config/flags.ts';
import type { GivenFlags } from './config/load.ts';
import { ExporterError } from './errors.ts';
import { serve } from './serve.ts';

/** Exit codes: 1 a fault while starting or running, 2 a wrong command line or configuration. */
const WRONG_USE = 2;

const build = buildInfo(process.env);
const program = new Command('falco-event-exporter')
  .description('Counts the events that Falco prints, each exactly once, and serves them to Prometheus.')
  .version(
    `falco-event-exporter ${build.version} (revision ${build.revision}, node ${process.version})`,
    '--version',
  )
  .helpOption('--help', 'show this help')
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'))
  .addHelpText(
    'after',
    `\nEvery flag also stands in the configuration, and in the environment: ${environmentName('input.file')}=PATH.`,
  )
  .action((_options: unknown, command: Command) => serve(given(command), build));
for (const { name, value, help } of FLAGS) program.addOption(new Option(`--${name} <${value}>`, help));

/** The flags that were given, by their name without dashes. */
function given(command: Command): GivenFlags {
  const flags: Record<string, string> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === 'string') flags[option.long!.slice(2)] = value;
  }
  return flags;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const what = error.message.replace(/^error: /, '');
    return report(new ExporterError('CONFIG_FLAG', what, { advice: 'See falco-event-exporter --help.' }));
  }
  const faults: unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const fault of faults)
    process.stderr.write(
      `falco-event-exporter: ${fault instanceof ExporterError ? fault.describe() : String(fault)}\n`,
    );
  const wrongUse = faults.some((fault) => fault instanceof ExporterError && fault.code.startsWith('CONFIG_'));
  return wrongUse ? WRONG_USE : 1;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
