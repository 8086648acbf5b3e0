/**
 * What comes before an event if Falco's lines came through journald, syslog, compose, kubectl or stern, or with a
 * time before each.
 *
 * It is recognised by its whole shape: everything before the line's first brace must be
 * names, numbers and times in one of the orders below, and all that follows must be one JSON object. So no text of an
 * event can pass for another event:
 *
 * - in a line of JSON it is inside a string, after that line's own brace, with its quotes escaped;
 * - in a line of Falco's text format it follows a time with a colon and a priority, which is no shape here;
 * - in any other line it follows words that are none either.
 *
 * No shape says who wrote a line: a program that shares its syslog, compose log or journal with Falco can
 * print whole events, as it could into the file itself.
 */
import { FALCO_TEXT } from './text.ts';

const BRACE = 0x7b;
const NUL = 0x00;
const ESCAPE = 0x1b;
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const FIRST_OF_MARK = 0xef;

/** Longest prefix, in bytes. */
const LONGEST = 1024;
/** Longest part of a line that is looked at for one: with the beginning of an event in Falco's text format. */
const LOOKED_AT = LONGEST + 64;

/** Colour codes of a terminal. */
const COLOUR = '\\x1b(?:\\[[\\d;:]{0,32}[mK]|\\(B)';
/** What is skipped wherever a prefix may be: a byte-order mark, NULs (copytruncate leaves them), colours. */
const MARKS = new RegExp(`${BYTE_ORDER_MARK}|\\x00+|${COLOUR}`, 'g');
const COLOURS_AT_END = new RegExp(`(?:${COLOUR}|\\s)+$`);
/** Longest row of colour codes at the end of a line, in bytes. */
const AT_END = 64;

const NAME = '[\\w.@/-]{1,255}';
const DNS = '[a-z0-9][a-z0-9.-]{0,252}';
const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?';
const ISO = `\\d{4}[-/]\\d\\d[-/]\\d\\d[Tt ]${CLOCK}(?: ?(?:[Zz]|UTC|[+-]\\d\\d:?\\d\\d))?`;
const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
/** As RFC 3164 has it, some with the year. */
const BSD = `(?:${MONTHS}) [ \\d]\\d (?:\\d{4} )?${CLOCK}`;
/** As journalctl prints it with -o short-full, short-unix and short-monotonic. */
const JOURNAL = `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${ISO}(?: [A-Z]{1,5})?|\\[ {0,8}\\d{1,12}\\.\\d{6}\\]|\\d{9,11}\\.\\d{6}`;
const SYSLOG_PRIORITY = '<\\d{1,3}>';
/** `falco[9]: `, before it a host and, from BusyBox, facility and level. */
const TAG = `(?:${NAME} )?(?:[a-z0-9]{2,9}\\.[a-z]{3,7} )?${NAME}(?:\\[\\d{1,10}\\])?: ?`;
/** RFC 5424, in a stream behind its length. */
const RFC5424 = `(?:\\d{1,7} )?${SYSLOG_PRIORITY}1 (?:${ISO}|-)(?: [!-~]{1,255}){4} (?:-|(?:\\[(?:[^\\]\\\\]|\\\\.)*\\])+) ?`;
const SYSLOG = [
  `(?:${SYSLOG_PRIORITY})?(?:${BSD}|${ISO}|${JOURNAL}) ${TAG}(?:@cee: ?)?`,
  `${SYSLOG_PRIORITY} ?(?:${TAG})?`,
  RFC5424,
  // journalctl -o export, and -o verbose.
  'MESSAGE=',
].join('|');
/** `falco  | `, `[pod/falco-abcde/falco] `, `falco-abcde falco ` (stern, for all namespaces with one before it). */
const OF_WHOM = [
  `\\[?${NAME}\\]? *\\| ?`,
  `\\[pod/${DNS}/${DNS}\\] `,
  // Three plain words are little evidence. A pod's name ends as its controller ends it, or one of them is Falco's.
  `(?:${DNS} )?(?=[a-z0-9.-]*(?:-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\\d{1,5}) |falco)|[a-z0-9.-]+ [a-z0-9.-]*falco)${DNS} ${DNS} `,
].join('|');
/** What `--timestamps` puts there; brackets as some loggers have them, the other form from `ts`. */
const TIME = `\\[?${ISO}\\]?[ \\t]|${BSD} `;
const PREFIX = `(?:${OF_WHOM})?(?:(?:${TIME})?(?:${SYSLOG})|${TIME})?`;

const WHOLE_PREFIX = new RegExp(`^${PREFIX}\\s*$`);
const TEXT_FORMAT = new RegExp(`^${PREFIX}${FALCO_TEXT.source}`);

const LEADING_PREFIX = new RegExp(`^${PREFIX}`);

/** A line of words without what such a prefix put before them; words that could be one go with it, unless indented. */
export function withoutPrefix(text: string): string {
  return withoutMarks(text).replace(LEADING_PREFIX, '').trim();
}

/** What a line of known words says, whatever such a prefix is before them. @param words a pattern up to the line's end */
export function behindPrefix(words: string): (text: string) => RegExpExecArray | null {
  const pattern = new RegExp(`^${PREFIX}${words}$`);
  return (text) => pattern.exec(withoutMarks(text));
}

/** What a line is that doesn't begin with a brace and has no event behind a known prefix. */
export type Unlike = 'text' | 'text format' | 'behind';

/** Skips a byte-order mark, NULs and colour codes, and blanks between them. @returns `end` where there is nothing else */
export function skipMarks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === NUL || byte === 0x20 || byte === 0x09 || byte === 0x0d) at++;
    else if (byte === FIRST_OF_MARK && bytes.toString('latin1', at, at + 3) === BYTE_ORDER_MARK) at += 3;
    else if (byte === ESCAPE) {
      const found = COLOUR_HERE.exec(bytes.toString('latin1', at, Math.min(end, at + AT_END)));
      if (!found) break;
      at += found[0].length;
    } else break;
  }
  return at;
}
const COLOUR_HERE = new RegExp(`^${COLOUR}`);

/** Whether a line may begin with such marks; by its first byte. */
export function isMark(byte: number): boolean {
  return byte === NUL || byte === FIRST_OF_MARK || byte === ESCAPE;
}

/**
 * Looks for the event in a line whose first byte is no brace.
 * @returns where what begins with a brace stands, be it JSON or not, up to the line's end; or what the line is instead: 'behind' is what looks
 * like an event behind something that is no known prefix
 */
export function findEvent(bytes: Buffer, start: number, end: number): number | Unlike {
  const line = bytes.subarray(start, end);
  const brace = line.indexOf(BRACE);
  const head = line.toString('latin1', 0, LOOKED_AT);
  if (brace >= 0 && brace <= LONGEST && WHOLE_PREFIX.test(withoutMarks(head.slice(0, brace))))
    return start + brace;
  if (TEXT_FORMAT.test(withoutMarks(head))) return 'text format';
  const looksLikeEvent =
    brace >= 0 && line.indexOf('"rule"', brace) >= 0 && line.indexOf('"priority"', brace) >= 0;
  return looksLikeEvent ? 'behind' : 'text';
}

/** @returns where a line ends that has colour codes at its end, without them */
export function skipColoursAtEnd(bytes: Buffer, start: number, end: number): number {
  const tail = bytes.toString('latin1', Math.max(start, end - AT_END), end);
  return end - (COLOURS_AT_END.exec(tail)?.[0].length ?? 0);
}

function withoutMarks(text: string): string {
  return text.replace(MARKS, '').trimStart();
}
