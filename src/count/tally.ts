/**
 * Falco's closing tally. It prints one when it stops, and whenever it restarts within its process, for the events since
 * the last one.
 *
 *     Events detected: 3
 *     Rule counts by severity:
 *        WARNING: 3
 *     Triggered rules by rule name:
 *        Terminal shell in container: 3
 *
 * It counts the events of rules, not Falco's own, so a count can be checked against it.
 */
import { behindPrefix, withoutPrefix } from '../event/line/prefix.ts';
import { type Batch, OUTCOME, type Scanner } from '../event/scan/scanner.ts';

/** One tally beside the count of the events that came before it. */
export interface Tally {
  detected: number;
  counted: number;
  agrees: boolean;
  /** Rules for which Falco's number and our count differ. */
  differences: { rule: string; falco: number; counted: number }[];
}

const detectedIn = behindPrefix('Events detected: (\\d+)');
const isByName = behindPrefix('Triggered rules by rule name:');
const ENTRY = /^(.+): (\d+)$/;

export class Tallies {
  readonly #done: Tally[] = [];
  #counted = new Map<string, number>();
  /** `prefixed`: its lines have something before them, as events may. */
  #open: { detected: number; rules: Map<string, number>; byName: boolean; prefixed: boolean } | undefined;

  /** Takes the lines of a batch in their order. */
  take(batch: Batch, payload: Uint8Array, scanner: Scanner): void {
    for (let line = 0; line < batch.lines; line++) {
      const tuple = batch.tuple[line]!;
      if (tuple === OUTCOME.text) this.#text(lineText(payload, batch.start[line]!, batch.end[line]!));
      else this.#close();
      if (tuple < 0) continue;
      const { rule } = scanner.tuple(tuple);
      this.#counted.set(rule, (this.#counted.get(rule) ?? 0) + 1);
    }
  }

  /** All tallies, at the end of the input. */
  finish(): Tally[] {
    this.#close();
    return this.#done;
  }

  #text(line: string): void {
    const detected = detectedIn(line)?.[1];
    if (detected !== undefined) {
      this.#close();
      const prefixed = !line.startsWith('Events');
      this.#open = { detected: Number(detected), rules: new Map(), byName: false, prefixed };
      return;
    }
    if (isByName(line) && this.#open) {
      this.#open.byName = true;
    } else if (this.#open?.byName) {
      const [, rule, count] = ENTRY.exec(this.#open.prefixed ? withoutPrefix(line) : line) ?? [];
      if (rule !== undefined) this.#open.rules.set(rule, Number(count));
    }
  }

  #close(): void {
    if (!this.#open) return;
    const { detected, rules } = this.#open;
    const names = [...new Set([...rules.keys(), ...this.#counted.keys()])];
    const differences = names
      .map((rule) => ({ rule, falco: rules.get(rule) ?? 0, counted: this.#counted.get(rule) ?? 0 }))
      .filter(({ falco, counted }) => falco !== counted);
    const counted = [...this.#counted.values()].reduce((sum, count) => sum + count, 0);
    this.#done.push({
      detected,
      counted,
      agrees: detected === counted && differences.length === 0,
      differences,
    });
    this.#counted = new Map();
    this.#open = undefined;
  }
}

/** Longest line of a tally that is looked at, in bytes. */
const MAX_TALLY_LINE = 4096;

function lineText(payload: Uint8Array, start: number, end: number): string {
  return Buffer.from(payload.subarray(start, Math.min(end, start + MAX_TALLY_LINE))).toString();
}
