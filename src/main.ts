#!/usr/bin/env node
/** The command line. Each command loads what it needs alone: `health` runs every few seconds, all day long. */
// First: it listens to signals before anything else is loaded.
import './signals.ts';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { buildInfo } from './build.ts';
import { CONFIG_FILE_FLAG, environmentName, FLAGS, type Flag, usage } from './config/flags.ts';
import { type GivenFlags, loadConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import type { Output } from './count/report.ts';
import { ExporterError } from './errors.ts';
import type { NoiseOutput } from './noise/report.ts';
import { safeText } from './safe.ts';
import { releaseSignals } from './signals.ts';

interface CountFlags {
  output: Output;
  since?: string;
  until?: string;
}

interface NoiseFlags {
  output: NoiseOutput;
  minEvents: number;
  minDays: number;
}

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
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'))
  .addHelpText(
    'after',
    `\nEvery flag also stands in the configuration, and in the environment: ${environmentName('input.file')}=PATH.`,
  )
  .action(async (_options: unknown, command: Command) => {
    const { serve } = await import('./commands.ts');
    await serve(given(command), build);
  });
for (const flag of FLAGS) program.addOption(optionOf(flag));
program.hook('preAction', (_program, command) => {
  if (command !== program) releaseSignals();
});

program
  .command('count')
  .exitOverride()
  .description("read files once, print what is in them, and end; say whether Falco's closing tally agrees")
  .argument('<FILE...>', 'files to read, also .gz; - is standard input')
  .addOption(
    new Option('--output <OUTPUT>', 'how to print it')
      .choices(['table', 'json', 'prometheus'])
      .default('table'),
  )
  .addOption(
    new Option('--since <TIME>', 'only events from then on: RFC 3339, a date, or how long ago (24h)'),
  )
  .addOption(new Option('--until <TIME>', 'only events before then'))
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'))
  .action(async (files: string[], { output, since, until }: CountFlags, command: Command) => {
    const { output: _, since: __, until: ___, ...flags } = given(command);
    const { complaints, countFiles, isWithoutEvents, parseRange, report } = await import('./commands.ts');
    const counted = await countFiles({
      files,
      config: loadConfig(flags, process.env),
      stdin: process.stdin,
      range: parseRange(since, until, Date.now()),
      terminal: process.stderr,
    });
    process.stdout.write(await report(counted, output));
    for (const complaint of complaints(counted)) complain(complaint);
    if (counted.tallies.some(({ agrees }) => !agrees) || counted.files.some(isWithoutEvents))
      process.exitCode = 1;
  });

const noiseCommand = program
  .command('noise')
  .exitOverride()
  .description(
    'say which rules make most events, and propose exceptions for what is normal work; changes nothing',
  )
  .argument('<FILE...>', 'files to read, also .gz; - is standard input')
  .addOption(
    new Option('--output <OUTPUT>', 'how to print it; rules: a rules file for Falco')
      .choices(['table', 'json', 'rules'])
      .default('table'),
  )
  .addOption(wholeNumber('--min-events <N>', 'what was seen less often with the same values stays', 20))
  .addOption(wholeNumber('--min-days <N>', 'what was seen on fewer days (UTC) stays', 2))
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'));
for (const flag of FLAGS.filter(({ name }) => name === 'rules.file')) noiseCommand.addOption(optionOf(flag));
noiseCommand.action(async (files: string[], options: NoiseFlags, command: Command) => {
  const { output, minEvents, minDays } = options;
  const { output: _, 'min-events': __, 'min-days': ___, ...flags } = given(command);
  const { findNoise, listNames, noiseReport } = await import('./commands.ts');
  const config = loadConfig(flags, process.env);
  const lists = await listNames(config.rules);
  const noise = await findNoise({ files, stdin: process.stdin, config, minEvents, minDays, lists });
  process.stdout.write(noiseReport(noise, output));
});

const healthCommand = program
  .command('health')
  .exitOverride()
  .description('ask the exporter that runs with the same configuration whether it lives; exit 0 or 1')
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'));
for (const flag of FLAGS) healthCommand.addOption(optionOf(flag));
healthCommand.action(async (_options: unknown, command: Command) => {
  const { health } = await import('./health.ts');
  await health(loadConfig(given(command), process.env));
});

const configFlags = FLAGS.filter(({ name }) => /^(rules|web\.config)\./.test(name));
const check = program
  .command('check')
  .exitOverride()
  .description(
    'say what is wrong with the configuration and with rules files, with file, line and column; exit 1 on any error',
  )
  .addOption(new Option(`--${CONFIG_FILE_FLAG} <PATH>`, 'YAML configuration'))
  .addOption(repeated('--compose <PATH>', 'compose file that has the containers which the rules name'))
  .addOption(new Option('--format <FORMAT>', 'how to print it').choices(['text', 'json']).default('text'));
for (const flag of configFlags) check.addOption(optionOf(flag));
check.action(async ({ compose, format }: { compose?: string[]; format: string }, command: Command) => {
  const { compose: _, format: __, ...flags } = given(command);
  const { checkRules, formatReportJson, formatReportText, loadWebConfig } = await import('./commands.ts');
  let rules: Config['rules'];
  try {
    const config = loadConfig(flags, process.env);
    if (config.web.config.file !== undefined) loadWebConfig(config.web.config.file);
    rules = config.rules;
  } catch (error) {
    // What is wrong is what was asked for, and no wrong use of the command.
    complain(error);
    process.exitCode = 1;
    return;
  }
  const options = { rulesFiles: rules.file, falcoConfig: rules.falco_config, composeFiles: compose };
  if (rules.file.length === 0 && rules.falco_config === undefined) {
    if (compose)
      throw new ExporterError(
        'CONFIG_FLAG',
        '--compose checks the containers that rules name, and no rules were given',
        {
          advice: 'Give --rules.file=PATH, or --rules.falco-config=PATH, too.',
        },
      );
    if (format === 'text') {
      process.stdout.write('The configuration is right. No rules file was named.\n');
      return;
    }
  }
  const report = await checkRules(options);
  process.stdout.write(format === 'json' ? formatReportJson(report) : formatReportText(report));
  if (!report.ok) process.exitCode = 1;
});

/** The flags that were given, by their name without dashes. */
function given(command: Command): GivenFlags {
  const flags: Record<string, string | string[]> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value !== undefined) flags[option.long!.slice(2)] = Array.isArray(value) ? value : String(value);
  }
  return flags;
}

function optionOf(flag: Flag): Option {
  return flag.kind === 'list' ? repeated(usage(flag), flag.help) : new Option(usage(flag), flag.help);
}

function wholeNumber(usage: string, help: string, standard: number): Option {
  return new Option(usage, help).default(standard).argParser((value: string) => {
    if (!/^[1-9]\d{0,8}$/.test(value))
      throw new InvalidArgumentError('expected a whole number of at least 1');
    return Number(value);
  });
}

function repeated(usage: string, help: string): Option {
  return new Option(usage, help).argParser((value: string, before: string[] = []) => [...before, value]);
}

function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const what = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return complain(new ExporterError('CONFIG_FLAG', what, { advice: 'See falco-event-exporter --help.' }));
  }
  const faults: unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const fault of faults)
    process.stderr.write(
      `falco-event-exporter: ${fault instanceof ExporterError ? fault.describe() : safeText(String(fault))}\n`,
    );
  const wrongUse = faults.some(
    (fault) => fault instanceof ExporterError && /^(WEB_)?CONFIG_/.test(fault.code),
  );
  return wrongUse ? WRONG_USE : 1;
}

// Who reads what we say may be gone.
process.stderr.on('error', () => undefined);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
}
