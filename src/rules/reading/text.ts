/** A text that was put together from one or more scalars of YAML files, and still knows where each character stood. */

import type { Scalar } from 'yaml';
import type { Place } from '../../errors.ts';
import type { YamlFile } from './yaml.ts';

/** A scalar and its place. */
export interface Placed {
  value: string;
  place: Place;
}

interface Part {
  text: string;
  place(offset: number): Place;
}

export class Text {
  readonly #parts: Part[];
  #value: string | undefined;

  constructor(parts: Part[]) {
    this.#parts = parts;
  }

  /** The text of one scalar; places in it are exact but for escapes in double quotes. */
  static of(file: YamlFile, scalar: Scalar<string>): Text {
    let offsets: Int32Array | undefined;
    const place = (offset: number) => {
      offsets ??= sourceOffsets(file.text, scalar);
      return file.place(offsets[Math.min(offset, offsets.length - 1)]!);
    };
    return new Text([{ text: scalar.value, place }]);
  }

  /** A text without lines, from a file that is not YAML. */
  static plain(text: string, place: Place): Text {
    return new Text([{ text, place: () => place }]);
  }

  /** Falco appends with one blank between. */
  append(more: Text): Text {
    return new Text([...this.#parts, ...more.#parts]);
  }

  /** Without blanks at both ends. */
  trim(): Text {
    const { value } = this;
    const start = value.length - value.trimStart().length;
    return new Text([{ text: value.trim(), place: (offset) => this.place(start + offset) }]);
  }

  get value(): string {
    this.#value ??= this.#parts.map((part) => part.text).join(' ');
    return this.#value;
  }

  place(offset: number): Place {
    let rest = offset;
    for (const part of this.#parts) {
      if (rest <= part.text.length) return part.place(rest);
      rest -= part.text.length + 1;
    }
    return this.#parts[0]!.place(0);
  }
}

/**
 * The place of each character of a scalar's value in the source, and one more for its end. Folding changes only
 * blanks, so both are walked side by side: a blank of the value stands where the character before it ended.
 */
function sourceOffsets(source: string, scalar: Scalar<string>): Int32Array {
  const [start, end] = scalar.range!;
  let at = start;
  if (scalar.type?.startsWith('BLOCK')) at = source.indexOf('\n', start) + 1;
  else if (scalar.type?.startsWith('QUOTE')) at++;
  const offsets = new Int32Array(scalar.value.length + 1);
  for (let i = 0; i < scalar.value.length; i++) {
    const char = scalar.value[i]!;
    if (char.trim() !== '') while (at < end && source[at] !== char) at++;
    offsets[i] = Math.min(at, end);
    if (char.trim() !== '') at++;
  }
  offsets[scalar.value.length] = Math.min(at, end);
  return offsets;
}
