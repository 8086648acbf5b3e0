/** The manual page, in man(7), made from the command line itself. */
import type { Command } from 'commander';
import { environmentName, FLAGS } from '../../config/flags.ts';
import { type DescribedCommand, type DescribedOption, describe } from './describe.ts';

const NAME = 'falco-event-exporter';

/** falco-event-exporter.1. It holds no date, so that the same source makes the same page. */
export function manual(program: Command, version: string): string {
  const [main, ...commands] = describe(program);
  const lines = [
    `.TH ${NAME.toUpperCase().replaceAll('-', '\\-')} 1 "" "${NAME} ${version}" "User Commands"`,
    '.SH NAME',
    `${escaped(NAME)} \\- count Falco events for Prometheus`,
    '.SH SYNOPSIS',
    `.B ${escaped(NAME)}`,
    '[\\fIflags\\fR]',
    ...commands.flatMap((command) => ['.br', `.B ${escaped(`${NAME} ${command.name}`)}`, synopsis(command)]),
    '.SH DESCRIPTION',
    escaped(main.description),
    'Without a command it follows its inputs and serves the counts on /metrics.',
    '.SH FLAGS',
    ...main.options.flatMap(option),
    '.SH COMMANDS',
    ...commands.flatMap(commandSection),
    '.SH ENVIRONMENT',
    'Each flag is also an environment variable. A flag wins over the variable, and the variable over the file.',
    ...[...FLAGS].flatMap(({ name }) => [
      '.TP',
      `.B ${environmentName(name)}`,
      escaped(`the same as --${name}`),
    ]),
    '.SH FILES',
    ...FILES.flatMap(([path, what]) => ['.TP', `.I ${escaped(path)}`, escaped(what)]),
    '.SH SIGNALS',
    ...SIGNALS.flatMap(([signal, what]) => ['.TP', `.B ${signal}`, escaped(what)]),
    '.SH EXIT STATUS',
    ...STATUSES.flatMap(([status, what]) => ['.TP', `.B ${status}`, escaped(what)]),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([what, line]) => ['.TP', escaped(what), `.B ${escaped(line)}`]),
    '.SH SEE ALSO',
    'https://github.com/falco\\-event\\-exporter/falco\\-event\\-exporter',
  ];
  return `${lines.join('\n')}\n`;
}

const FILES = [
  ['/var/log/falco/events.json', 'the input, where none is given'],
  ['/var/lib/falco-event-exporter', 'the state: counts and positions'],
] as const;

const SIGNALS = [
  ['SIGHUP', 'read the configuration and the rules again'],
  ['SIGTERM, SIGINT', 'write the state and end, within 5 seconds'],
] as const;

const STATUSES = [
  ['0', 'all went well'],
  ['1', 'a fault while starting or running; of check, count and health: what they found'],
  ['2', 'a wrong command line or configuration'],
  ['70', 'an error in the exporter itself'],
] as const;

const EXAMPLES = [
  ['Follow a file:', `${NAME} --input.file=/var/log/falco/events.json`],
  ['Check rules before Falco loads them:', `${NAME} check --rules.file=/etc/falco/falco_rules.local.yaml`],
  ['Count what a file holds of the last day:', `${NAME} count --since=24h /var/log/falco/events.json`],
] as const;

function synopsis({ options, argument }: DescribedCommand): string {
  const flags = options.length > 1 ? '[\\fIflags\\fR]' : '';
  if (!argument) return flags;
  const name = `\\fI${escaped(argument.name)}\\fR${argument.isList ? '...' : ''}`;
  return `${flags} ${argument.optional ? `[${name}]` : name}`.trim();
}

function commandSection(command: DescribedCommand): string[] {
  const head = ['.SS', command.name];
  const { argument } = command;
  const words = argument?.kind === 'words' && !argument.optional ? argument.words.join(', ') : undefined;
  return [
    head.join(' '),
    escaped(command.description),
    ...(argument ? ['.TP', `.I ${escaped(argument.name)}`, escaped(words ?? argument.help)] : []),
    // Those of the configuration are above.
    ...command.options
      .filter(({ names }) => names[0] !== '--help' && !FLAGS.some(({ name }) => names.includes(`--${name}`)))
      .flatMap(option),
  ];
}

function option({ names, value, help, standard }: DescribedOption): string[] {
  const given = value ? (value.optional ? `[=${value.name}]` : `=${value.name}`) : '';
  const more = standard === undefined ? '' : ` (default ${standard})`;
  return ['.TP', `.B ${escaped(names.map((name) => `${name}${given}`).join(', '))}`, escaped(help + more)];
}

/** Text as roff takes it literally: hyphens that can be copied, no request at a line's beginning. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replace(/^\./, '\\&.');
}
