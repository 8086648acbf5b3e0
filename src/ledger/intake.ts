/** From lines to counts, in one synchronous step: when `take` returns, the source may move its position past them. */
import type { Clock } from '../clock.ts';
import type { Framed } from '../event/framing/framing.ts';
import { outcomeOf, type Refusal, type RefusalKind, refusals } from '../event/framing/refusal.ts';
import type { Batch, Scanner } from '../event/scan/scanner.ts';
import type { Ledger } from './ledger.ts';

export interface IntakeOptions {
  ledger: Ledger;
  clock: Clock;
  /** Called for every batch that is no part of the baseline, while it and the scanned bytes are still there. */
  counted(batch: Batch, now: number, payload: Uint8Array): void;
  /** The same, of a batch that is part of the baseline. */
  before?(batch: Batch, payload: Uint8Array): void;
  /** Called for the first refused line of each kind, and now and then of one that came since. */
  refused(refusal: Refusal, input: string): void;
  /** Fields that the configuration names and no event of the first thousand had. */
  missed(fields: readonly string[]): void;
}

/** Of each kind no more is logged within so many milliseconds. */
const QUIET = 600_000;
/** So many refused lines of a batch are looked at again: a flood of them must not cost more than it has to. */
const MOST_EXPLAINED = 256;

export class Intake {
  readonly #options: IntakeOptions;
  #scanner: Scanner;
  #taking = false;
  readonly #lastLine = new Map<string, number>();
  /** When each kind was last logged, by the monotonic clock. */
  readonly #logged = new Map<RefusalKind, number>();

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
    const { ledger, clock, counted, missed } = this.#options;
    this.#taking = true;
    const batch = this.#scanner.scan(framed.payload);
    const why = framed.judge?.(batch, framed.payload);
    // All of a post, or none.
    if (why) {
      this.#taking = false;
      return;
    }
    const refused = ledger.count(batch, framed.payload, this.#scanner);
    ledger.skip('text', framed.text);
    ledger.skip('oversized', framed.oversized);
    if (framed.refused) ledger.skip(outcomeOf(framed.refused), 1);
    ledger.read(input, bytes);
    const absent = ledger.takeAbsentFields();
    if (absent.length > 0) missed(absent);
    const now = clock.now();
    this.#lastLine.set(input, now);
    if (ledger.inBaseline) this.#options.before?.(batch, framed.payload);
    else counted(batch, now, framed.payload);
    if (refused > 0)
      for (const refusal of refusals(batch, framed.payload, MOST_EXPLAINED)) this.#refuse(refusal, input);
    if (framed.oversized > 0) this.#refuse({ kind: 'oversized' }, input);
    if (framed.refused) this.#refuse(framed.refused, input);
    this.#taking = false;
  }

  /** Whether an error ended a `take` in its middle: what is counted and the source's position don't agree. */
  get torn(): boolean {
    return this.#taking;
  }

  #refuse(refusal: Refusal, input: string): void {
    const now = this.#options.clock.monotonic();
    if (now - (this.#logged.get(refusal.kind) ?? Number.NEGATIVE_INFINITY) < QUIET) return;
    this.#logged.set(refusal.kind, now);
    this.#options.refused(refusal, input);
  }

  /** When the last line of an input was read, in milliseconds since the epoch; undefined: none yet. */
  lastLine(input: string): number | undefined {
    return this.#lastLine.get(input);
  }
}
