/** The flags of `serve`. Each also stands in the YAML configuration and in the environment. */

export interface Flag {
  /** Without the leading dashes. */
  name: string;
  /** Where its value stands in the configuration. */
  path: readonly [string, ...string[]];
  /** What follows it, for the help; undefined: it is on or off, and stands alone or with =true or =false. */
  value: string | undefined;
  help: string;
}

/** The one that names the configuration itself. */
export const CONFIG_FILE_FLAG = 'config.file';

export const FLAGS: readonly Flag[] = [
  flag(
    'input.file',
    'PATH',
    'file to follow; a glob is allowed; - is standard input (default /var/log/falco/events.json)',
  ),
  flag('input.start', 'beginning|end', 'where to begin at the very first start (default beginning)'),
  flag(
    'input.http',
    undefined,
    "accept Falco's http_output on POST /events; without --input.file the only input (default false)",
  ),
  flag(
    'state.dir',
    'DIR',
    'where counts are kept across restarts; empty: nowhere (default $STATE_DIRECTORY, else /var/lib/falco-event-exporter)',
  ),
  flag('web.listen-address', 'HOST:PORT', 'where to listen (default :9376)'),
  flag('web.telemetry-path', 'PATH', 'path of the metrics (default /metrics)'),
  flag(
    'web.hold',
    'DURATION',
    'how long new or restored series are held for Prometheus: two scrape intervals (default 30s)',
  ),
  flag('log.level', 'LEVEL', 'debug, info, warn or error (default info)'),
  flag('log.format', 'FORMAT', 'logfmt or json (default logfmt)'),
];

function flag(name: string, value: string | undefined, help: string): Flag {
  return { name, path: name.replaceAll('-', '_').split('.') as [string, ...string[]], value, help };
}

/** How a flag stands in the help and is parsed: `--input.file <PATH>`, `--input.http [true|false]`. */
export function usage({ name, value }: Flag): string {
  return value === undefined ? `--${name} [true|false]` : `--${name} <${value}>`;
}

/** `FALCO_EVENT_EXPORTER_INPUT_FILE` for `input.file`. */
export function environmentName(name: string): string {
  return `FALCO_EVENT_EXPORTER_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
