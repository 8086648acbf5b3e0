/**
 * Every error that a user can meet: a code from one closed set, what is wrong, where, and what to do.
 * Scripts and tests rely on the code; the wording may change.
 */
import { safeText } from './safe.ts';

/** The closed set. A new fault gets a new line here, never a code made up on the spot. */
export const ERROR_CODES = [
  // command line and configuration
  'CONFIG_FLAG', // an unknown flag, or a flag's value that can't be used
  'CONFIG_ENVIRONMENT', // the same in a FALCO_EVENT_EXPORTER_ variable
  'CONFIG_FILE', // the configuration file can't be read
  'CONFIG_SYNTAX', // the configuration is not YAML
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_TYPE', // a value of the wrong type or out of range
  'CONFIG_NEEDS_RESTART', // a reload that changes what only a start can change
  // inputs
  'INPUT_MISSING',
  'INPUT_UNREADABLE',
  'INPUT_NOT_A_FILE',
  'INPUT_ENDED', // standard input ended
  'NO_EVENTS', // count: a file has lines, and none of them is an event
  'LINES_REFUSED', // count: lines that may have been events, and count as none
  // state
  'STATE_UNUSABLE', // the state directory can't be written
  'STATE_TORN', // a snapshot that is damaged, foreign or of a newer version
  'STATE_NOT_OURS', // another process wrote the snapshot
  // files in YAML that other programs own: Falco's rules, falco.yaml, compose files
  'YAML_MISSING', // no such file, or a directory without *.yaml files
  'YAML_UNREADABLE',
  'YAML_NOT_A_FILE',
  'YAML_TOO_LARGE', // more bytes than are read
  'YAML_SYNTAX',
  'YAML_ALIASES', // anchors and aliases that explode
  'YAML_SHAPE', // the file as a whole is something else: not a list of rules, not a compose file
  // Falco's rules
  'RULES_NOT_A_MAP',
  'RULES_UNKNOWN_ITEM', // neither rule, macro, list nor requirement
  'RULES_UNKNOWN_KEY',
  'RULES_DUPLICATE_KEY', // the same key twice in one item
  'RULES_REQUIRED', // a field that must be there is missing or empty
  'RULES_TYPE', // a value of the wrong type
  'RULES_PRIORITY', // none of Falco's eight priorities
  'RULES_VERSION', // required_engine_version or required_plugin_versions
  'RULES_EXCEPTION', // an exception whose parts don't fit each other
  'RULES_CONDITION', // a condition that can't be parsed
  'RULES_UNKNOWN_MACRO',
  'RULES_UNKNOWN_LIST',
  'RULES_UNKNOWN_FIELD', // a field, or its argument, that no event of the rule's source has
  'RULES_UNKNOWN_EVENT', // an event type that Falco doesn't know
  'RULES_OPERATOR', // an operator or transformer that does not fit the field's type
  'RULES_VALUE', // a value that does not fit the field's type
  'RULES_NAME', // a list's or macro's name that Falco warns of
  'RULES_ORDER', // a macro that is defined only after its use
  'RULES_CYCLE', // macros or lists that lead back to themselves
  'RULES_TOO_LARGE', // nesting or expansion over the limit
  'RULES_DUPLICATE_NAME', // defined twice without override
  'RULES_SOURCE', // the same rule with another event source
  'RULES_OVERRIDE', // an override that Falco refuses
  'RULES_OVERRIDE_NOTHING', // an override, append or toggle of what is not there
  'RULES_DEPRECATED',
  'RULES_OUTPUT_LINES', // an output of several lines
  'RULES_OUTPUT_CONTAINER', // an output that names no container
  'RULES_UNKNOWN_CONTAINER', // a container that the compose file doesn't have
  // falco.yaml
  'FALCO_RULES_FILE', // rules_file in the singular
  'FALCO_CONFIG', // a part of falco.yaml that Falco can't use
  // web
  'WEB_NO_ANSWER', // health: no exporter answers at the address
  'WEB_ADDRESS_IN_USE',
  'WEB_ADDRESS', // an address that can't be listened on
  'WEB_CONFIG_FILE', // the web configuration can't be read
  'WEB_CONFIG_SYNTAX', // it is not YAML
  'WEB_CONFIG_UNKNOWN_KEY',
  'WEB_CONFIG_TYPE', // a value of the wrong type, or values that contradict each other
  'WEB_CONFIG_PROTECTION', // a reload that takes protection away and doesn't say so
  'WEB_CONFIG_TLS', // a certificate, key, CA or cipher that can't be used
  // respond
  'POLICY_FILE', // the policy can't be read
  'POLICY_SYNTAX', // it is not YAML
  'POLICY_UNKNOWN_KEY',
  'POLICY_TYPE', // a value of the wrong type or out of range
  'POLICY_APPROVAL', // what waits for a person, where nobody could approve
  'POLICY_TOKEN', // a token that can't be read, or is too short
  'RESPOND_JOURNAL', // the journal can't be kept: nothing is done
  'RESPOND_EVIDENCE', // the evidence's directory can't be used
  'UNFORESEEN', // an error in the exporter itself; it ends with exit code 70
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A place in a file. Lines and columns count from 1. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
}

/** One fault, as text: `file:line:column: what [CODE]` and, on the next line, what to do. */
export class ExporterError extends Error {
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  /** What the reader can do about it, a whole sentence. */
  readonly advice: string | undefined;

  constructor(code: ErrorCode, what: string, more: { place?: Place; advice?: string; cause?: unknown } = {}) {
    super(what, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ExporterError';
    this.code = code;
    this.place = more.place;
    this.advice = more.advice;
  }

  /** The whole fault for a person to read; one line, or two with advice. Names of files and keys in it are foreign text. */
  describe(): string {
    const where = this.place ? `${formatPlace(this.place)}: ` : '';
    const line = safeText(`${where}${this.message} [${this.code}]`);
    return this.advice ? `${line}\n  ${safeText(this.advice)}` : line;
  }
}

/** `file:line:column`, as compilers print it, so that editors can jump there. */
export function formatPlace(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
}

/** The system's own code (ENOENT, EACCES, …) of an error of Node's, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of its path is no directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'this process has too many open files',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed',
  EHOSTUNREACH: 'the host can not be reached',
  ENETUNREACH: 'the network can not be reached',
  ENOTFOUND: 'there is no such host',
};

/** Why the system refused something, in words; an error without a code in its own. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  const words = code === undefined ? undefined : REASONS[code];
  return words === undefined
    ? error instanceof Error
      ? error.message
      : String(error)
    : `${words} (${code})`;
}
