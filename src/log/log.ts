/**
 * Logs on standard error: a constant message, and fields. Fields may hold text of events, so both formats escape control
 * characters and marks that turn the direction of writing.
 */
import { type Logger, pino } from 'pino';
import { type ExporterError, formatPlace } from '../errors.ts';
import { safeText } from '../safe.ts';
import { LogOutput } from './output.ts';

export type { Logger };

/** Longest field in a log line, in characters. */
const MAX_FIELD = 2000;

/** @param write takes whole lines; standard error where nothing else is given */
export function createLogger(
  { level, format }: { level: string; format: 'logfmt' | 'json' },
  write: (line: string) => void = standardError(format),
): Logger {
  const out = (line: string) => write(safeLine(line, format));
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: bounded },
      messageKey: 'msg',
    },
    { write: out },
  );
}

function safeLine(line: string, format: 'logfmt' | 'json'): string {
  return `${safeText((format === 'json' ? line : logfmt(line)).trimEnd())}\n`;
}

/** Says how many lines were lost as soon as one can be written again. */
function standardError(format: 'logfmt' | 'json'): (line: string) => void {
  const output = new LogOutput();
  return (line) => {
    const { lost } = output;
    const notice = { ts: new Date().toISOString(), level: 'warn', msg: 'log lines were lost', lines: lost };
    if (lost > 0 && output.write(safeLine(JSON.stringify(notice), format))) output.lost -= lost;
    output.write(line);
  };
}

function bounded(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' && value.length > MAX_FIELD ? `${value.slice(0, MAX_FIELD)}…` : value,
    ]),
  );
}

/** `ts=… level=info msg="…" key=value`, as Prometheus's own programs log. */
function logfmt(json: string): string {
  const { ts, level, msg, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const parts = Object.entries({ ts, level, msg, ...rest }).map(
    ([key, value]) => `${key}=${fieldText(value)}`,
  );
  return parts.join(' ');
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** A fault as a log line: its code and place as fields, so that it can be found and alerted on. */
export function logFault(log: Logger, { code, place, advice, message }: ExporterError): void {
  log.warn({ code, ...(place && { file: formatPlace(place) }), ...(advice && { advice }) }, message);
}
