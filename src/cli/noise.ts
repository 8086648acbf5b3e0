/** `noise`: which rules are noisy, and exceptions that would make them quieter. */
import { type Command, Option } from 'commander';
import { FLAGS } from '../config/flags.ts';
import { loadConfig } from '../config/load.ts';
import type { NoiseOutput } from '../noise/report.ts';
import { configFileOption, givenFlags, optionOf, wholeNumber } from './options.ts';

interface NoiseOptions {
  output: NoiseOutput;
  minEvents: number;
  minDays: number;
}

export function addNoise(program: Command): void {
  const noise = program
    .command('noise')
    .summary('find noisy rules and propose exceptions')
    .description(
      'Says which rules make the most events, and proposes exceptions for what is normal work. It changes no file.',
    )
    .argument('<FILE...>', 'files to read, also .gz; - is standard input')
    .addOption(
      new Option('--output <table|json|rules>', 'how to print it; rules: as a rules file for Falco')
        .choices(['table', 'json', 'rules'])
        .default('table'),
    )
    .addOption(wholeNumber('--min-events <NUMBER>', 'propose nothing for what was seen less often', 20))
    .addOption(wholeNumber('--min-days <NUMBER>', 'propose nothing for what was seen on fewer days (UTC)', 2))
    .addOption(configFileOption());
  for (const flag of FLAGS.filter(({ name }) => name === 'rules.file')) noise.addOption(optionOf(flag));
  noise.action(async (files: string[], { output, minEvents, minDays }: NoiseOptions, command: Command) => {
    const config = loadConfig(givenFlags(command, 'output', 'min-events', 'min-days'), process.env);
    const { findNoise, listNames, noiseReport } = await import('../commands.ts');
    const lists = await listNames(config.rules);
    const found = await findNoise({ files, stdin: process.stdin, config, minEvents, minDays, lists });
    process.stdout.write(noiseReport(found, output));
  });
}
