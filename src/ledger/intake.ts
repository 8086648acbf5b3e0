/** From lines to counts, in one synchronous step: when `take` returns, the source may move its position past them. */
import type { Clock } from '../clock.ts';
import type { Framed } from '../event/framing.ts';
import { type Batch, OUTCOME, type Scanner } from '../event/scanner.ts';
import { FALCO_TEXT_PREFIX, isFalcoText } from '../event/text.ts';
import type { Ledger } from './ledger.ts';

export interface IntakeOptions {
  ledger: Ledger;
  clock: Clock;
  /** Told of every batch that is no part of the baseline, while it and the bytes that were scanned still stand. */
  counted(batch: Batch, now: number, payload: Uint8Array): void;
  /** The first line in Falco's text format: nothing can be counted until Falco prints JSON. */
  foundText(): void;
  /** Fields that the configuration names and no event of the first thousand had. */
  missed(fields: readonly string[]): void;
}

export class Intake {
  readonly #options: IntakeOptions;
  #scanner: Scanner;
  readonly #lastLine = new Map<string, number>();
  #textFound = false;

  constructor(options: IntakeOptions, scanner: Scanner) {
    this.#options = options;
    this.#scanner = scanner;
  }

  /** What sources should read into; undefined: anything. */
  get buffer(): Buffer | undefined {
    return this.#scanner.buffer;
  }

  /** From the next line on, reads with another scanner: one that gives what the ledger has come to want. */
  use(scanner: Scanner): void {
    this.#scanner = scanner;
  }

  /** @param bytes of the input that these lines were */
  take(framed: Framed, input: string, bytes: number): void {
    const { ledger, clock, counted, foundText, missed } = this.#options;
    const batch = this.#scanner.scan(framed.payload);
    ledger.count(batch, framed.payload, this.#scanner);
    ledger.skip('text', framed.text);
    ledger.skip('oversized', framed.oversized);
    ledger.read(input, bytes);
    const absent = ledger.takeAbsentFields();
    if (absent.length > 0) missed(absent);
    const now = clock.now();
    this.#lastLine.set(input, now);
    if (!ledger.inBaseline) counted(batch, now, framed.payload);
    if (!this.#textFound && holdsFalcoText(batch, framed.payload)) {
      this.#textFound = true;
      foundText();
    }
  }

  /** When the last line of an input was read, in milliseconds since the epoch; undefined: none yet. */
  lastLine(input: string): number | undefined {
    return this.#lastLine.get(input);
  }
}

function holdsFalcoText(batch: Batch, payload: Uint8Array): boolean {
  const line = batch.tuple.subarray(0, batch.lines).indexOf(OUTCOME.malformed);
  if (line < 0) return false;
  const start = batch.start[line]!;
  return isFalcoText(Buffer.from(payload.subarray(start, start + FALCO_TEXT_PREFIX)).toString());
}
