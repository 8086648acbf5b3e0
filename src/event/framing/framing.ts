/**
 * From the bytes of an input to lines as Falco printed them. Falco's lines come bare, or wrapped by Docker's
 * json-file driver or by a Kubernetes runtime (CRI), each of which cuts long lines in pieces, or by `journalctl -o json`;
 * each line is recognised by itself. Pieces are joined; what the wrapped program wrote to standard error is counted and
 * skipped. prefix.ts recognises what else may come before an event.
 *
 * Pieces not yet joined are the one thing kept between calls. They are bytes that the position has already passed:
 * `pending` says how far back a restart must read again (see `rejoin`) to have them once more.
 */
import { eachLine, isBlank } from '../line/lines.ts';
import { isMark, skipMarks } from '../line/prefix.ts';
import type { Batch } from '../scan/scanner.ts';
import { Payload } from './payload.ts';
import { type Carried, carry, eventWithin, hold, isEvent, type Pending, uncarry } from './pending.ts';
import type { Refusal } from './refusal.ts';
import { unwrapperFor } from './unwrapper.ts';

const BRACE = 0x7b;
const NEWLINE_BYTE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
/** "2026-11-23T14:11:55.137513955Z stdout F ": how a CRI line begins; times are at most 35 characters. */
const CRI = /^\d{4}-\d\d-\d\dT\S{1,40} (stdout|stderr) ([PF])(?::\S{0,40})?(?: |$)/;
const CRI_PREFIX = 96;
/** An escape beyond ASCII: a `u` behind a backslash that is not itself escaped. */
const WIDE_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\u(?!00[0-7])/;
const DOCKER_KEY = '{"log":"';
const DOCKER_LETTER = DOCKER_KEY.charCodeAt(2);
/** Names of the journal's fields begin with a capital or with _. */
const FIRST_OF_JOURNAL = 0x41;
const LAST_OF_JOURNAL = 0x5f;
const MESSAGE = '"MESSAGE"';

/** What `Framing.push` found in the lines given. */
export interface Framed {
  /** Lines as Falco printed them, each with its newline; good until the next call. The bytes given, where none was wrapped. */
  payload: Uint8Array;
  /** Lines of standard error, skipped. */
  text: number;
  /** Joined lines longer than the limit, skipped. */
  oversized: number;
  /** Where it is what was posted and refused: why. It counts as one line. */
  refused?: Refusal;
  /** Asked of what was posted: where it gives a reason, nothing of it is counted. */
  judge?(batch: Batch, payload: Uint8Array): Refusal | undefined;
}

type Stream = 'stdout' | 'stderr';

interface Piece {
  stream: Stream;
  bytes: Buffer;
  /** Whether the line ends with this piece. */
  last: boolean;
}

export class Framing {
  readonly #maxLine: number;
  readonly #fast: boolean;
  readonly #pending = new Map<Stream, Pending>();
  readonly #payload = new Payload();

  /**
   * @param maxLine longest line in bytes; a longer joined one is skipped and counted, and never held whole
   * @param fast whether the kernel may unwrap what is simple, where there is one; the result is the same
   */
  constructor(maxLine: number, fast = true) {
    this.#maxLine = maxLine;
    this.#fast = fast;
  }

  /** Offset of the first piece that waits for its line's end, or undefined: nothing waits. */
  get pending(): number | undefined {
    let first: number | undefined;
    for (const { since } of this.#pending.values()) first = Math.min(since, first ?? since);
    return first;
  }

  /**
   * @param lines whole lines, each with its newline
   * @param offset their place in the input, in bytes
   */
  push(lines: Uint8Array, offset: number): Framed {
    const framed: Framed = { payload: lines, text: 0, oversized: 0 };
    const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
    if (!mayHoldWrapped(bytes)) return framed;
    const out = this.#payload;
    out.begin(bytes.length);
    const simple = this.#fast ? unwrapperFor(bytes) : undefined;
    for (let at = 0; at < bytes.length; ) {
      if (simple && this.#pending.size === 0) {
        at = simple.unwrap(at, this.#maxLine);
        out.add(simple.payload);
      }
      at = this.#takeLine(bytes, at, offset, framed);
    }
    framed.payload = out.bytes;
    return framed;
  }

  /** @returns where the next line begins */
  #takeLine(bytes: Buffer, at: number, offset: number, framed: Framed): number {
    const next = bytes.indexOf(NEWLINE_BYTE, at) + 1 || bytes.length;
    eachLine(bytes.subarray(at, next), (from, to, newline) => {
      const end = at + to;
      const start = isMark(bytes[at + from]!) ? skipMarks(bytes, at + from, end) : at + from;
      // Blanks at the end of a CRI piece may be in the middle of a line.
      const piece =
        bytes[start] === BRACE ? dockerPiece(bytes, start, end) : criPiece(bytes, start, at + newline);
      if (piece) this.#join(piece, offset + start, framed);
      else this.#payload.addLine(journalMessage(bytes, start, end) ?? bytes.subarray(at + from, end));
    });
    return next;
  }

  /**
   * Takes over the pieces that wait in the file before this one: a runtime may begin the next file in the middle of a
   * line. Until the line is whole a snapshot holds them (`carried`).
   */
  adopt(before: Framing): void {
    for (const [stream, pending] of before.#pending) this.#pending.set(stream, carry(pending));
    before.#pending.clear();
  }

  /** Pieces of files before this one that wait for their line's end; undefined: there are none. */
  get carried(): Carried | undefined {
    return this.#pending.get('stdout')?.carried;
  }

  /** Has again what was carried before a restart. */
  restore(carried: Carried): void {
    this.#pending.set('stdout', uncarry(carried));
  }

  /** Reads pieces again after a restart, whose whole lines were counted before it. */
  rejoin(lines: Uint8Array, offset: number): void {
    this.push(lines, offset);
  }

  /** The line whose end never came, for a file that is finished; undefined where none waits. */
  flush(): Framed | undefined {
    const waiting = this.#pending.get('stdout');
    this.#pending.clear();
    if (!waiting) return undefined;
    const oversized = waiting.length > this.#maxLine ? 1 : 0;
    return { payload: Buffer.concat([waiting.held.bytes, NEWLINE]), text: 0, oversized };
  }

  #join(piece: Piece, offset: number, framed: Framed): void {
    const { stream, bytes, last } = piece;
    const waiting = this.#pending.get(stream);
    const length = (waiting?.length ?? 0) + bytes.length;
    if (last) {
      if (waiting) this.#pending.delete(stream);
      if (stream === 'stdout') this.#addJoined(waiting, bytes, length, framed);
      else if (length > this.#maxLine) framed.oversized++;
      else if (length > 0) framed.text++;
      return;
    }
    const pending = waiting ?? { since: offset, held: new Payload(), starts: [], length: 0 };
    // Of a line that is too long, and of standard error, only the length is kept.
    if (length > this.#maxLine) pending.held = new Payload();
    else if (stream === 'stdout') hold(pending, bytes);
    pending.length = length;
    this.#pending.set(stream, pending);
  }

  /** If an event begins in the middle, what comes before it is a line of its own, and takes no good event with it. */
  #addJoined(waiting: Pending | undefined, bytes: Buffer, length: number, framed: Framed): void {
    if (length > this.#maxLine) {
      framed.oversized++;
      if (bytes.length < length && isEvent(bytes)) this.#payload.addLine(bytes);
      return;
    }
    const held = waiting?.held.bytes ?? EMPTY;
    const start = waiting ? eventWithin(waiting, bytes) : 0;
    if (start > 0) this.#payload.addLine(held.subarray(0, start));
    this.#payload.addLine(held.subarray(start), bytes);
  }
}

const EMPTY = Buffer.alloc(0);

const NEWLINE = Buffer.from('\n');

/** Whether any line begins as a wrapped one does. This is looked at in each line there is, so only a byte or two of it. */
function mayHoldWrapped(bytes: Buffer): boolean {
  for (let from = 0; from < bytes.length; ) {
    let start = from;
    while (isBlank(bytes[start])) start++;
    const first = bytes[start]!;
    if (first === BRACE) {
      const letter = bytes[start + 2]!;
      if (letter === DOCKER_LETTER || isOfJournal(letter)) return true;
    } else if ((first >= ZERO && first <= NINE) || isMark(first)) return true;
    const newline = bytes.indexOf(NEWLINE_BYTE, start);
    if (newline < 0) return false;
    from = newline + 1;
  }
  return false;
}

/** `{"log":"…\n","stream":"stdout","time":"…"}`; a piece whose text has no newline at its end goes on in the next. */
function dockerPiece(bytes: Buffer, start: number, end: number): Piece | undefined {
  if (bytes.toString('latin1', start, start + DOCKER_KEY.length) !== DOCKER_KEY) return undefined;
  // As bytes, not characters, where no escape makes a character of more than one byte: it takes half the time.
  const raw = bytes.toString('latin1', start, end);
  const encoding = WIDE_ESCAPE.test(raw) ? 'utf8' : 'latin1';
  let entry: unknown;
  try {
    entry = JSON.parse(encoding === 'latin1' ? raw : bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
  const { log, stream } = entry as { log?: unknown; stream?: unknown };
  if (typeof log !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
  const last = log.endsWith('\n');
  return { stream, bytes: Buffer.from(last ? log.slice(0, -1) : log, encoding), last };
}

/** @returns bytes of the input itself */
function criPiece(bytes: Buffer, start: number, end: number): Piece | undefined {
  const found = CRI.exec(bytes.toString('latin1', start, Math.min(end, start + CRI_PREFIX)));
  if (!found) return undefined;
  const content = bytes.subarray(start + found[0].length, end);
  return { stream: found[1] as Stream, bytes: content, last: found[2] === 'F' };
}

function isOfJournal(letter: number): boolean {
  return letter >= FIRST_OF_JOURNAL && letter <= LAST_OF_JOURNAL;
}

/** What `journalctl -o json` says that was printed; undefined where the line is none of its. */
function journalMessage(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (bytes[start] !== BRACE || !isOfJournal(bytes[start + 2]!)) return undefined;
  const line = bytes.subarray(start, end);
  if (line.indexOf(MESSAGE) < 0) return undefined;
  let entry: { MESSAGE?: unknown; rule?: unknown };
  try {
    entry = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  const { MESSAGE: message, rule } = entry;
  if (typeof rule === 'string') return undefined;
  if (typeof message !== 'string' && !isBytes(message)) return undefined;
  const printed = Buffer.from(message as string);
  // One line was printed: what follows a newline in it must not become another.
  for (let at = printed.indexOf(NEWLINE_BYTE); at >= 0; at = printed.indexOf(NEWLINE_BYTE, at))
    printed[at] = SPACE;
  return printed;
}

/** The journal gives bytes as numbers where they aren't UTF-8. */
function isBytes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
}
