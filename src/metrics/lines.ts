/**
 * The lines of one family as text, kept in blocks: a block is made again only where one of its values, or what it holds,
 * has changed. How they are written is prom-client's way; a test holds the two against each other.
 */
import { type Format, head, sampleName } from './format.ts';

/** A family whose samples may be many. */
export interface Samples<Key> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Which there are now, in their order. What is equal has the same labels, always. */
  keys(): Iterable<Key>;
  labels(key: Key): Iterable<readonly [name: string, value: string]>;
}

/** Samples of one block: the smaller, the less is made again for one that has changed. */
const BLOCK = 256;

interface Block<Key> {
  keys: Key[];
  /** Name and labels of each; '' where they are yet to be made. */
  names: string[];
  made: Map<Format, { values: Float64Array; text: Buffer }>;
}

export class Lines<Key> {
  readonly #samples: Samples<Key>;
  readonly #headings = new Map<Format, Buffer>();
  readonly #blocks: Block<Key>[] = [];

  constructor(samples: Samples<Key>) {
    this.#samples = samples;
  }

  /** The family's text in pieces, which are kept and shared: not to be changed. */
  text(format: Format, value: (key: Key) => number): Buffer[] {
    this.#place();
    return [this.#head(format), ...this.#blocks.map((block) => this.#block(block, format, value))];
  }

  #head(format: Format): Buffer {
    const known = this.#headings.get(format);
    if (known) return known;
    const { name, help, type } = this.#samples;
    const made = Buffer.from(head(format, name, help, type));
    this.#headings.set(format, made);
    return made;
  }

  /** Puts each key where it stands now. */
  #place(): void {
    let next = 0;
    let block: Block<Key> | undefined;
    let at = BLOCK;
    for (const key of this.#samples.keys()) {
      if (at === BLOCK) {
        block = this.#blocks[next++] ?? this.#more();
        at = 0;
      }
      if (block!.keys[at] !== key) {
        block!.keys[at] = key;
        block!.names[at] = '';
        block!.made.clear();
      }
      at++;
    }
    this.#blocks.length = next;
    if (!block || block.keys.length === at) return;
    block.keys.length = at;
    block.names.length = at;
    block.made.clear();
  }

  #more(): Block<Key> {
    const block = { keys: [], names: [], made: new Map() };
    this.#blocks.push(block);
    return block;
  }

  #block(block: Block<Key>, format: Format, value: (key: Key) => number): Buffer {
    const { keys, names } = block;
    const known = block.made.get(format);
    const values = known?.values ?? new Float64Array(keys.length);
    let changed = known === undefined;
    for (const [at, key] of keys.entries()) {
      const now = value(key);
      if (values[at] === now) continue;
      values[at] = now;
      changed = true;
    }
    if (!changed) return known!.text;
    let text = '';
    for (const [at, key] of keys.entries()) {
      names[at] ||= sampleName(this.#samples.name, this.#samples.labels(key));
      text += `${names[at]} ${values[at]}\n`;
    }
    const made = { values, text: Buffer.from(text) };
    block.made.set(format, made);
    return made.text;
  }
}
