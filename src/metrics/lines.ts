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
  /** In OpenMetrics only: when a counter was created, in milliseconds since the epoch. The same for its life. */
  created?(key: Key): number;
  /** In OpenMetrics only: of one that was counted. */
  exemplar?: {
    /** As text, with their braces. */
    labels: string;
    /** Its time in milliseconds since the epoch; NaN: not known. An earlier one than before is left out. */
    time(key: Key): number;
  };
}

/** Samples of one block: the smaller, the less is made again for one that has changed. */
const BLOCK = 256;

interface Block<Key> {
  keys: Key[];
  /** Name and labels of each; '' where they are yet to be made. */
  names: string[];
  made: Map<Format, Made>;
}

interface Made {
  values: Float64Array;
  /** Times of the exemplars; NaN: none. */
  times: Float64Array;
  text: Buffer;
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
    const { keys } = block;
    const known = block.made.get(format);
    const values = known?.values ?? new Float64Array(keys.length);
    const times = known?.times ?? new Float64Array(keys.length).fill(Number.NaN);
    const exemplar = format === 'openmetrics' ? this.#samples.exemplar : undefined;
    let changed = known === undefined;
    for (const [at, key] of keys.entries()) {
      const now = value(key);
      if (exemplar && now > 0) {
        const time = exemplar.time(key);
        // Prometheus warns of each that is older than one that it has.
        if (time > times[at]! || Number.isNaN(times[at]!)) times[at] = time;
      }
      if (values[at] === now) continue;
      values[at] = now;
      changed = true;
    }
    if (!changed) return known!.text;
    const made = { values, times, text: Buffer.from(this.#text(block, format, values, times)) };
    block.made.set(format, made);
    return made.text;
  }

  #text({ keys, names }: Block<Key>, format: Format, values: Float64Array, times: Float64Array): string {
    const { name, labels, created, exemplar } = this.#samples;
    const family = name.replace(/_total$/, '');
    let text = '';
    for (const [at, key] of keys.entries()) {
      names[at] ||= sampleName(name, labels(key));
      text += `${names[at]} ${values[at]}`;
      if (exemplar && !Number.isNaN(times[at]!)) text += ` # ${exemplar.labels} 1 ${times[at]! / 1000}`;
      text += '\n';
      if (created && format === 'openmetrics')
        text += `${family}_created${names[at]!.slice(name.length)} ${created(key) / 1000}\n`;
    }
    return text;
  }
}
