/**
 * Names of lists that are more than one word, such as `test list`. They work in Falco, which inserts lists as text before
 * it parses a condition. Here each odd character is replaced by one other, so places stay true.
 */

const WORD = /^[^()"'\s=,]+$/;
const ODD = /[()"'\s=,]/g;
/** A character that nobody types. */
const MASK = '\ue000';
/** What may be beside a list's name. */
const DELIMITER = /[\s(),=]/;
const QUOTED = /("[^"]*"|'[^']*')/;

export class Masks {
  readonly #names = new Map<string, string>();

  constructor(lists: Iterable<string>) {
    for (const name of lists) if (!WORD.test(name)) this.#names.set(name.replace(ODD, MASK), name);
  }

  /** The list's name that a word stands for; the word itself where it is no masked name. */
  nameOf(word: string): string {
    return this.#names.get(word) ?? word;
  }

  /** The condition with such names as single words. */
  mask(condition: string): string {
    if (this.#names.size === 0) return condition;
    return condition
      .split(QUOTED)
      .map((part, index) => (index % 2 === 1 ? part : this.#maskPart(part)))
      .join('');
  }

  #maskPart(text: string): string {
    let masked = text;
    for (const [mask, name] of this.#names)
      for (let at = masked.indexOf(name); at >= 0; at = masked.indexOf(name, at + 1))
        if (isFree(masked, at, name.length))
          masked = masked.slice(0, at) + mask + masked.slice(at + name.length);
    return masked;
  }
}

function isFree(text: string, at: number, length: number): boolean {
  return [text[at - 1], text[at + length]].every((beside) => beside === undefined || DELIMITER.test(beside));
}
