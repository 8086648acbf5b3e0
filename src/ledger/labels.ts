/** The labels that the configuration adds to `falco_events_total`, and what fills them. */
import { priorityWord } from '../event/priority.ts';
import type { WantedField } from '../event/scan/scanner.ts';

/** A label, and what fills it: a field of the event (an output field, else a key of the event itself), or a text. */
export type ExtraLabel = { label: string; field: string } | { label: string; text: string };

/** What is known of an event besides the fields that are asked for. */
interface Known {
  rule: string;
  priority: string;
  source: string;
}

/** Keys of the event itself that need not be asked for: of each tuple they are known, and of a rule beforehand. */
const KNOWN = new Map<string, (known: Known) => string>([
  ['rule', ({ rule }) => rule],
  ['priority', ({ priority }) => priorityWord(priority)],
  ['source', ({ source }) => source],
]);

/** Keys of the event itself that are no label: each event has another, or they are no text. */
const NEVER = ['time', 'output_fields'];

export class ExtraLabels {
  /** The fields that `values` needs, in this order: of each name the output field, then the event's own key. */
  readonly wanted: readonly WantedField[];
  readonly #labels: readonly ExtraLabel[];

  constructor(labels: readonly ExtraLabel[]) {
    this.#labels = labels;
    this.wanted = this.fields.flatMap((name) => [
      { name },
      ...(NEVER.includes(name) ? [] : [{ name, top: true }]),
    ]);
  }

  get names(): string[] {
    return this.#labels.map(({ label }) => label);
  }

  /** The fields that only an event can tell. */
  get fields(): string[] {
    const fields = this.#labels.flatMap((label) => ('field' in label ? [label.field] : []));
    return [...new Set(fields)].filter((name) => !KNOWN.has(name));
  }

  /**
   * In the order of the labels; "" where the event has no answer.
   * @param answers of the wanted fields, in their order
   */
  values(answers: readonly (string | null)[], known: Known): string[] {
    const answer = (field: string) =>
      answers.find((given, at) => given !== null && this.wanted[at]!.name === field);
    return this.#labels.map((label) => {
      if ('text' in label) return label.text;
      return KNOWN.get(label.field)?.(known) ?? answer(label.field) ?? '';
    });
  }

  /** The same for a rule's events to come; undefined where only an event can tell. */
  expected(known: Known): string[] | undefined {
    return this.fields.length > 0 ? undefined : this.values([], known);
  }
}
