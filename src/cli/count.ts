/** `count`: reads files once. */
import { type Command, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Output } from '../count/report.ts';
import { complain } from './faults.ts';
import { configFileOption, givenFlags } from './options.ts';

interface CountOptions {
  output: Output;
  since?: string;
  until?: string;
}

export function addCount(program: Command): void {
  program
    .command('count')
    .summary('count the events of files, once')
    .description(
      "Reads files once, prints the counts and ends. Where a file holds Falco's closing tally, it also says whether the two agree. Exit code 1: they don't, or a file has lines and no event.",
    )
    .argument('<FILE...>', 'files to read, also .gz; - is standard input')
    .addOption(
      new Option('--output <table|json|prometheus>', 'how to print the counts')
        .choices(['table', 'json', 'prometheus'])
        .default('table'),
    )
    .addOption(
      new Option('--since <TIME>', 'only events from then on: RFC 3339, a date, or how long ago (24h)'),
    )
    .addOption(new Option('--until <TIME>', 'only events before then'))
    .addOption(configFileOption())
    .action(async (files: string[], { output, since, until }: CountOptions, command: Command) => {
      const flags = givenFlags(command, 'output', 'since', 'until');
      const { complaints, countFiles, isWithoutEvents, parseRange, report } = await import('../commands.ts');
      const counted = await countFiles({
        files,
        config: loadConfig(flags, process.env),
        stdin: process.stdin,
        range: parseRange(since, until, Date.now()),
        terminal: process.stderr,
      });
      process.stdout.write(await report(counted, output));
      for (const complaint of complaints(counted)) complain(complaint, program);
      if (counted.tallies.some(({ agrees }) => !agrees) || counted.files.some(isWithoutEvents))
        process.exitCode = 1;
    });
}
