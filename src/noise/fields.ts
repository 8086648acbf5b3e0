/**
 * Which output fields identify legitimate work, and which of their values can be trusted.
 *
 * An exception lets through whatever has the same values. So a value must say more than an attacker can choose: whole
 * values only, nothing under a directory that many may write to, no program that does whatever its arguments say unless
 * the arguments are part of the exception.
 */

import { isRepresentable } from './value.ts';

/** A field that says who acts, on what, and from where. Fields that differ each time say nothing about a habit. */
const TELLING =
  /^(?:proc\.(?:exepath|cmdline|name|cwd|tty|pname|pexepath|pcmdline|aname\[\d\]|acmdline\[\d\]|aexepath\[\d\]|sname)|user\.(?:name|uid|loginuid|loginname)|group\.(?:name|gid)|container\.(?:name|image\.repository)|k8s\.ns\.name|fd\.(?:name|directory|filename|sip|sport|cip|lip|lport|rip|rport|l4proto|typechar|type)|evt\.(?:type|res))$/;

/** The field that names the program by its whole path: without it anything may call itself anything. */
export const PROGRAM = 'proc.exepath';
/** The field that says what the program was to do. */
export const COMMAND = 'proc.cmdline';
/** Where a relative path in the command begins. */
export const DIRECTORY = 'proc.cwd';

/** Directories in which an intruder can put a file of his own, and files that were there once. */
const WRITABLE =
  /(?:^|[\s"'=:;(|&<>@])(?:\/(?:tmp|var\/tmp|dev\/shm|dev\/mqueue|run\/(?:user|lock)|home|root|var\/(?:www|lock|spool)|srv|proc\/(?:self|\d+)\/(?:fd|cwd|root)|dev\/(?:tcp|udp))(?:\/|$|[\s"';)|&<>])|memfd:|~)|\(deleted\)|\/\.\.?\//;

/** Secrets, and what decides who may do what: access to them must stay visible, however often it happens. */
const SENSITIVE =
  /\/etc\/(?:shadow|gshadow|sudoers|pam\.|ssh\/|security\/|ld\.so\.preload|kubernetes\/)|\.ssh\/|id_(?:rsa|dsa|ecdsa|ed25519)|authorized_keys|\.aws\/|\.kube\/|\.docker\/config|\.netrc|\.pgpass|\.git-credentials|serviceaccount\/|docker\.sock|containerd\.sock|\/proc\/\w+\/(?:environ|mem)\b|169\.254\.169\.254/;
/** Where a process has a terminal, a person sits: what he does is no habit. */
const TERMINAL = 'proc.tty';

/** Programs that do anything on command: for these the command is the habit, not the program. */
const GENERAL =
  /^(?:(?:ba|da|z|k|c|tc|fi|a)?sh|busybox|toybox|env|xargs|find|nohup|timeout|setsid|nice|su|sudo|runuser|gosu|chroot|nsenter|unshare|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|bun|deno|php[\d.]*|lua[\d.]*|java|tclsh|Rscript|gdb|strace|(?:g|m|n)?awk|sed|ed|vim?|vim\.\w+|nano|emacs|less|more|man|curl|wget|nc|ncat|netcat|nc\.\w+|socat|telnet|ssh|scp|sftp|rsync|ftp|tftp|git|tar|zip|unzip|gzip|cpio|ar|cp|mv|ln|rm|dd|cat|tac|head|tail|tee|grep|sort|base64|xxd|od|chmod|chown|install|mount|umount|openssl|gpg|docker|podman|ctr|crictl|kubectl|psql|mysql|mysqldump|pg_dumpall|mongo|mongosh|redis-cli|sqlite3|apt|apt-get|dpkg|yum|dnf|rpm|apk|pip[\d.]*|npm|npx|make|gcc|cc|ld|systemctl|crontab|at|screen|tmux|expect|watch|ld-linux.*|ld-musl.*)$/;

/** Longest value that an exception may hold, in characters: a longer one is no habit that a person can read. */
const MAX_VALUE = 1024;

/** The values of an event by which habits are recognised, as text. Null and what Falco prints for nothing are left out. */
export function tellingValues(fields: Readonly<Record<string, unknown>>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (!TELLING.test(name)) continue;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (value === '' || value === '<NA>') continue;
    values.set(name, String(value));
  }
  return values;
}

/**
 * Why a habit must not be let through, in words; undefined where nothing speaks against it.
 * @param lists names of the lists that the rules files define
 */
export function distrust(
  values: ReadonlyMap<string, string>,
  lists: ReadonlySet<string>,
): string | undefined {
  const program = values.get(PROGRAM);
  if (program === undefined) return `no ${PROGRAM} says which program it is`;
  if (!program.startsWith('/')) return `${PROGRAM} is no whole path`;
  for (const [name, value] of values) {
    if (value.length > MAX_VALUE) return `${name} is too long to be read`;
    if (!isPlain(value)) return `${name} holds characters that can't be seen`;
    if (!isRepresentable(value, lists)) return `${name} can't be written so that Falco reads it as it is`;
    if (WRITABLE.test(value)) return `${name} names a place where an intruder may write`;
  }
  for (const [name, value] of values) if (SENSITIVE.test(value)) return `${name} names secrets or rights`;
  if ((values.get(TERMINAL) ?? '0') !== '0') return 'it was done at a terminal';
  const command = values.get(COMMAND);
  if (command === undefined && isGeneral(program)) return `${program} does what its ${COMMAND} says`;
  if (command !== undefined && isGeneral(program) && !values.has(DIRECTORY) && readsRelative(command))
    return `${COMMAND} names a file by a relative path, and no ${DIRECTORY} says where`;
  return undefined;
}

/** Whether a program does whatever its command says. @param program whole path */
export function isGeneral(program: string): boolean {
  return GENERAL.test(program.slice(program.lastIndexOf('/') + 1));
}

/**
 * Whether an interpreter is given a script by a relative path: the first word that is no option, and looks like a file.
 * With `-c` or `-e` the command holds the code itself.
 */
function readsRelative(command: string): boolean {
  for (const word of command.split(' ').slice(1)) {
    if (/^-\w*[ce]$/.test(word)) return false;
    if (word.startsWith('-')) continue;
    return /^[^/].*\.\w{1,4}$/.test(word) && !word.includes('://');
  }
  return false;
}

/** Nothing that is not seen, that is not one line, or that Falco replaced as no Unicode. */
export function isPlain(value: string): boolean {
  return value.isWellFormed() && !/[\p{C}\p{Zl}\p{Zp}\ufffd]/u.test(value);
}
