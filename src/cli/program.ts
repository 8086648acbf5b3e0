/**
 * The command line: what can be typed, and what it does. Help, completion and the manual page are made from it.
 * Each command loads what it needs alone: `health` runs every few seconds, all day long.
 */
import { Argument, Command } from 'commander';
import { environmentName, FLAGS } from '../config/flags.ts';
import { loadConfig } from '../config/load.ts';
import { releaseSignals } from '../signals.ts';
import { addCheck } from './check.ts';
import { addCount } from './count.ts';
import { SHELLS, type Shell } from './described/describe.ts';
import { strangeVariables } from './environment.ts';
import { unknownCommand } from './faults.ts';
import { layOutHelp, paragraph } from './help.ts';
import { addNoise } from './noise.ts';
import { configFileOption, givenFlags, optionOf } from './options.ts';
import { addRespond } from './respond.ts';

interface Build {
  version: string;
  revision: string;
}

/** Errors of the command line are thrown: CommanderErrors and ExporterErrors. */
export function createProgram(build: Build): Command {
  const program = new Command('falco-event-exporter');
  // First, since the commands that are made below take over how the program behaves.
  layOutHelp(program);
  program
    .description(
      'Counts the events that Falco prints, each exactly once, and serves the counts to Prometheus.',
    )
    .version(
      `falco-event-exporter ${build.version} (revision ${build.revision}, node ${process.version})`,
      '--version',
      'show the version',
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .allowExcessArguments()
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(configFileOption())
    .addHelpText('after', (context) =>
      paragraph(
        `Without a command it follows its inputs and serves /metrics. Each flag is also a key of the configuration, and an environment variable: ${environmentName('input.file')}=PATH.`,
        context,
      ),
    )
    .action(async (_options: unknown, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) throw unknownCommand(word, program);
      const { serve } = await import('../commands.ts');
      await serve(givenFlags(command), build, strangeVariables(process.env));
    });
  for (const flag of FLAGS) program.addOption(optionOf(flag));
  program.hook('preAction', (_program, command) => {
    // What runs until it is stopped handles them itself.
    if (command !== program && command.name() !== 'respond') releaseSignals();
  });
  addCheck(program);
  addCount(program);
  addNoise(program);
  addRespond(program, build);
  addHealth(program);
  addCompletion(program);
  addHelp(program);
  addManual(program, build);
  for (const command of program.commands) command.allowExcessArguments(false);
  return program;
}

function addHealth(program: Command): void {
  const health = program
    .command('health')
    .summary('ask whether the exporter lives')
    .description(
      'Asks the exporter that runs with the same configuration whether it lives. Exit code 0: yes; 1: no.',
    )
    .addOption(configFileOption());
  for (const flag of FLAGS) health.addOption(optionOf(flag));
  health.action(async (_options: unknown, command: Command) => {
    const { health: ask } = await import('../health.ts');
    await ask(loadConfig(givenFlags(command), process.env).web);
  });
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary("print a shell's completion script")
    .description('Prints a script with which the shell completes commands, flags and files.')
    .addArgument(new Argument('<SHELL>', 'the shell').choices([...SHELLS]))
    .addHelpText('after', (context) =>
      paragraph(
        'bash: source <(falco-event-exporter completion bash)\nzsh: source <(falco-event-exporter completion zsh)\nfish: falco-event-exporter completion fish | source',
        context,
      ),
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('./described/completion.ts');
      process.stdout.write(completion(program, shell));
    });
}

function addHelp(program: Command): void {
  program
    .command('help')
    .summary('show the help of a command')
    .description('Shows the help of a command.')
    .argument('[COMMAND]', 'the command')
    .action((word: string | undefined) => {
      const command = word === undefined ? program : program.commands.find((one) => one.name() === word);
      if (!command) throw unknownCommand(word!, program);
      command.outputHelp();
    });
}

/** For the build, which puts the page into the package. */
function addManual(program: Command, build: Build): void {
  program
    .command('manual', { hidden: true })
    .description('Prints the manual page.')
    .action(async () => {
      const { manual } = await import('./described/manual.ts');
      process.stdout.write(manual(program, build.version));
    });
}
