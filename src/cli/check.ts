/** `check`: what is wrong with the configuration and with rules files. */
import { type Command, Option } from 'commander';
import { FLAGS } from '../config/flags.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ExporterError } from '../errors.ts';
import { strangeVariables } from './environment.ts';
import { complain } from './faults.ts';
import { configFileOption, givenFlags, ListOption, optionOf } from './options.ts';
import { policyOption } from './respond.ts';

interface CheckOptions {
  compose?: string[];
  format: string;
  policy?: string;
}

export function addCheck(program: Command): void {
  const check = program
    .command('check')
    .summary('check the configuration and rules files')
    .description(
      'Says what is wrong with the configuration and with rules files: file, line, column, code. Exit code 1: there is an error.',
    )
    .addOption(configFileOption())
    .addOption(
      new ListOption('--compose <PATH>', 'compose file; the containers that rules name must be in it'),
    )
    .addOption(policyOption("the responder's policy"))
    .addOption(
      new Option(
        '--format <text|json|prometheus|prometheus-rules>',
        'how to print it; prometheus: the catalogue of rules for a textfile collector, prometheus-rules: the same as recording rules, once for a fleet whose exporters have --metrics.profile=lean; faults go to standard error',
      )
        .choices(['text', 'json', 'prometheus', 'prometheus-rules'])
        .default('text'),
    );
  for (const flag of FLAGS.filter(({ name }) => /^(rules|web\.config)\./.test(name)))
    check.addOption(optionOf(flag));
  check.action(async ({ compose, format, policy }: CheckOptions, command: Command) => {
    const { checkRules, formatReportJson, formatReportText, loadWebConfig, ...metrics } = await import(
      '../commands.ts'
    );
    for (const strange of strangeVariables(process.env)) complain(strange, program);
    let rules: Config['rules'];
    try {
      const config = loadConfig(givenFlags(command, 'compose', 'format', 'policy'), process.env);
      if (config.web.config.file !== undefined) loadWebConfig(config.web.config.file);
      if (policy !== undefined) (await import('../respond/policy/load.ts')).loadPolicy(policy);
      rules = config.rules;
    } catch (error) {
      // What is wrong is what was asked for, and no wrong use of the command.
      complain(error, program);
      process.exitCode = 1;
      return;
    }
    if (rules.file.length === 0 && rules.falco_config === undefined) {
      if (compose) throw noRules();
      if (format === 'text') {
        process.stdout.write('The configuration is right. No rules file was named.\n');
        return;
      }
    }
    const report = await checkRules({
      rulesFiles: rules.file,
      falcoConfig: rules.falco_config,
      composeFiles: compose,
    });
    if (!report.ok) process.exitCode = 1;
    if (format === 'json') process.stdout.write(formatReportJson(report));
    else if (format === 'text') process.stdout.write(formatReportText(report));
    else {
      if (!report.ok) process.stderr.write(formatReportText(report));
      const { catalogue } = await metrics.loadCatalogue(rules.file, { falcoConfig: rules.falco_config });
      const found = [...catalogue.rules.values()];
      process.stdout.write(
        format === 'prometheus' ? await metrics.catalogueText(found) : metrics.catalogueRules(found),
      );
    }
  });
}

function noRules(): ExporterError {
  return new ExporterError(
    'CONFIG_FLAG',
    '--compose checks the containers that rules name, and no rules were given',
    { advice: 'Give --rules.file=PATH, or --rules.falco-config=PATH, too.' },
  );
}
