/** `respond`: acts on containers for events. A chunk of its own: nothing else loads it. */
import { type Command, Option } from 'commander';
import { FLAGS } from '../config/flags.ts';
import { strangeVariables } from './environment.ts';
import { configFileOption, givenFlags, optionOf } from './options.ts';

/** Those of the exporter that mean the same here. */
const SHARED = /^(input\.(file|start|position-retention)|state\.dir|log\.)/;

export function addRespond(program: Command, build: { version: string; revision: string }): void {
  const respond = program
    .command('respond')
    .summary('act on containers for events, by a policy')
    .description(
      "Follows Falco's file and acts on Docker containers by a policy: evidence, pause, disconnect, restart, stop. Without dry_run: false in the policy it does nothing but look. Its state lies in the directory respond of --state.dir.",
    )
    .addOption(policyOption('the policy, in YAML').makeOptionMandatory())
    .addOption(configFileOption());
  for (const flag of FLAGS.filter(({ name }) => SHARED.test(name))) respond.addOption(optionOf(flag));
  respond.action(async ({ policy }: { policy: string }, command: Command) => {
    const { respond: run } = await import('../respond/respond.ts');
    await run(policy, givenFlags(command, 'policy'), build, strangeVariables(process.env));
  });
}

/** `check` has it, too. */
export function policyOption(help: string): Option {
  return new Option('--policy <PATH>', help);
}
