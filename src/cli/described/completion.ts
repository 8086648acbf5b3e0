/** Completion scripts for shells, made from the command line itself. */
import type { Command } from 'commander';
import { type DescribedCommand, type DescribedOption, describe, type Shell, type Value } from './describe.ts';

const NAME = 'falco-event-exporter';
const FUNCTION = '_falco_event_exporter';

/** The script for a shell; it is read with `source`. */
export function completion(program: Command, shell: Shell): string {
  const commands = describe(program);
  return { bash, zsh, fish }[shell](commands);
}

type Commands = [DescribedCommand, ...DescribedCommand[]];

/** Works without bash-completion, also in the bash 3.2 of macOS. */
function bash([program, ...commands]: Commands): string {
  const values = new Map<string, string>();
  for (const command of [program, ...commands]) {
    const scope = command === program ? '' : command.name;
    for (const { names, value } of command.options)
      if (value && !value.optional)
        values.set(names.map((name) => `"${scope} ${name}"`).join(' | '), bashWords(value));
  }
  const flags = [program, ...commands].map((command) => {
    const words = command.options.flatMap(({ names, value }) =>
      names.map((name) => (value && !value.optional ? `${name}=` : name)),
    );
    const rest = command.argument ? bashWords(command.argument) : 'return';
    return `    ${command === program ? '""' : command.name})
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))
        [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
      else
        ${command === program ? `COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$cur"))` : rest}
      fi
      ;;`;
  });
  return `# bash completion for ${NAME}
${FUNCTION}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command="" i
  # For bash --flag=value is three words.
  if [[ $cur == "=" ]]; then
    cur=""
  elif [[ $prev == "=" ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
    ${commands.map(({ name }) => name).join(' | ')})
      command=\${COMP_WORDS[i]}
      break
      ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${[...values].map(([names, words]) => `  ${names})\n    ${words}\n    return\n    ;;`).join('\n')}
  esac
  case "$command" in
${flags.join('\n')}
  esac
}
complete -F ${FUNCTION} ${NAME}
`;
}

function bashWords(value: Value): string {
  const filenames = 'compopt -o filenames 2>/dev/null';
  switch (value.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$cur"))`;
    case 'file':
      return `local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur")); ${filenames}`;
    case 'directory':
      return `local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur")); ${filenames}`;
    case 'any':
      return ':';
  }
}

function zsh([program, ...commands]: Commands): string {
  const specs = (command: DescribedCommand) => command.options.flatMap(zshOption);
  const indented = (lines: string[], by: string) => lines.map((line) => `${by}${line} \\\n`).join('');
  const branches = commands.map(
    (command) => `      ${command.name})
        _arguments -s \\
${indented(specs(command), '          ')}          ${zshArgument(command)}
        ;;`,
  );
  return `#compdef ${NAME}
# zsh completion for ${NAME}
${FUNCTION}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -s -C \\
${indented(specs(program), '    ')}    '1: :->command' \\
    '*:: :->rest'
  case $state in
  command)
    local -a commands
    commands=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}\n`).join('')}    )
    _describe command commands
    ;;
  rest)
    case $line[1] in
${branches.join('\n')}
    esac
    ;;
  esac
}
if [ "$funcstack[1]" = "_${NAME}" ]; then
  ${FUNCTION} "$@"
else
  compdef ${FUNCTION} ${NAME}
fi
`;
}

function zshOption({ names, value, isList, help }: DescribedOption): string[] {
  const text = help.replaceAll(/[[\]\\]/g, '\\$&');
  const action = value && `:${value.name.replaceAll(':', '\\:')}:${zshAction(value)}`;
  return names.map((name) => {
    const equals = value ? (value.optional ? '=-' : '=') : '';
    return quoted(
      `${isList ? '*' : ''}${name}${equals}[${text}]${value?.optional ? `:${action}` : (action ?? '')}`,
    );
  });
}

function zshArgument({ argument }: DescribedCommand): string {
  if (!argument) return "'*: :'";
  return quoted(`${argument.isList ? '*' : '1'}:${argument.name}:${zshAction(argument)}`);
}

function zshAction(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'any':
      return ' ';
  }
}

function fish([program, ...commands]: Commands): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = [program, ...commands].flatMap((command) => {
    const condition =
      command === program
        ? `not __fish_seen_subcommand_from ${names}`
        : `__fish_seen_subcommand_from ${command.name}`;
    const start = `complete -c ${NAME} -n ${quoted(condition)}`;
    const options = command.options.map(({ names: [long, short], value, help }) => {
      const parts = [start, `-l ${long!.slice(2)}`];
      if (short) parts.push(`-s ${short.slice(1)}`);
      if (value && !value.optional)
        parts.push(`${value.kind === 'words' ? '-x' : '-r'} ${fishWords(value)}`.trim());
      return `${parts.join(' ')} -d ${fishQuoted(help)}`;
    });
    const rest =
      command === program
        ? commands.map(({ name, summary }) => `${start} -a ${name} -d ${fishQuoted(summary)}`)
        : command.argument
          ? [`${start} ${fishWords(command.argument)}`]
          : [];
    return [...rest, ...options];
  });
  return `# fish completion for ${NAME}\ncomplete -c ${NAME} -f\n${lines.join('\n')}\n`;
}

function fishWords(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `-a ${quoted(value.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'directory':
      return "-a '(__fish_complete_directories)'";
    case 'any':
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Within single quotes fish knows these two escapes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
