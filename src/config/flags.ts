/** The flags of `serve`. Each is also a key of the YAML configuration and an environment variable. */

export interface Flag {
  /** Without the leading dashes. */
  name: string;
  /** The place of its value in the configuration. */
  path: readonly [string, ...string[]];
  /** What follows it, for the help. */
  value: string;
  help: string;
  /**
   * What the text given becomes. A switch may stand alone: `--input.http` is `=true`. A list's flag may be given several
   * times; in the environment commas separate its items.
   */
  kind: 'text' | 'number' | 'switch' | 'list';
}

/** The one that names the configuration itself. */
export const CONFIG_FILE_FLAG = 'config.file';

export const FLAGS: readonly Flag[] = [
  flag(
    'input.file',
    'PATH',
    'the file to follow; a pattern such as events*.json follows several; - is standard input (default /var/log/falco/events.json)',
    'list',
  ),
  flag('input.start', 'beginning|end', 'where to begin at the very first start (default beginning)'),
  flag(
    'input.http',
    'true|false',
    "accept Falco's http_output on POST /events; without --input.file it is the only input (default false)",
    'switch',
  ),
  flag(
    'input.position-retention',
    'DURATION',
    "how long to remember the position in a file that can't be found, so that reading resumes there (default 21d)",
  ),
  flag(
    'state.dir',
    'DIR',
    'where to keep counts and positions across restarts; empty: nowhere (default $STATE_DIRECTORY, else /var/lib/falco-event-exporter)',
  ),
  flag('rules.file', 'PATH', "a Falco rules file, or a directory of them, in Falco's order", 'list'),
  flag(
    'rules.falco-config',
    'PATH',
    'falco.yaml: leaves out rules that it disables, or that are below its priority',
  ),
  flag(
    'metrics.profile',
    'full|lean',
    'lean: for fleets, at most 60 series before the first event; without the rules catalogue, times of rules, and most metrics of Node.js and of requests; only rules that name a container are at 0 beforehand (default full)',
  ),
  flag(
    'metrics.created-timestamps',
    'true|false',
    'in OpenMetrics, when each series was created; only for Prometheus with the feature created-timestamp-zero-ingestion, which then sees first events without a hold (default false)',
    'switch',
  ),
  flag(
    'series-limit',
    'NUMBER',
    'most series of falco_events_total; events beyond it count under __overflow__ (default 10000)',
    'number',
  ),
  flag(
    'series-retention',
    'DURATION',
    'how long a series stays in /metrics after its last event, unless the rules files name it; it retires sooner when nine tenths of the limit are used; 0: it stays for ever (default 1d)',
  ),
  flag('web.listen-address', 'HOST:PORT', 'the address to listen on, or several (default :9376)', 'list'),
  flag(
    'web.systemd-socket',
    'true|false',
    'listen on the sockets that systemd passes, instead of --web.listen-address; health asks that address',
    'switch',
  ),
  flag('web.telemetry-path', 'URLPATH', 'the path of the metrics (default /metrics)'),
  flag(
    'web.external-url',
    'URL',
    "the address at which people reach the exporter, such as a reverse proxy's; its path, if any, is a prefix of all paths (default http://HOSTNAME:PORT of this machine)",
  ),
  flag(
    'web.route-prefix',
    'URLPATH',
    'the path below which everything is answered (default the path of --web.external-url)',
  ),
  flag(
    'web.hold',
    'DURATION',
    'how long Prometheus sees the old value of a new or restored series; at least two of its scrape intervals (default 30s)',
  ),
  flag(
    'web.linger',
    'DURATION',
    'at SIGTERM, go on to read and to serve until every scraper has seen every count twice, but no longer than this; for pods whose state goes with them; 0: end at once (default 0s)',
  ),
  flag(
    'web.scrapers',
    'ADDRESS|NETWORK',
    'where scrapers are, such as 10.0.0.5 or 10.0.0.0/8; requests from elsewhere do not change what scrapers see',
    'list',
  ),
  flag('web.config.file', 'PATH', 'TLS, users and headers, in the format of exporter-toolkit'),
  flag('web.max-requests', 'NUMBER', 'how many scrapes are answered at once (default 40)', 'number'),
  flag('web.disable-events', 'true|false', 'keep no recent events for the page', 'switch'),
  flag(
    'web.allow-remote-events',
    'true|false',
    'show events to other machines, and accept events from them, without authentication',
    'switch',
  ),
  flag('web.dashboards-url', 'URL', "where the page's link to dashboards leads"),
  flag('web.runbooks-url', 'URL', "where the page's links to runbooks lead"),
  flag(
    'log.level',
    'debug|info|warn|error',
    'the lowest level that is logged to standard error (default info)',
  ),
  flag('log.format', 'logfmt|json', 'the format of the log (default logfmt)'),
];

function flag(name: string, value: string, help: string, kind: Flag['kind'] = 'text'): Flag {
  return { name, path: name.replaceAll('-', '_').split('.') as [string, ...string[]], value, help, kind };
}

/** How the help shows a flag, and how it is parsed. */
export function usage({ name, value, kind }: Flag): string {
  return `--${name} ${kind === 'switch' ? `[${value}]` : `<${value}>`}`;
}

/** A flag's text as the value that the schema wants; what can't be one is left for the schema to refuse. */
export function flagValue(kind: Flag['kind'], text: string): string | number | boolean | string[] {
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'switch' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'list') return text === '' ? [] : text.split(',');
  return text;
}

/** `FALCO_EVENT_EXPORTER_INPUT_FILE` for `input.file`. */
export function environmentName(name: string): string {
  return `FALCO_EVENT_EXPORTER_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
