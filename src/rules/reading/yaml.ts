/**
 * YAML with places. Read with the failsafe schema, so that every scalar is the text in the file, as
 * Falco's own reader (yaml-cpp) sees it. The parser's worst case, measured on hostile text, is 16 s a MiB on a busy
 * machine, 1 s for real rules: so the files of one load share a budget of MAX_YAML_BYTES (files.ts).
 */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Place } from '../../errors.ts';
import { type Problems, quote } from './problem.ts';

/** With every alias written out, a file may have this many nodes; the stock rules have about 5,000. */
export const MAX_NODES = 1_000_000;

/** One parsed file. */
export class YamlFile {
  readonly name: string;
  readonly text: string;
  readonly #lines: LineCounter;
  readonly #aliases = new Map<Alias, Node>();
  /** The contents of its documents that are not empty. */
  readonly documents: Node[] = [];

  private constructor(name: string, text: string, lines: LineCounter) {
    this.name = name;
    this.text = text;
    this.#lines = lines;
  }

  /** Undefined where the text is not YAML or explodes; the reason is then among the problems. */
  static parse(name: string, text: string, problems: Problems): YamlFile | undefined {
    const lines = new LineCounter();
    const file = new YamlFile(name, text, lines);
    let documents: Document.Parsed<ParsedNode>[];
    try {
      const parsed = parseAllDocuments(text, {
        schema: 'failsafe',
        lineCounter: lines,
        uniqueKeys: false, // its check takes quadratic time; entries() has one of its own
        prettyErrors: false,
        strict: false, // Falco reads more than the letter of YAML 1.2 allows
        logLevel: 'silent',
      });
      documents = Array.isArray(parsed) ? parsed : [];
      for (const document of documents) {
        const fault = document.errors[0];
        if (fault) return file.#refuse(problems, fault.pos[0], fault.message);
        if (document.contents === null) continue;
        if (!file.#resolveAliases(document.contents, problems)) return undefined;
        if (!isNothing(document.contents)) file.documents.push(document.contents);
      }
    } catch (error) {
      // nesting so deep that the parser's recursion ends
      return file.#refuse(problems, 0, error instanceof Error ? error.message : String(error));
    }
    return file;
  }

  place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.name, line, column: col };
  }

  placeOf(node: unknown): Place {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.place(range[0]) : { file: this.name };
  }

  /** An alias's anchored node; any other node itself. */
  node(node: unknown): Node | undefined {
    if (isAlias(node)) return this.#aliases.get(node);
    return (node as Node | null) ?? undefined;
  }

  map(node: unknown): YAMLMap | undefined {
    const real = this.node(node);
    return isMap(real) ? real : undefined;
  }

  sequence(node: unknown): YAMLSeq | undefined {
    const real = this.node(node);
    return isSeq(real) ? real : undefined;
  }

  /** A scalar that says something; null, `~` and nothing at all are not one, as in yaml-cpp. */
  scalar(node: unknown): Scalar<string> | undefined {
    const real = this.node(node);
    return isScalar(real) && !isNothing(real) ? (real as Scalar<string>) : undefined;
  }

  /** The entries of a map whose keys are scalars; of a key given twice the first counts, as in Falco. */
  entries(map: YAMLMap, problems?: Problems): Map<string, { key: Scalar<string>; value: unknown }> {
    const entries = new Map<string, { key: Scalar<string>; value: unknown }>();
    for (const pair of map.items) {
      const key = this.scalar(pair.key);
      if (!key) continue;
      if (!entries.has(key.value)) entries.set(key.value, { key, value: pair.value });
      else
        problems?.error(
          'RULES_DUPLICATE_KEY',
          this.placeOf(pair.key),
          `the key ${quote(key.value)} stands twice in one item`,
          'Falco takes the first and says nothing: keep the one that is meant.',
        );
    }
    return entries;
  }

  /** Resolves each alias to the anchor before it, and refuses what would be too large once written out. */
  #resolveAliases(root: Node, problems: Problems): boolean {
    const anchors = new Map<string, { node: Node; weight: number }>();
    let fault: { place: Alias; what: string } | undefined;
    const weigh = (node: unknown): number => {
      if (isAlias(node)) {
        const anchor = anchors.get(node.source);
        if (anchor) this.#aliases.set(node, anchor.node);
        else fault ??= { place: node, what: `no anchor ${quote(node.source)} stands before this alias` };
        return anchor?.weight ?? 1;
      }
      let weight = 1;
      if (isMap(node)) for (const pair of node.items) weight += weigh(pair.key) + weigh(pair.value);
      else if (isSeq(node)) for (const item of node.items) weight += weigh(item);
      const anchor = (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor;
      if (anchor) anchors.set(anchor, { node: node as Node, weight });
      return weight;
    };
    const weight = weigh(root);
    if (fault) this.#refuse(problems, fault.place.range![0], fault.what);
    else if (weight > MAX_NODES)
      problems.error(
        'YAML_ALIASES',
        this.placeOf(this.#aliases.keys().next().value),
        `its aliases, written out, would make more than ${MAX_NODES} nodes`,
        'Rules need few anchors: write the values themselves.',
      );
    return !fault && weight <= MAX_NODES;
  }

  #refuse(problems: Problems, offset: number, what: string): undefined {
    problems.error(
      'YAML_SYNTAX',
      this.place(offset),
      what,
      'Correct the YAML; nothing of this file was read.',
    );
  }
}

function isNothing(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value));
}
